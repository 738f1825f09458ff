#include "core/memory_work.hpp"

#include "core/in_transaction.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace authkit;

namespace {

struct Fixture {
  MemoryWork work;
  std::vector<std::string> log;

  std::unique_ptr<Tx> begin() { return work.begin({}).value(); }
  MemoryTx& unit(Tx& tx) { return *MemoryTx::of(tx, work).value(); }
  void note(Tx& tx, std::string undo) {
    unit(tx).on_rollback([this, undo = std::move(undo)] { log.push_back(undo); });
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a memory unit that is dropped is undone, newest change first") {
  {
    const auto tx = begin();
    note(*tx, "first");
    note(*tx, "second");
    tx->on_commit([this] { log.push_back("committed"); });
  }
  CHECK(log == std::vector<std::string>{"second", "first"});
}

TEST_CASE_FIXTURE(Fixture, "a memory unit that commits undoes nothing and runs its actions in order, without the lock") {
  const auto tx = begin();
  note(*tx, "undone");
  tx->on_commit([this] {
    log.push_back("first");
    std::thread([this] { CHECK(work.begin({})); }).join();  // would wait for ever under the lock
  });
  tx->on_commit([this] { log.push_back("second"); });
  CHECK(log.empty());
  CHECK(tx->commit());
  CHECK(log == std::vector<std::string>{"first", "second"});
}

TEST_CASE_FIXTURE(Fixture, "a memory unit commits once") {
  const auto tx = begin();
  CHECK(tx->commit());
  CHECK(tx->commit().error().code == Errc::invalid_argument);
  CHECK(MemoryTx::of(*tx, work).error().code == Errc::invalid_argument);
}

TEST_CASE_FIXTURE(Fixture, "a failed memory unit reports its failure instead of committing half") {
  const auto tx = begin();
  note(*tx, "undone");
  tx->on_commit([this] { log.push_back("committed"); });
  CHECK(unit(*tx).fail(Errc::email_taken).code == Errc::email_taken);
  CHECK(MemoryTx::of(*tx, work).error().code == Errc::email_taken);
  CHECK(tx->commit().error().code == Errc::email_taken);
  CHECK(log == std::vector<std::string>{"undone"});
  CHECK(begin()->commit());
}

TEST_CASE_FIXTURE(Fixture, "a second unit on the same thread is refused, and works after the first") {
  {
    const auto tx = begin();
    CHECK(work.begin({}).error().code == Errc::invalid_argument);
  }
  CHECK(work.begin({}));
}

TEST_CASE_FIXTURE(Fixture, "a unit of other stores is refused") {
  MemoryWork other;
  const auto tx = other.begin({}).value();
  CHECK(MemoryTx::of(*tx, work).error().code == Errc::invalid_argument);
}

TEST_CASE_FIXTURE(Fixture, "memory units of many threads run one after the other") {
  int counter = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 500; ++round) {
        const auto tx = work.begin({}).value();
        const int before = counter;
        counter = before + 1;
        CHECK(tx->commit());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(counter == 4000);
}

TEST_CASE_FIXTURE(Fixture, "in_transaction repeats a conflict twice and gives up then") {
  int calls = 0;
  const auto conflict = [&](Tx& tx) -> Result<int> {
    note(tx, "undone");
    ++calls;
    return Errc::store_conflict;
  };
  CHECK(in_transaction(work, {}, conflict).error().code == Errc::store_conflict);
  CHECK(calls == 3);
  CHECK(log.size() == 3);

  const auto third_time = [&](Tx&) -> Result<int> {
    if (++calls < 6) return Errc::store_conflict;
    return calls;
  };
  CHECK(in_transaction(work, {}, third_time).value() == 6);
  CHECK(in_transaction(work, {}, [](Tx&) -> Result<void> { return Errc::not_found; }).error().code == Errc::not_found);
}
