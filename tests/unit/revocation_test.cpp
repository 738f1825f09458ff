#include "revocation_world.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace authkit;
using namespace std::chrono_literals;

TEST_CASE("each kind refuses what it names and nothing else") {
  World world;
  Token token, same_session, same_user, later, older_epoch;
  same_session.session = token.session;
  same_user.user = token.user;
  later.issued_at = start + 1s;
  older_epoch.user = token.user;
  older_epoch.epoch = 2;
  struct Row {
    RevocationEntry entry;
    bool token, same_session, same_user, later, older_epoch;
  };
  for (const Row& row : {Row{of_token(token), false, true, true, true, true}, Row{of_session(token), false, false, true, true, true},
                         Row{of_user(token, 3), true, true, true, true, false}, Row{of_user(token, 4), false, true, false, true, false},
                         Row{of_all_before(start), true, true, true, true, true}, Row{of_all_before(start + 1ms), false, false, false, true, false},
                         Row{entry(RevocationKind::changed, token.user.bytes), true, true, true, true, true}}) {
    CAPTURE(static_cast<char>(row.entry.kind));
    CAPTURE(row.entry.value);
    const auto revocations = world.open();
    for (const Token* any : {&token, &same_session, &same_user, &later, &older_epoch}) CHECK(accepted(*revocations, *any));
    revocations->refuse_locally(row.entry);
    CHECK(accepted(*revocations, token) == row.token);
    CHECK(accepted(*revocations, same_session) == row.same_session);
    CHECK(accepted(*revocations, same_user) == row.same_user);
    CHECK(accepted(*revocations, later) == row.later);
    CHECK(accepted(*revocations, older_epoch) == row.older_epoch);
  }
}

TEST_CASE("a token without a time of issue does not survive a cutoff, and nil ids name nobody") {
  World world;
  const auto revocations = world.open();
  Token timeless, nameless;
  timeless.issued_at = Time{};
  nameless.jti = {};
  nameless.session = {};
  nameless.user = {};
  for (auto kind : {RevocationKind::token, RevocationKind::session, RevocationKind::user}) revocations->refuse_locally(entry(kind, {}, 9));
  CHECK(accepted(*revocations, nameless));
  CHECK(accepted(*revocations, timeless));
  revocations->refuse_locally(of_all_before(start));
  CHECK_FALSE(accepted(*revocations, timeless));
}

TEST_CASE("epochs beyond 32 bits refuse rather than wrap") {
  World world;
  const auto revocations = world.open();
  Token token;
  token.epoch = std::numeric_limits<std::uint32_t>::max();
  revocations->refuse_locally(of_user(token, -5));
  CHECK(accepted(*revocations, token));
  revocations->refuse_locally(of_user(token, (std::int64_t{1} << 40) + 1));
  CHECK_FALSE(accepted(*revocations, token));
}

TEST_CASE("the order of entries and their repetition do not matter") {
  World world;
  const Token token, other;
  std::vector<RevocationEntry> entries{of_user(token, 2), of_user(token, 4), of_user(token, 3), of_token(other), of_token(other)};
  entries[0].not_after = start + 1h;
  entries[3].not_after = start + 1h;
  const auto less = [](const auto& a, const auto& b) { return std::pair(a.value, a.not_after) < std::pair(b.value, b.not_after); };
  std::sort(entries.begin(), entries.end(), less);
  do {
    const auto revocations = world.open();
    for (int twice = 0; twice < 2; ++twice) {
      for (const auto& one : entries) revocations->refuse_locally(one);
    }
    CHECK(revocations->size() == 2);
    CHECK_FALSE(accepted(*revocations, token));
    CHECK_FALSE(accepted(*revocations, other));
    world.advance(59min);
    for (int i = 0; i < 40; ++i) REQUIRE(revocations->poll());
    CHECK_FALSE(accepted(*revocations, token));  // the longest end and the greatest epoch, wherever each came from
    CHECK_FALSE(accepted(*revocations, other));
    world.advance(-59min);
  } while (std::next_permutation(entries.begin(), entries.end(), less));
}

TEST_CASE("an entry stays until a minute after its end, then its memory is given back") {
  World world;
  const auto revocations = world.open();
  const Token token;
  for (int i = 0; i < 1000; ++i) revocations->refuse_locally(of_session(Token{}));
  revocations->refuse_locally(of_token(token));
  revocations->refuse_locally(of_user(token, 4));
  revocations->refuse_locally(of_all_before(start - 1s));
  CHECK(revocations->size() == 1003);
  const auto sweep = [&] {
    for (int i = 0; i < 32; ++i) REQUIRE(revocations->poll());  // a shard each at least
    return revocations->size();
  };
  CHECK(sweep() == 1003);
  world.advance(16min - 1s);
  CHECK(sweep() == 1003);
  CHECK_FALSE(accepted(*revocations, token));
  world.advance(2s);
  CHECK(sweep() == 0);
  CHECK(accepted(*revocations, token));
  revocations->refuse_locally(of_token(token));  // over already
  CHECK(revocations->size() == 0);
}

