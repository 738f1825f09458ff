#include "revocation/freshness.hpp"
#include "revocation_world.hpp"

#include <doctest/doctest.h>

#include <new>

using namespace authkit;
using namespace std::chrono_literals;
TEST_CASE("an instance that cannot read the feed does not open") {
  World world;
  world.feed->failing = true;
  const auto clock = [] { return start; };
  CHECK(Revocations::open({}, world.feed, clock).error().code == Errc::store_unavailable);
  CHECK(Revocations::open({}, nullptr, clock).error().code == Errc::invalid_argument);
  CHECK(Revocations::open({}, world.feed, nullptr).error().code == Errc::invalid_argument);
  world.feed->failing = false;
  CHECK(Revocations::open({0ms, 5s, 0ms}, world.feed, clock).error().code == Errc::config_invalid);
  CHECK(Revocations::open({1s, 0ms, 0ms}, world.feed, clock).error().code == Errc::config_invalid);
  CHECK(Revocations::open({1s, 5s, -1ms}, world.feed, clock).error().code == Errc::config_invalid);
}

TEST_CASE("the staleness policy: what is answered by the age of the last good read") {
  struct Row {
    Duration age;
    bool failing;
    Duration accept_stale;
    bool accepts;
    int reads;  // by check() itself
  };
  for (const Row& row : {Row{0s, true, 0s, true, 0}, Row{4900ms, true, 0s, true, 0}, Row{5001ms, false, 0s, true, 1}, Row{24h, false, 0s, true, 1},
                         Row{5001ms, true, 0s, false, 1}, Row{5001ms, true, 10s, true, 1}, Row{14900ms, true, 10s, true, 1},
                         Row{15001ms, true, 10s, false, 1}, Row{15001ms, false, 10s, true, 1}}) {
    CAPTURE(row.age.count());
    CAPTURE(row.failing);
    World world;
    RevocationOptions options;
    options.accept_stale = row.accept_stale;
    const auto revocations = world.open(options);
    const Token token, revoked, elsewhere;
    revocations->refuse_locally(of_token(revoked));
    world.revoke(*world.open(), entry(RevocationKind::token, elsewhere.jti.bytes, 0, 48h));
    world.advance(row.age);
    world.feed->failing = row.failing;
    const int reads = world.feed->reads;
    CHECK(check(*revocations, revoked).error().code == Errc::token_revoked);  // what is known is known
    CHECK(world.feed->reads == reads);
    const auto checked = check(*revocations, token);
    CHECK(!!checked == row.accepts);
    CHECK(world.feed->reads - reads == row.reads);
    if (!checked) {
      CHECK(checked.error().code == Errc::revocation_stale);
      CHECK(checked.error().retry_after > 0ms);
    }
    if (row.reads > 0 && !row.failing) CHECK_FALSE(accepted(*revocations, elsewhere));
  }
}

TEST_CASE("a dead feed is tried again after a pause, not by every request, and acceptance returns with it") {
  World world;
  const auto revocations = world.open();
  world.advance(6s);
  world.feed->failing = true;
  const int reads = world.feed->reads;
  for (int i = 0; i < 100; ++i) CHECK(check(*revocations, Token{}).error().code == Errc::revocation_stale);
  CHECK(world.feed->reads - reads < 5);  // one for each 200 ms that this loop may take
  world.feed->failing = false;
  world.advance(200ms);
  CHECK(check(*revocations, Token{}));
}

TEST_CASE("one caller reads for all who wait") {
  World world;
  const auto revocations = world.open();
  world.advance(6s);
  world.feed->held = true;
  const int reads = world.feed->reads;
  std::atomic<int> started{0}, good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 32; ++i) {
    threads.emplace_back([&] {
      ++started;
      if (check(*revocations, Token{})) ++good;
    });
  }
  while (started < 32 || world.feed->reads == reads) std::this_thread::yield();
  world.feed->held = false;
  for (auto& thread : threads) thread.join();
  CHECK(world.feed->reads - reads == 1);
  CHECK(good >= 1);  // a thread that a busy machine kept from running for 300 ms may have given up
}

TEST_CASE("nobody waits for a feed that hangs longer than the bound, nor at all where stale is accepted") {
  World world;
  RevocationOptions tolerant;
  tolerant.accept_stale = 60s;
  const auto strict = world.open(), lenient = world.open(tolerant);
  world.advance(6s);
  world.feed->held = true;
  const int reads = world.feed->reads;
  std::thread one([&] { CHECK(check(*strict, Token{})); });
  std::thread another([&] { CHECK(check(*lenient, Token{})); });
  while (world.feed->reads - reads < 2) std::this_thread::yield();
  const auto from = std::chrono::steady_clock::now();
  CHECK(check(*lenient, Token{}));
  CHECK(check(*strict, Token{}).error().code == Errc::revocation_stale);
  Context expired;
  expired.deadline = from;
  CHECK(strict->poll(expired).error().code == Errc::store_unavailable);
  CHECK(std::chrono::steady_clock::now() - from < 20s);
  world.feed->held = false;
  one.join();
  another.join();
}

TEST_CASE("age goes by the clock that says longer") {
  constexpr Moment then{100s, 1000s};
  static_assert(age(then, {103s, 1003s}) == 3s);
  static_assert(age(then, {109s, 1003s}) == 9s);     // the wall clock was set back 6 s in between: no fresher for it
  static_assert(age(then, {109s, 900s}) == 9s);      // far back
  static_assert(age(then, {100s, 4600s}) == 3600s);  // suspended, or set forward
  static_assert(!set_back(then, {103s, 999s}));
  static_assert(set_back(then, {103s, 998s}));
  CHECK(age(then, then) == 0ms);
}

TEST_CASE("what a wrong clock swept is refused again when the clock is set right") {
  World world;
  const auto revocations = world.open();
  const Token token;
  world.revoke(*revocations, of_token(token));
  world.advance(2h);
  for (int i = 0; i < 32; ++i) REQUIRE(revocations->poll());
  REQUIRE(revocations->size() == 0);
  world.advance(-2h);
  CHECK_FALSE(accepted(*revocations, token));
}

TEST_CASE("an entry for which memory ran out is made up for from the feed before anything is accepted") {
  World world;
  const auto revocations = world.open();
  bool exhausted = true;
  revocations->on_change([&](const UserId&) {
    if (std::exchange(exhausted, false)) throw std::bad_alloc();
  });
  const int reads = world.feed->reads;
  CHECK(check(*revocations, Token{}));
  world.revoke(*revocations, entry(RevocationKind::changed, Token{}.user.bytes));
  world.feed->failing = true;
  CHECK(check(*revocations, Token{}).error().code == Errc::revocation_stale);
  world.feed->failing = false;
  world.advance(200ms);
  CHECK(check(*revocations, Token{}));
  CHECK(world.feed->reads - reads == 2);
  CHECK(check(*revocations, Token{}));
  CHECK(world.feed->reads - reads == 2);
}
