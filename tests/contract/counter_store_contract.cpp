#include "contract/samples.hpp"
#include "contract/suite.hpp"
#include "limit/memory_counter_store.hpp"

#include <atomic>
#include <map>
#include <random>

using namespace authkit;
using namespace authkit::contract;

namespace {

using Requests = std::vector<LimitRequest>;

constexpr LimitRule five{5, Duration{15 * 60'000}};  // one every 180 s
constexpr LimitRule two{2, Duration{1000}};          // one every 500 ms

LimitDecision take(Fixture& f, const Requests& requests, Time now) { return f.counters().take(requests, now, f.context()).value(); }
LimitDecision take(Fixture& f, const std::string& key, const LimitRule& rule, Time now) { return take(f, Requests{{key, rule}}, now); }
void give_back(Fixture& f, const Requests& requests, Time now) { f.counters().give_back(requests, now, f.context()).value(); }

/// How many of `tries` are allowed at `now`.
int allowed(Fixture& f, const std::string& key, const LimitRule& rule, Time now, int tries) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += take(f, key, rule, now).allowed ? 1 : 0;
  return count;
}

/// The same limit told another way: a bucket that holds `burst` takes and leaks one each interval, in microseconds of content.
class LeakyBucket {
 public:
  bool take(const LimitRule& rule, Time now) {
    leak(now);
    const std::int64_t one = rule.period.count() * 1000 / rule.burst;
    if (content_ + one > one * rule.burst) {
      wait_us_ = content_ + one - one * rule.burst;
      return false;
    }
    content_ += one;
    return true;
  }
  void give_back(const LimitRule& rule, Time now) {
    leak(now);
    content_ = std::max<std::int64_t>(0, content_ - rule.period.count() * 1000 / rule.burst);
  }
  Duration wait() const { return Duration{(wait_us_ + 999) / 1000}; }

 private:
  void leak(Time now) {
    content_ = std::max<std::int64_t>(0, content_ - (now - last_).count() * 1000);
    last_ = now;
  }
  std::int64_t content_ = 0;
  std::int64_t wait_us_ = 0;
  Time last_ = t0;
};

}  // namespace

CONTRACT(CounterStore, "a burst is allowed, the next one waits, one comes back each interval") {
  CHECK(allowed(f, "k", five, t0, 5) == 5);
  const auto refused = take(f, "k", five, t0 + Duration{30});
  CHECK_FALSE(refused.allowed);
  CHECK(refused.retry_after == Duration{179'970});
  CHECK_FALSE(take(f, "k", five, t0 + Duration{179'999}).allowed);
  const auto next = take(f, "k", five, t0 + Duration{180'000});
  CHECK(next.allowed);
  CHECK(next.retry_after == Duration{0});
  CHECK(take(f, "k", five, t0 + Duration{180'000}).retry_after == Duration{180'000});
  CHECK(allowed(f, "k", five, t0 + Duration{2 * 900'000}, 10) == 5);
}

CONTRACT(CounterStore, "a refusal costs nothing") {
  CHECK(allowed(f, "k", two, t0, 100) == 2);
  CHECK(take(f, "k", two, t0).retry_after == Duration{500});
  CHECK(take(f, "k", two, t0 + Duration{500}).allowed);
}

CONTRACT(CounterStore, "keys do not touch each other, however they are spelled") {
  CHECK(allowed(f, "k", two, t0, 3) == 2);
  for (std::size_t i = 0; i < hard_texts().size(); ++i) CHECK(allowed(f, hard_text(i), two, t0, 3) == 2);
  CHECK(allowed(f, "K", two, t0, 3) == 2);
  CHECK(allowed(f, "k ", two, t0, 3) == 2);
  CHECK(allowed(f, std::string(500, 'k'), two, t0, 3) == 2);
}

CONTRACT(CounterStore, "a take of several counters takes from all or from none") {
  const Requests both{{"a", five}, {"b", two}};
  CHECK(take(f, both, t0).allowed);
  CHECK(take(f, both, t0).allowed);
  for (int i = 0; i < 10; ++i) CHECK_FALSE(take(f, both, t0).allowed);
  CHECK(allowed(f, "a", five, t0, 10) == 3);
}

CONTRACT(CounterStore, "a refusal names the longest wait among its counters") {
  CHECK(allowed(f, "a", five, t0, 5) == 5);
  CHECK(allowed(f, "b", two, t0, 2) == 2);
  CHECK(take(f, {{"a", five}, {"b", two}, {"c", two}}, t0).retry_after == Duration{180'000});
  CHECK(take(f, {{"c", two}, {"b", two}, {"a", five}}, t0).retry_after == Duration{180'000});
  CHECK(take(f, {{"c", two}, {"b", two}}, t0).retry_after == Duration{500});
  CHECK(allowed(f, "c", two, t0, 3) == 2);
}

CONTRACT(CounterStore, "no counters at all are allowed") { CHECK(take(f, Requests{}, t0).allowed); }

CONTRACT(CounterStore, "what is given back can be taken again, and no more") {
  const Requests both{{"a", five}, {"b", two}};
  CHECK(take(f, both, t0).allowed);
  CHECK(take(f, both, t0).allowed);
  CHECK_FALSE(take(f, both, t0).allowed);
  give_back(f, both, t0);
  CHECK(take(f, both, t0).allowed);
  CHECK_FALSE(take(f, both, t0).allowed);
  for (int i = 0; i < 10; ++i) give_back(f, both, t0);
  CHECK(allowed(f, "a", five, t0, 10) == 5);
  CHECK(allowed(f, "b", two, t0, 10) == 2);
}

CONTRACT(CounterStore, "what a unit of work gives back can be taken again once it has committed") {
  const Requests both{{"a", five}, {"b", two}};
  CHECK(allowed(f, "b", two, t0, 3) == 2);
  CHECK(take(f, {{"a", five}}, t0).allowed);
  {
    const auto given_up = f.begin();
    CHECK(f.counters().give_back_with(*given_up, both, t0, f.context()));
  }
  CHECK_FALSE(take(f, both, t0).allowed);
  const auto unit = f.begin();
  CHECK(f.counters().give_back_with(*unit, both, t0, f.context()));
  CHECK(unit->commit());
  CHECK(take(f, both, t0).allowed);
  CHECK_FALSE(take(f, both, t0).allowed);
  CHECK(allowed(f, "a", five, t0, 10) == 4);
}

CONTRACT(CounterStore, "giving back to a counter that is full or unknown makes no credit") {
  give_back(f, {{"a", two}}, t0);
  CHECK(allowed(f, "a", two, t0, 10) == 2);
  give_back(f, {{"a", two}}, t0 + Duration{10'000});
  CHECK(allowed(f, "a", two, t0 + Duration{10'000}, 10) == 2);
}

CONTRACT(CounterStore, "a burst of 0 allows nothing, a period of 0 everything") {
  const auto refused = take(f, "none", {0, Duration{60'000}}, t0);
  CHECK_FALSE(refused.allowed);
  CHECK(refused.retry_after > Duration{0});
  CHECK(allowed(f, "free", {1, Duration{0}}, t0, 100) == 100);
}

CONTRACT(CounterStore, "extreme rules and times are defined") {
  const LimitRule endless{3, Duration::max()};
  CHECK(allowed(f, "endless", endless, t0, 5) == 3);
  CHECK(take(f, "endless", endless, t0).retry_after > Duration{0});
  CHECK(allowed(f, "many", {std::numeric_limits<std::uint32_t>::max(), Duration{1000}}, t0, 50) == 50);
  CHECK(allowed(f, "end", two, end_of_time, 3) == 2);
  CHECK(allowed(f, "start", two, Time{}, 3) == 2);
  CHECK(allowed(f, "before", two, Time{Duration{-1'000'000}}, 3) == 2);
}

CONTRACT(CounterStore, "when the clock steps back a counter owes at most one period") {
  const Time ahead = t0 + Duration{24 * 3600'000};
  CHECK(allowed(f, "k", two, ahead, 3) == 2);
  const auto refused = take(f, "k", two, t0);
  CHECK_FALSE(refused.allowed);
  CHECK(refused.retry_after <= two.period);
  give_back(f, {{"k", two}}, t0);
  CHECK(allowed(f, "k", two, t0, 3) == 1);
  CHECK(allowed(f, "k", two, t0 + two.period, 3) == 2);
}

CONTRACT(CounterStore, "of 64 parallel takes never more than the burst are allowed") {
  for (int round = 0; round < 5; ++round) {
    const std::string key = "k" + std::to_string(round);
    std::atomic<int> count = 0;
    in_parallel(64, [&](int) {
      if (take(f, key, five, t0).allowed) ++count;
    });
    CHECK(count == 5);
  }
}

CONTRACT(CounterStore, "parallel takes of several counters stay all or none") {
  std::atomic<int> count = 0;
  in_parallel(32, [&](int thread) {
    const bool turned = thread % 2 == 0;
    const LimitRequest a{"a", five};
    const LimitRequest b{"b", two};
    if (take(f, turned ? Requests{a, b} : Requests{b, a}, t0).allowed) ++count;
  });
  CHECK(count == 2);
  CHECK(allowed(f, "a", five, t0, 10) == 3);
}

CONTRACT(CounterStore, "parallel takes that are all given back leave a full counter") {
  in_parallel(16, [&](int) {
    const Requests one{{"k", {100, Duration{60'000}}}};
    for (int i = 0; i < 10; ++i) {
      if (take(f, one, t0).allowed) give_back(f, one, t0);
    }
  });
  CHECK(allowed(f, "k", {100, Duration{60'000}}, t0, 200) == 100);
}

CONTRACT(CounterStore, "purge removes no counter that is not full again") {
  for (int i = 0; i < 5; ++i) CHECK(take(f, "full" + std::to_string(i), two, t0).allowed);
  CHECK(allowed(f, "live", five, t0, 5) == 5);
  const auto purge = [&](Time now, std::size_t max) { return f.counters().purge(now, max).value(); };
  CHECK(purge(t0 + Duration{499}, 10) == 0);
  CHECK(purge(t0 + Duration{500}, 0) == 0);
  CHECK(purge(t0 + Duration{500}, 3) <= 3);
  CHECK_FALSE(take(f, "live", five, t0 + Duration{500}).allowed);
}

CONTRACT(CounterStore, "3,000 random takes are decided as by a leaky bucket") {
  std::mt19937 random(20'240'601);
  const auto below = [&](unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(random); };
  const std::map<std::string, LimitRule> rules{{"five", five},
                                               {"two", two},
                                               {"odd", {7, Duration{1000}}},
                                               {"one", {1, Duration{250}}},
                                               {"wide", {40, Duration{9'999}}},
                                               {"prime", {3, Duration{100'003}}}};
  std::vector<std::string> names;
  for (const auto& [name, rule] : rules) names.push_back(name);

  std::map<std::string, LeakyBucket> model;
  Time now = t0;
  int refusals = 0;
  for (int i = 0; i < 3'000; ++i) {
    now += Duration{below(4) == 0 ? below(2000) : below(20)};
    Requests requests;
    for (const auto& name : names) {
      if (below(3) == 0) requests.push_back({name, rules.at(name)});
    }
    bool fits = true;
    Duration wait{0};
    for (const auto& [key, rule] : requests) {
      LeakyBucket bucket = model[key];
      if (bucket.take(rule, now)) continue;
      fits = false;
      wait = std::max(wait, bucket.wait());
    }
    const auto decision = take(f, requests, now);
    REQUIRE(decision.allowed == fits);
    REQUIRE(decision.retry_after == wait);
    refusals += fits ? 0 : 1;
    if (!fits) continue;
    for (const auto& [key, rule] : requests) model[key].take(rule, now);
    if (below(4) != 0) continue;
    give_back(f, requests, now);
    for (const auto& [key, rule] : requests) model[key].give_back(rule, now);
  }
  CHECK(refusals > 1000);
  CHECK(refusals < 2400);
}

CONTRACT(CounterStore, "random steps end as in memory, whatever the rules and however the clock jumps") {
  std::mt19937 random(20'261'126);
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  const std::vector<LimitRule> rules{five, two, {0, Duration{5000}}, {3, Duration{0}}, {1, Duration{1}}, {1000, Duration{1}}, {2, Duration::max()}};
  MemoryCounterStore memory;
  Time now = t0;
  int taken = 0, refused = 0;
  for (int i = 0; i < 600; ++i) {
    now += Duration{static_cast<std::int64_t>(below(4000)) - (below(10) == 0 ? 100'000 : 0)};
    Requests requests;
    for (std::size_t key = 0; key < 4; ++key)
      if (below(2) == 0) requests.push_back({"key" + std::to_string(key), rules[below(rules.size())]});
    if (below(3) == 0) {
      give_back(f, requests, now);
      memory.give_back(requests, now, {}).value();
    }
    const auto decision = take(f, requests, now);
    const auto expected = memory.take(requests, now, {}).value();
    REQUIRE(decision.allowed == expected.allowed);
    REQUIRE(decision.retry_after == expected.retry_after);
    ++(decision.allowed ? taken : refused);
  }
  CHECK(taken > 100);
  CHECK(refused > 100);
}
