#include "core/parking.hpp"
#include "measure.hpp"
#include "redis/client.hpp"

#include <fmt/format.h>
#include <hiredis/hiredis.h>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <sys/resource.h>
#include <thread>

// redis_bench HOST PORT [ROUNDS] [SECONDS]: GET of 32 bytes by 64 callers, through authkit's client and through blocking hiredis

namespace {

using namespace authkit;
using Steady = std::chrono::steady_clock;

constexpr int callers = 64;

struct Figures {
  measure::Series rate;  ///< thousands of calls a second
  measure::Series cpu;   ///< microseconds of this process' CPU a call
};

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// `run` makes calls until `end` and says how many.
void round(Figures& figures, double seconds, const auto& run) {
  const double cpu = cpu_seconds();
  const auto begun = Steady::now();
  const auto calls = static_cast<double>(run(begun + std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(seconds))));
  const double taken = std::chrono::duration<double>(Steady::now() - begun).count();
  figures.rate.values.push_back(calls / taken / 1000);
  figures.cpu.values.push_back((cpu_seconds() - cpu) / calls * 1e6);
}

std::uint64_t in_threads(int count, const auto& loop) {
  std::atomic<std::uint64_t> calls{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([&, i] { calls += loop(i); });
  for (auto& thread : threads) thread.join();
  return calls;
}

const std::string_view get[] = {"GET", "authkit:bench"};
const redis::Command command{get, 1, true};

void demand(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "error: %s\n", what);
  std::exit(1);
}

/// Each caller starts its next call when the last one is answered.
std::uint64_t asynchronous(redis::Client& client, Steady::time_point end) {
  struct Caller {
    redis::Client& client;
    Steady::time_point end;
    std::uint64_t calls = 0;
    std::atomic<int>& running;
    void next() {
      client.start(command, end + std::chrono::seconds(5), [this](redis::Answer answer) {
        demand(answer.is_reply(), "an asynchronous call failed");
        ++calls;
        if ((calls & 15) == 0 && Steady::now() >= end) {
          --running;
          running.notify_one();
          return;
        }
        next();
      });
    }
  };
  std::atomic<int> running{callers};
  std::vector<Caller> all(callers, Caller{client, end, 0, running});
  for (Caller& caller : all) caller.next();
  for (int left = running; left > 0; left = running) running.wait(left);
  std::uint64_t calls = 0;
  for (const Caller& caller : all) calls += caller.calls;
  return calls;
}

std::uint64_t blocking(redis::Client& client, int threads, Steady::time_point end) {
  return in_threads(threads, [&](int) {
    std::uint64_t calls = 0;
    for (; Steady::now() < end; ++calls) demand(client.call(command, end + std::chrono::seconds(5)).is_reply(), "a blocking call failed");
    return calls;
  });
}

std::uint64_t plain_hiredis(std::vector<redisContext*>& connections, Steady::time_point end) {
  return in_threads(static_cast<int>(connections.size()), [&](int i) {
    redisContext* const connection = connections[static_cast<std::size_t>(i)];
    std::uint64_t calls = 0;
    for (; Steady::now() < end; ++calls) {
      void* reply = redisCommand(connection, "GET authkit:bench");
      demand(reply != nullptr, "hiredis failed");
      freeReplyObject(reply);
    }
    return calls;
  });
}

/// What no client with a thread of its own for its connection can go below: callers that sleep until another thread wakes them, and nothing else.
class Handover {
 public:
  Handover() : waker_([this] { wake_all(); }) {}
  ~Handover() {
    asked_.store(-1);
    asked_.notify_one();
    waker_.join();
  }
  void call() {
    Parking parking;
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(&parking);
    }
    if (asked_.exchange(1) == 0) asked_.notify_one();
    demand(parking.wait_until(Steady::now() + std::chrono::seconds(5)), "nobody woke a caller");
  }

 private:
  void wake_all() {
    std::vector<Parking*> woken;
    for (;;) {
      asked_.wait(0);
      if (asked_.load() < 0) return;
      asked_.store(0);
      {
        const std::lock_guard lock(mutex_);
        woken.swap(waiting_);
      }
      for (Parking* parking : woken) parking->signal();
      woken.clear();
    }
  }

  std::mutex mutex_;
  std::vector<Parking*> waiting_;
  std::atomic<int> asked_{0};
  std::thread waker_;
};

std::uint64_t handed_over(Steady::time_point end) {
  Handover handover;
  return in_threads(callers, [&](int) {
    std::uint64_t calls = 0;
    for (; Steady::now() < end; ++calls) handover.call();
    return calls;
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return std::fprintf(stderr, "usage: redis_bench HOST PORT [ROUNDS] [SECONDS]\n"), 2;
  const int rounds = argc > 3 ? std::atoi(argv[3]) : 5;
  const double seconds = argc > 4 ? std::atof(argv[4]) : 1;
  const auto opened = redis::Client::open(fmt::format("redis://{}:{}", argv[1], argv[2]));
  demand(!!opened, "the client could not be opened");
  redis::Client& client = **opened;
  demand(client.call({"SET", "authkit:bench", "0123456789abcdef0123456789abcdef"}).is_reply(), "Redis does not answer");

  std::vector<redisContext*> many, one;
  for (int i = 0; i < callers; ++i) many.push_back(redisConnect(argv[1], std::atoi(argv[2])));
  one.push_back(redisConnect(argv[1], std::atoi(argv[2])));

  Figures async, threads, alone, raw, raw_alone, floor;
  for (int i = 0; i < rounds; ++i) {
    round(async, seconds, [&](auto end) { return asynchronous(client, end); });
    round(raw, seconds, [&](auto end) { return plain_hiredis(many, end); });
    round(threads, seconds, [&](auto end) { return blocking(client, callers, end); });
    round(floor, seconds, [&](auto end) { return handed_over(end); });
    round(alone, seconds, [&](auto end) { return blocking(client, 1, end); });
    round(raw_alone, seconds, [&](auto end) { return plain_hiredis(one, end); });
  }
  for (auto* connection : many) redisFree(connection);
  redisFree(one.front());

  const auto print = [](const char* name, const Figures& figures) {
    figures.rate.print(name, "k/s");
    figures.cpu.print("  CPU of the client a call", "us");
  };
  print("authkit, 64 callbacks", async);
  print("authkit, 64 blocking threads", threads);
  print("hiredis, 64 threads, 64 connections", raw);
  print("64 threads that another one wakes, no Redis", floor);
  print("authkit, 1 blocking caller", alone);
  print("hiredis, 1 blocking caller", raw_alone);
  const auto ratio = [](const measure::Series& a, const measure::Series& b) { return a.median() / b.median(); };
  std::printf("callbacks over hiredis: %.2f x the rate, %.2f x the CPU\n", ratio(async.rate, raw.rate), ratio(async.cpu, raw.cpu));
  std::printf("blocking threads over hiredis: %.2f x the rate, %.2f x the CPU\n", ratio(threads.rate, raw.rate), ratio(threads.cpu, raw.cpu));
  std::printf("a wake-up alone over hiredis: %.2f x the CPU; blocking threads over it: %.2f\n", ratio(floor.cpu, raw.cpu),
              ratio(threads.cpu, floor.cpu));
  return 0;
}