TEST_CASE("a revocation counts here as soon as it is committed, and not at all when it is rolled back") {
  World world;
  const auto revocations = world.open();
  const Token kept, dropped;
  {
    auto tx = world.work->begin({}).value();
    REQUIRE(revocations->revoke(*tx, of_session(dropped)));
  }
  {
    auto tx = world.work->begin({}).value();
    REQUIRE(revocations->revoke(*tx, of_session(kept)));
    CHECK(accepted(*revocations, kept));
    REQUIRE(tx->commit());
  }
  CHECK_FALSE(accepted(*revocations, kept));
  CHECK(accepted(*revocations, dropped));
  REQUIRE(revocations->poll());
  CHECK(accepted(*revocations, dropped));
}

TEST_CASE("another instance on the same feed knows after its next poll, also what was revoked before it started") {
  World world;
  world.feed->at_most = 2;  // several batches a poll
  const auto first = world.open();
  std::vector<Token> before(5), after(5);
  for (const Token& token : before) world.revoke(*first, of_session(token));
  const auto second = world.open();
  for (const Token& token : before) CHECK_FALSE(accepted(*second, token));
  for (const Token& token : after) world.revoke(*first, of_token(token));
  CHECK(accepted(*second, after.back()));
  REQUIRE(second->poll());
  for (const Token& token : after) CHECK_FALSE(accepted(*second, token));
  CHECK(second->size() == 10);
}

TEST_CASE("listeners hear of every changed user, by commit and by poll") {
  World world;
  const auto first = world.open(), second = world.open();
  std::vector<UserId> heard_first, heard_second, heard_second_too;
  first->on_change([&](const UserId& user) { heard_first.push_back(user); });
  second->on_change([&](const UserId& user) { heard_second.push_back(user); });
  second->on_change([&](const UserId& user) { heard_second_too.push_back(user); });
  const Token token;
  world.revoke(*first, of_user(token, 4));
  world.revoke(*first, entry(RevocationKind::changed, token.user.bytes));
  CHECK(heard_first == std::vector{token.user});
  CHECK(heard_second.empty());
  REQUIRE(second->poll());
  CHECK(heard_second == std::vector{token.user});
  CHECK(heard_second_too == heard_second);
  CHECK(second->size() == 2);
}

TEST_CASE("the least version a copy must have is the greatest that a change told of, while the feed tells of it") {
  World world;
  const auto first = world.open(), second = world.open();
  const Token token, other;
  const auto changed = [&](std::int64_t version) { return entry(RevocationKind::changed, token.user.bytes, version); };
  world.revoke(*first, changed(3));
  world.revoke(*first, changed(2));
  CHECK(first->least_version(token.user) == 3);
  CHECK(first->least_version(other.user) == 0);
  CHECK(second->least_version(token.user) == 0);
  REQUIRE(second->poll());
  CHECK(second->least_version(token.user) == 3);
  CHECK(world.open()->least_version(token.user) == 3);
  // Who does not say to which version, or to one beyond what is kept, allows none.
  constexpr auto none = std::numeric_limits<std::uint64_t>::max();
  world.revoke(*first, changed(0));
  CHECK(first->least_version(token.user) == none);
  first->refuse_locally(entry(RevocationKind::changed, other.user.bytes, std::numeric_limits<std::int64_t>::max()));
  CHECK(first->least_version(other.user) == none);
  world.advance(2h);
  for (int i = 0; i < 64; ++i) REQUIRE(first->poll());  // each sweeps a part
  CHECK(first->least_version(token.user) == 0);
}

TEST_CASE("64 threads check while others revoke, poll and let entries end") {
  World world;
  const auto revocations = world.open();
  const std::vector<Token> tokens(512);
  std::atomic<std::size_t> revoked{0};
  std::atomic<bool> wrong{false};
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 64; ++i) {
    threads.emplace_back([&, i] {
      const Token innocent;
      while (revoked < tokens.size()) {
        const std::size_t sure = revoked;
        if (sure > 0 && check(*revocations, tokens[(sure - 1) - i % sure])) wrong = true;
        if (!check(*revocations, innocent)) wrong = true;
        std::this_thread::yield();
      }
    });
  }
  std::thread poller([&] {
    while (revoked < tokens.size()) {
      if (!revocations->poll()) wrong = true;
      static_cast<void>(revocations->size());
      std::this_thread::yield();
    }
  });
  for (const Token& token : tokens) {
    world.revoke(*revocations, revoked % 2 == 0 ? of_token(token) : of_session(token));
    ++revoked;
    world.advance(1ms);
  }
  for (auto& thread : threads) thread.join();
  poller.join();
  CHECK_FALSE(wrong);
  CHECK(revocations->size() == tokens.size());
}
