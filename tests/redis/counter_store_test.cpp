#include "limit/memory_counter_store.hpp"
#include "limit/redis_counter_store.hpp"
#include "redis/servers.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <limits>
#include <random>

using namespace authkit;

namespace {

constexpr Time t0{Duration{1'700'000'000'000}};
constexpr LimitRule five{5, Duration{15 * 60'000}};

Context patient() {
  Context context;
  context.deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  return context;
}

std::shared_ptr<redis::Client> client_at(const char* variable) { return redis::Client::open(servers().url(variable)).value(); }

/// A store with counters of its own.
RedisCounterStore store_at(const char* variable) {
  static int made = 0;
  return {client_at(variable), fmt::format("test{}", made++)};
}

}  // namespace

TEST_CASE("counters in Redis decide as those in memory, whatever the rules and however the clock jumps") {
  const std::vector<LimitRule> rules{five,
                                     {2, Duration{1000}},
                                     {7, Duration{1000}},
                                     {1, Duration{250}},
                                     {3, Duration{100'003}},
                                     {0, Duration{5000}},
                                     {0, Duration::max()},
                                     {3, Duration{0}},
                                     {1, Duration{1}},
                                     {1000, Duration{1}},
                                     {2, Duration::max()},
                                     {std::numeric_limits<std::uint32_t>::max(), Duration{1000}}};
  const std::vector<Time> starts{
      t0, Time{}, Time{Duration{-1'000'000}}, Time{Duration{1}}, Time::max(), Time{Duration{(std::int64_t{1} << 51) - 5000}}};
  for (const char* variable : {"AUTHKIT_TEST_REDIS", "AUTHKIT_TEST_REDIS_CLUSTER"}) {
    std::mt19937 random(20'261'126);
    const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
    RedisCounterStore store = store_at(variable);
    MemoryCounterStore memory;
    Time now = t0;
    int taken = 0, refused = 0;
    for (int i = 0; i < 1500; ++i) {
      const bool elsewhere = below(200) == 0;
      if (elsewhere) now = starts[below(starts.size())];
      if (!elsewhere && now < Time::max() - std::chrono::hours(1))
        now += Duration{static_cast<std::int64_t>(below(4000)) - (below(10) == 0 ? 100'000 : 0)};
      std::vector<LimitRequest> requests;
      for (std::size_t key = 0; key < 4; ++key) {
        if (below(2) == 0) requests.push_back({fmt::format("key{}", key), rules[below(rules.size())]});
      }
      if (below(3) == 0) {
        REQUIRE(store.give_back(requests, now, patient()));
        REQUIRE(memory.give_back(requests, now, {}));
      }
      const auto decision = store.take(requests, now, patient()), expected = memory.take(requests, now, {});
      REQUIRE_MESSAGE(decision, decision.error().message());
      REQUIRE(decision->allowed == expected->allowed);
      REQUIRE(decision->retry_after == expected->retry_after);
      ++(decision->allowed ? taken : refused);
    }
    CHECK(taken > 200);
    CHECK(refused > 200);
  }
}

TEST_CASE("of many parallel takes by several clients never more than the burst are allowed, also when scripts are forgotten") {
  const auto flusher = client_at("AUTHKIT_TEST_REDIS");
  for (int round = 0; round < 3; ++round) {
    std::atomic<int> allowed{0}, failed{0};
    std::vector<std::thread> threads;
    std::vector<std::unique_ptr<RedisCounterStore>> stores;
    for (int i = 0; i < 3; ++i)
      stores.push_back(std::make_unique<RedisCounterStore>(client_at("AUTHKIT_TEST_REDIS"), fmt::format("parallel{}", round)));
    for (int thread = 0; thread < 64; ++thread) {
      threads.emplace_back([&, thread] {
        const LimitRequest one{"k", five};
        const auto decision = stores[static_cast<std::size_t>(thread) % stores.size()]->take({&one, 1}, t0, patient());
        if (!decision) ++failed;
        if (decision && decision->allowed) ++allowed;
      });
      if (thread % 16 == 0) CHECK(flusher->call({"SCRIPT", "FLUSH"}).is_reply());
    }
    for (auto& thread : threads) thread.join();
    CHECK(failed == 0);
    CHECK(allowed == 5);
  }
}

TEST_CASE("every counter in Redis will be forgotten, and keys hold what they are given") {
  const auto client = client_at("AUTHKIT_TEST_REDIS");
  RedisCounterStore store(client, "ttl");
  const std::string odd("a\0\r\n{b}:\xff", 9);
  const std::vector<LimitRequest> both{{odd, five}, {"plain", {1, Duration{250}}}};
  REQUIRE(store.take(both, t0, patient())->allowed);
  for (const auto& [key, rule] : both) {
    const redis::Answer ttl = client->call({"PTTL", "authkit:{limit:ttl}:" + key});
    REQUIRE(ttl.is_reply());
    CHECK(*ttl.reply.integer() > 30'000);
    CHECK(*ttl.reply.integer() <= rule.period.count() + 60'000);
  }
  REQUIRE(store.give_back(both, t0, patient()));
  for (const auto& [key, rule] : both) CHECK(*client->call({"EXISTS", "authkit:{limit:ttl}:" + key}).reply.integer() == 0);
  CHECK(store.take({}, t0, patient())->allowed);
  CHECK(*store.purge(t0, 100) == 0);
}

TEST_CASE("a Redis that cannot be asked refuses: no decision is made up") {
  const auto client = std::shared_ptr<redis::Client>(redis::Client::open("redis://127.0.0.1:1").value());
  RedisCounterStore store(client, "down");
  const LimitRequest one{"k", five};
  Context context;
  context.deadline = std::chrono::steady_clock::now() + Duration{50};
  CHECK(store.take({&one, 1}, t0, context).error().code == Errc::store_unavailable);
  CHECK(store.give_back({&one, 1}, t0, context).error().code == Errc::store_unavailable);
}
