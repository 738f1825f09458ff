#include "authkit/limit.hpp"

#include "limit/gcra.hpp"
#include "limit/local_share_counter_store.hpp"
#include "limit/memory_counter_store.hpp"
#include "limit/recent_refusals.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <set>
#include <thread>

using namespace authkit;

namespace {

constexpr Time t0{Duration{1'700'000'000'000}};

/// A store that counts what reaches it and can fail.
class WatchedStore : public MemoryCounterStore {
 public:
  Result<LimitDecision> take(std::span<const LimitRequest> requests, Time now, const Context& context) override {
    ++takes;
    for (const auto& request : requests) keys.insert(request.key);
    if (broken) return broken_error;
    return MemoryCounterStore::take(requests, now, context);
  }
  Result<void> give_back(std::span<const LimitRequest> requests, Time now, const Context& context) override {
    if (broken) return broken_error;
    return MemoryCounterStore::give_back(requests, now, context);
  }

  std::atomic<int> takes = 0;
  std::set<std::string> keys;
  std::atomic<bool> broken = false;
  Error broken_error{Errc::internal, "bound value: secret"};
};

struct Fixture {
  LimitOptions options;
  std::shared_ptr<WatchedStore> store = std::make_shared<WatchedStore>();
  Time now = t0;

  Limiter limiter() const {
    return {options, store, "0123456789abcdef0123456789abcdef", [this] { return now; }};
  }
  static Context from(std::string address) {
    Context context;
    context.address = std::move(address);
    return context;
  }
};

/// How many of `tries` logins are admitted.
int admitted(const Limiter& limiter, std::string_view login, const std::string& address, int tries) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += limiter.login(login, Fixture::from(address)) ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("gcra: the cost of one take is at least a microsecond and never overflows") {
  CHECK(gcra::interval({5, Duration{900'000}}) == 180'000'000);
  CHECK(gcra::interval({3, Duration{1}}) == 333);
  CHECK(gcra::interval({4'000'000'000U, Duration{1}}) == 1);
  CHECK(gcra::interval({1, Duration{0}}) == 0);
  CHECK(gcra::interval({1, Duration{-5}}) == 0);
  CHECK(gcra::interval({1, Duration::max()}) == gcra::interval({1, Duration::max() - Duration{1}}));
  for (const std::uint32_t burst : {1U, 2U, 1000U, 4'294'967'295U}) {
    for (const Time now : {Time::min(), Time{}, t0, Time::max()}) {
      const LimitRule rule{burst, Duration::max()};
      const auto step = gcra::take(rule, gcra::unused, now);
      CHECK(step.allowed);
      CHECK(step.tat > gcra::microseconds(now));
      CHECK(gcra::give_back(rule, step.tat, now) == gcra::unused);
    }
  }
}

TEST_CASE("gcra: a refusal keeps the stored number and waits to the next whole millisecond") {
  const LimitRule rule{3, Duration{1000}};  // 333,333 us each
  std::int64_t tat = gcra::unused;
  for (int i = 0; i < 3; ++i) tat = gcra::take(rule, tat, t0).tat;
  const auto refused = gcra::take(rule, tat, t0);
  CHECK_FALSE(refused.allowed);
  CHECK(refused.tat == tat);
  CHECK(refused.retry_after == Duration{334});
  CHECK_FALSE(gcra::take(rule, tat, t0 + Duration{333}).allowed);
  CHECK(gcra::take(rule, tat, t0 + Duration{334}).allowed);
  CHECK_FALSE(gcra::full_again(tat, t0 + Duration{999}));
  CHECK(gcra::full_again(tat, t0 + Duration{1000}));
}

TEST_CASE("gcra: a number from the future owes one full period at most") {
  const LimitRule rule{2, Duration{1000}};
  const std::int64_t far = gcra::microseconds(t0 + Duration{1'000'000});
  CHECK(gcra::take(rule, far, t0).retry_after == Duration{500});
  CHECK(gcra::give_back(rule, far, t0) == gcra::microseconds(t0 + Duration{500}));
}

TEST_CASE("gcra: a rule that allows nothing says when to ask again, within reason") {
  CHECK(gcra::take({0, Duration{0}}, gcra::unused, t0).retry_after == Duration{1000});
  CHECK(gcra::take({0, Duration{60'000}}, gcra::unused, t0).retry_after == Duration{60'000});
  CHECK(gcra::take({0, Duration::max()}, gcra::unused, t0).retry_after == Duration{3600'000});
  CHECK_FALSE(gcra::take({0, Duration{0}}, gcra::unused, t0).allowed);
}

TEST_CASE("the memory counters are bounded: the one nearest to full goes first, an exhausted one stays") {
  MemoryCounterStore store(10);
  const LimitRule rule{2, Duration{60'000}};
  const auto take = [&](const std::string& key, Time now) { return store.take(std::vector<LimitRequest>{{key, rule}}, now, {}).value().allowed; };
  CHECK(take("victim", t0));
  CHECK(take("victim", t0));
  for (int i = 0; i < 100; ++i) CHECK(take("flood" + std::to_string(i), t0));
  CHECK(store.size() == 10);
  CHECK_FALSE(take("victim", t0));
}

TEST_CASE("address_prefix: one client is one IPv4 address or one IPv6 /64, however it is spelled") {
  const std::pair<const char*, const char*> cases[] = {
      {"192.0.2.1", "192.0.2.1"},
      {"::ffff:192.0.2.1", "192.0.2.1"},
      {"::FFFF:C000:0201", "192.0.2.1"},
      {"0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"},
      {"2001:db8:1:2::1", "2001:db8:1:2::/64"},
      {"2001:0DB8:0001:0002:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"},
      {"2001:db8:1:2:0:0:192.0.2.1", "2001:db8:1:2::/64"},
      {"2001:db8:1:3::1", "2001:db8:1:3::/64"},
      {"fe80::1%eth0", "fe80::/64"},
      {"fe80::1%25", "fe80::/64"},
      {"::1", "::/64"},
      {"::", "::/64"},
      {"1::", "1::/64"},
      {"", ""},
      {"unix", "unix"},
      {"192.0.2.256", "192.0.2.256"},
      {"192.0.2", "192.0.2"},
      {"1:2:3", "1:2:3"},
      {"[::1]", "[::1]"},
      {"192.0.2.1:80", "192.0.2.1:80"},
      {" 192.0.2.1", " 192.0.2.1"},
      {"2001:db8::1::2", "2001:db8::1::2"},
      {"%eth0", "%eth0"},
  };
  for (const auto& [address, prefix] : cases) {
    CAPTURE(address);
    CHECK(address_prefix(address) == prefix);
  }
  const std::string with_nul{"192.0.2.1\0x", 11};
  CHECK(address_prefix(with_nul) == with_nul);
}

TEST_CASE_FIXTURE(Fixture, "login: five wrong guesses at one account from one address, then wait") {
  const auto limiter = this->limiter();
  CHECK(admitted(limiter, "ann", "192.0.2.1", 20) == 5);
  const auto refused = limiter.login("ann", from("192.0.2.1"));
  CHECK(refused.error().code == Errc::rate_limited);
  CHECK(refused.error().retry_after == Duration{180'000});
  CHECK(admitted(limiter, "bob", "192.0.2.1", 1) == 1);
  now += Duration{180'000};
  CHECK(admitted(limiter, "ann", "192.0.2.1", 20) == 1);
}

TEST_CASE_FIXTURE(Fixture, "login: a stranger at another address does not lock the owner out") {
  const auto limiter = this->limiter();
  CHECK(admitted(limiter, "ann", "198.51.100.7", 100) == 5);
  CHECK(admitted(limiter, "ann", "192.0.2.1", 1) == 1);
}

TEST_CASE_FIXTURE(Fixture, "login: an account is limited over all addresses, an address over all accounts") {
  const auto limiter = this->limiter();
  int count = 0;
  for (int i = 0; i < 100; ++i) count += admitted(limiter, "ann", "192.0.2." + std::to_string(i), 1);
  CHECK(count == 50);
  count = 0;
  for (int i = 0; i < 200; ++i) count += admitted(limiter, "user" + std::to_string(i), "2001:db8::" + std::to_string(i), 1);
  CHECK(count == 100);
}

TEST_CASE_FIXTURE(Fixture, "login: changing the spelling of an address gains nothing") {
  const auto limiter = this->limiter();
  int count = 0;
  for (const char* address : {"192.0.2.1", "::ffff:192.0.2.1", "::ffff:c000:201", "0::ffff:192.0.2.1"}) count += admitted(limiter, "ann", address, 2);
  CHECK(count == 5);
  count = 0;
  for (int i = 1; i < 100; ++i) count += admitted(limiter, "bob", "2001:db8::" + std::to_string(i) + "%x" + std::to_string(i), 1);
  CHECK(count == 5);
}

TEST_CASE_FIXTURE(Fixture, "login: success does not count") {
  const auto limiter = this->limiter();
  for (int i = 0; i < 500; ++i) {
    auto attempt = limiter.login("ann", from("192.0.2.1"));
    REQUIRE(attempt);
    attempt->forgive({});
  }
  CHECK(admitted(limiter, "ann", "192.0.2.1", 20) == 5);
}

TEST_CASE_FIXTURE(Fixture, "login: forgiving twice gives back one place") {
  const auto limiter = this->limiter();
  auto first = limiter.login("ann", from("192.0.2.1")).value();
  CHECK(admitted(limiter, "ann", "192.0.2.1", 20) == 4);
  first.forgive({});
  first.forgive({});
  CHECK(admitted(limiter, "ann", "192.0.2.1", 20) == 1);
}

TEST_CASE_FIXTURE(Fixture, "login: an attempt that is dropped or moved counts once") {
  const auto limiter = this->limiter();
  {
    auto attempt = limiter.login("ann", from("192.0.2.1")).value();
    Attempt moved = std::move(attempt);
    moved.forgive({});
    Attempt().forgive({});
  }
  CHECK(admitted(limiter, "ann", "192.0.2.1", 20) == 5);
}

TEST_CASE_FIXTURE(Fixture, "login: parallel guesses do not beat the count") {
  const auto limiter = this->limiter();
  std::atomic<int> count = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 50; ++i) threads.emplace_back([&] { count += admitted(limiter, "ann", "192.0.2.1", 10); });
  for (auto& thread : threads) thread.join();
  CHECK(count == 5);
}

TEST_CASE_FIXTURE(Fixture, "login: without an address the account's rules hold and strangers share no bucket") {
  const auto limiter = this->limiter();
  CHECK(admitted(limiter, "ann", "", 20) == 5);
  int count = 0;
  for (int i = 0; i < 300; ++i) count += admitted(limiter, "user" + std::to_string(i), "", 1);
  CHECK(count == 300);
}

TEST_CASE_FIXTURE(Fixture, "sign_up: per address, and not at all without one") {
  const auto limiter = this->limiter();
  const auto tries = [&](const char* address) {
    int count = 0;
    for (int i = 0; i < 20; ++i) count += limiter.sign_up(from(address)) ? 1 : 0;
    return count;
  };
  CHECK(tries("192.0.2.1") == 3);
  CHECK(tries("::ffff:192.0.2.1") == 0);
  CHECK(tries("192.0.2.2") == 3);
  CHECK(tries("") == 20);
  CHECK(limiter.sign_up(from("192.0.2.1")).error().retry_after == Duration{1'200'000});
  CHECK(admitted(limiter, "ann", "192.0.2.1", 1) == 1);
}

TEST_CASE_FIXTURE(Fixture, "every rule refuses in the same words") {
  options.login_pair.burst = 1;
  options.login_identifier = {1, options.login_pair.period};
  options.login_address = {2, Duration{options.login_pair.period * 2}};
  options.sign_up_address = {1, options.login_pair.period};
  const auto limiter = this->limiter();
  CHECK(admitted(limiter, "ann", "192.0.2.1", 1) == 1);
  CHECK(admitted(limiter, "bob", "192.0.2.1", 1) == 1);
  CHECK(limiter.sign_up(from("192.0.2.1")));
  const Error by_pair = limiter.login("ann", from("192.0.2.1")).error();
  for (const Error& error : {limiter.login("ann", from("192.0.2.2")).error(), limiter.login("cleo", from("192.0.2.1")).error(),
                             limiter.sign_up(from("192.0.2.1")).error()}) {
    CHECK(error.code == by_pair.code);
    CHECK(error.detail == by_pair.detail);
    CHECK(error.retry_after == by_pair.retry_after);
  }
}

TEST_CASE_FIXTURE(Fixture, "keys hold no login and no address, and differ by rule, rule version, key and part") {
  const auto keys_of = [&](const LimitOptions& with, std::string_view digest_key, std::string_view login, const char* address) {
    store->keys.clear();
    const Limiter limiter(with, store, digest_key, [this] { return now; });
    CHECK(limiter.login(login, from(address)));
    return store->keys;
  };
  const std::string key1 = "0123456789abcdef";
  const auto first = keys_of(options, key1, "ann", "192.0.2.1");
  CHECK(first.size() == 3);
  for (const auto& key : first) CHECK(key.size() == 43);
  CHECK(keys_of(options, key1, "ann", "192.0.2.1") == first);

  const auto differ = [&](const std::set<std::string>& other) {
    std::size_t count = 0;
    for (const auto& key : other) count += first.contains(key) ? 0 : 1;
    return count;
  };
  CHECK(differ(keys_of(options, "0123456789abcdeg", "ann", "192.0.2.1")) == 3);
  CHECK(differ(keys_of(options, key1, "bob", "192.0.2.1")) == 2);
  CHECK(differ(keys_of(options, key1, "ann", "192.0.2.2")) == 2);
  CHECK(differ(keys_of(options, key1, "ann1", "92.0.2.1")) == 3);
  LimitOptions alike = options;
  alike.login_pair = alike.login_identifier;
  CHECK(keys_of(alike, key1, "ann", "").size() == 2);
  LimitOptions changed = options;
  ++changed.login_pair.burst;
  changed.login_identifier.period += Duration{1};
  CHECK(differ(keys_of(changed, key1, "ann", "192.0.2.1")) == 2);
}

TEST_CASE_FIXTURE(Fixture, "a failing store closes the door and tells nothing of itself") {
  const auto limiter = this->limiter();
  store->broken = true;
  store->broken_error.retry_after = Duration{2000};
  for (const Error& error : {limiter.login("ann", from("192.0.2.1")).error(), limiter.sign_up(from("192.0.2.1")).error()}) {
    CHECK(error.code == Errc::store_unavailable);
    CHECK(error.detail.find("secret") == std::string::npos);
    CHECK(error.retry_after == Duration{2000});
  }
  store->broken = false;
  auto attempt = limiter.login("ann", from("192.0.2.1")).value();
  store->broken = true;
  attempt.forgive({});
  store->broken = false;
  CHECK(admitted(limiter, "ann", "192.0.2.1", 20) == 4);
}

TEST_CASE_FIXTURE(Fixture, "a flood on an exhausted counter reaches the store once a second") {
  const auto limiter = this->limiter();
  CHECK(admitted(limiter, "ann", "192.0.2.1", 6) == 5);
  const int before = store->takes;
  CHECK(admitted(limiter, "ann", "192.0.2.1", 1000) == 0);
  CHECK(store->takes == before);
  CHECK(admitted(limiter, "bob", "192.0.2.1", 1) == 1);
  now += Duration{999};
  CHECK(limiter.login("ann", from("192.0.2.1")).error().retry_after == Duration{179'001});
  CHECK(store->takes == before + 1);
  now += Duration{1};
  CHECK(limiter.login("ann", from("192.0.2.1")).error().retry_after == Duration{179'000});
  CHECK(store->takes == before + 2);
}

TEST_CASE_FIXTURE(Fixture, "a remembered refusal never outlasts the limit") {
  options.login_pair = {2, Duration{1000}};
  const auto limiter = this->limiter();
  auto first = limiter.login("ann", from("192.0.2.1")).value();
  CHECK(admitted(limiter, "ann", "192.0.2.1", 2) == 1);
  now += Duration{500};
  CHECK(admitted(limiter, "ann", "192.0.2.1", 2) == 1);
  first.forgive({});  // frees a place
  CHECK(admitted(limiter, "ann", "192.0.2.1", 2) == 1);
  now -= Duration{5000};  // and a clock that steps back asks the store
  const int before = store->takes;
  CHECK(admitted(limiter, "ann", "192.0.2.1", 1) == 0);
  CHECK(store->takes == before + 1);
}

TEST_CASE("a refusal that was asked for before a success is not remembered after it") {
  RecentRefusals refusals;
  const auto seen = refusals.generation();
  refusals.forget_all();
  refusals.remember("k", t0, Duration{60'000}, seen);
  CHECK(refusals.wait("k", t0) == Duration{0});
  refusals.remember("k", t0, Duration{60'000}, refusals.generation());
  CHECK(refusals.wait("k", t0) == Duration{60'000});
  CHECK(refusals.wait("k", t0 - Duration{1}) == Duration{0});
  CHECK(refusals.wait("k", t0 + Duration{1000}) == Duration{0});
  refusals.remember("short", t0, Duration{10}, refusals.generation());
  CHECK(refusals.wait("short", t0 + Duration{9}) == Duration{1});
  CHECK(refusals.wait("short", t0 + Duration{10}) == Duration{0});
  CHECK(refusals.wait("short", t0 + Duration{11}) == Duration{0});
}

TEST_CASE("remembered refusals are bounded") {
  RecentRefusals refusals;
  for (int i = 0; i < 10'001; ++i) refusals.remember(std::to_string(i), t0, Duration{500}, refusals.generation());
  CHECK(refusals.wait("9999", t0) == Duration{0});
  CHECK(refusals.wait("10000", t0) == Duration{500});
}

TEST_CASE("while shared counters are out of reach, each of four servers admits a quarter, and never nothing") {
  const auto shared = std::make_shared<WatchedStore>();
  LocalShareCounterStore store(shared, 4);
  const auto admitted = [&](std::uint32_t burst, std::string key) {
    const std::vector<LimitRequest> requests{{std::move(key), {burst, Duration{60'000}}}};
    int count = 0;
    while (count < 1000 && store.take(requests, t0, {}).value().allowed) ++count;
    return count;
  };
  CHECK(admitted(8, "shared") == 8);
  shared->broken = true;
  shared->broken_error = Errc::store_unavailable;
  CHECK(admitted(8, "a") == 2);
  CHECK(admitted(3, "b") == 1);
  CHECK(admitted(0, "c") == 0);
  CHECK(admitted(8, "shared") == 2);  // what it admitted before is not known here
  const std::vector<LimitRequest> a{{"a", {8, Duration{60'000}}}};
  CHECK(store.give_back(a, t0, {}));
  CHECK(store.take(a, t0, {}).value().allowed);
  shared->broken = false;
  CHECK(admitted(8, "shared") == 0);
  shared->broken = true;
  shared->broken_error = Error{Errc::internal, "a defect is no outage"};
  CHECK(store.take(a, t0, {}).error().code == Errc::internal);
  CHECK(store.purge(t0 + Duration{600'000}, 100).value() > 0);
}
