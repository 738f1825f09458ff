#include "workers.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace authkit::server;

namespace {

/// Holds the pool's only thread until it is released, so that the queue can be filled in a known order.
class Gate {
 public:
  Job job() {
    return {[this] {
              entered_.set_value();
              open_.get_future().wait();
            },
            [] {}};
  }
  void wait_until_entered() { entered_.get_future().wait(); }
  void open() { open_.set_value(); }

 private:
  std::promise<void> entered_;
  std::promise<void> open_;
};

class Record {
 public:
  Job job(const std::string& name) {
    return {[this, name] { note("ran " + name); }, [this, name] { note("refused " + name); }};
  }
  std::vector<std::string> taken() {
    const std::lock_guard lock(mutex_);
    return std::move(notes_);
  }

 private:
  void note(std::string text) {
    const std::lock_guard lock(mutex_);
    notes_.push_back(std::move(text));
  }
  std::mutex mutex_;
  std::vector<std::string> notes_;
};

}  // namespace

TEST_CASE("clients take turns, whatever one of them has queued") {
  Gate gate;
  Record record;
  {
    Pool pool({1, 16, 0});
    REQUIRE(pool.submit("gate", gate.job()));
    gate.wait_until_entered();
    for (const char* name : {"a1", "a2", "a3"}) REQUIRE(pool.submit("a", record.job(name)));
    REQUIRE(pool.submit("b", record.job("b1")));
    gate.open();
  }
  CHECK(record.taken() == std::vector<std::string>{"ran a1", "ran b1", "ran a2", "ran a3"});
}

TEST_CASE("a full queue refuses at once the client that has its share, and makes room for one that has not") {
  Gate gate;
  Record record;
  {
    Pool pool({1, 3, 0});
    REQUIRE(pool.submit("gate", gate.job()));
    gate.wait_until_entered();
    for (const char* name : {"a1", "a2", "a3"}) REQUIRE(pool.submit("a", record.job(name)));
    CHECK_FALSE(pool.submit("a", record.job("a4")));
    CHECK(pool.submit("b", record.job("b1")));
    CHECK(record.taken() == std::vector<std::string>{"refused a3"});
    CHECK_FALSE(pool.submit("b", record.job("b2")));
    CHECK(pool.waiting() == 3);
    gate.open();
  }
  CHECK(record.taken() == std::vector<std::string>{"ran a1", "ran b1", "ran a2"});
}

TEST_CASE("every accepted job runs or is refused exactly once, from many threads") {
  std::atomic<int> ran{0};
  std::atomic<int> refused{0};
  std::atomic<int> accepted{0};
  {
    Pool pool({4, 8, 10});
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 0; i < 2000; ++i) {
          if (pool.submit(std::to_string((thread + i) % 3), {[&] { ++ran; }, [&] { ++refused; }})) ++accepted;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  CHECK(ran + refused == accepted);
  CHECK(ran > 0);
}
