#include "authkit/session.hpp"

#include "core/base64url.hpp"
#include "core/in_transaction.hpp"
#include "core/random.hpp"
#include "session/memory_session_store.hpp"
#include "session/session_secret.hpp"
#include "unit/test_parts.hpp"

#include <doctest/doctest.h>

#include <barrier>
#include <limits>
#include <thread>

using namespace authkit;
using namespace authkit::test;
using namespace std::chrono_literals;

namespace {

KeyRing::Snapshot macs(std::initializer_list<MacKey> keys) { return {{}, std::nullopt, keys}; }

struct Fixture {
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  std::shared_ptr<FlakyWork> work = std::make_shared<FlakyWork>();
  std::shared_ptr<MemorySessionStore> store = std::make_shared<MemorySessionStore>(work);
  std::shared_ptr<TestRing> ring = std::make_shared<TestRing>(macs({mac_key(1)}));
  Sessions sessions = open({});

  Sessions open(SessionOptions options) { return Sessions::open(options, store, ring, clock_of(clock)).value(); }

  SessionGrant create(Transport transport = Transport::bearer, const Context& context = {}) {
    SessionRequest request;
    request.user = random_id<UserId>().value();
    request.epoch = 7;
    request.transport = transport;
    request.client = "phone";
    return in_transaction(*work, context, [&](Tx& tx) { return sessions.create(tx, request, context); }).value();
  }
  Result<SessionGrant> rotate(std::string_view token) {
    return in_transaction(*work, {}, [&](Tx& tx) { return sessions.rotate(tx, token, {}); });
  }
  Errc rotate_error(std::string_view token) {
    auto result = rotate(token);
    return result ? Errc{} : result.error().code;
  }
  Result<SessionRecord> authenticate(std::string_view cookie) { return sessions.authenticate(cookie, *work, {}); }
  Errc authenticate_error(std::string_view cookie) {
    auto result = authenticate(cookie);
    return result ? Errc{} : result.error().code;
  }
  void erase(const SessionId& id) {
    REQUIRE(in_transaction(*work, {}, [&](Tx& tx) { return store->erase(tx, id); }).value());
  }
  std::optional<SessionRecord> stored(const SessionId& id) { return store->find(id, {}).value(); }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a new session is stored without its secret and carries what the client said, tidied") {
  Context context;
  context.user_agent = "agent\n\xff" + std::string(600, 'x');
  context.address = "192.0.2.1";
  const auto grant = create(Transport::bearer, context);
  const auto record = stored(grant.record.id);
  REQUIRE(record);
  CHECK(record->epoch == 7);
  CHECK(record->client == "phone");
  CHECK(record->address == "192.0.2.1");
  CHECK(record->user_agent.size() <= 512);
  CHECK(record->user_agent.find('\n') == std::string::npos);
  CHECK(record->idle_expires_at == clock->now() + sessions.options().idle_lifetime);
  CHECK(record->absolute_expires_at == clock->now() + sessions.options().absolute_lifetime);

  const std::string raw = base64url::decode(grant.secret).value();
  const std::string secret = raw.substr(25, 16);
  const std::string digest(record->secret_digest.begin(), record->secret_digest.end());
  CHECK(digest.find(secret) == std::string::npos);
  CHECK(create().record.secret_digest != record->secret_digest);
}

TEST_CASE_FIXTURE(Fixture, "every cut, extension and flipped bit of a secret is refused without reading the store") {
  struct Unread : MemorySessionStore {
    using MemorySessionStore::MemorySessionStore;
    Result<std::optional<SessionRecord>> find(const SessionId&, const Context&) override { return Errc::internal; }
    Result<std::optional<SessionRecord>> rotate(Tx&, const SessionId&, const std::array<std::uint8_t, 32>&, std::uint32_t, Time, Time) override {
      return Errc::internal;
    }
  };
  for (const auto transport : {Transport::bearer, Transport::cookie}) {
    const std::string good = create(transport).secret;
    const Sessions blind = Sessions::open({}, std::make_shared<Unread>(work), ring, clock_of(clock)).value();
    const auto refused = [&](const std::string& text) {
      const auto found = blind.find(text, transport, {});
      if (found || found.error().code != Errc::refresh_token_invalid) return false;
      if (transport == Transport::cookie) return blind.authenticate(text, *work, {}).error().code == Errc::refresh_token_invalid;
      const auto tx = work->begin({}).value();
      return blind.rotate(*tx, text, {}).error().code == Errc::refresh_token_invalid;
    };
    CHECK(blind.find(good, transport, {}).error().code == Errc::internal);  // this one is read
    for (std::size_t i = 0; i < good.size(); ++i) {
      CHECK(refused(good.substr(0, i)));
      CHECK(refused(good.substr(i + 1)));
    }
    const std::string raw = base64url::decode(good).value();
    for (std::size_t bit = 0; bit < raw.size() * 8; ++bit) {
      std::string other = raw;
      other[bit / 8] = static_cast<char>(static_cast<unsigned char>(other[bit / 8]) ^ (1U << (bit % 8)));
      CHECK(refused(base64url::encode(other)));
    }
    // Every other spelling of a character, trailing bits included.
    for (std::size_t i = 0; i < good.size(); ++i) {
      for (const char c : std::string_view("ABCDwxyz0189-_=+/ \n\0", 20)) {
        if (good[i] == c) continue;
        std::string other = good;
        other[i] = c;
        CHECK(refused(other));
      }
    }
    CHECK(refused(good + "="));
    CHECK(refused(good + good));
    CHECK(refused(std::string(1 << 20, 'A')));
  }
}

TEST_CASE_FIXTURE(Fixture, "a cookie is no refresh token and a refresh token no cookie") {
  const auto bearer = create(Transport::bearer);
  const auto cookie = create(Transport::cookie);
  CHECK(rotate_error(cookie.secret) == Errc::refresh_token_invalid);
  CHECK(authenticate_error(bearer.secret) == Errc::refresh_token_invalid);
  CHECK(sessions.peek(cookie.secret, Transport::bearer).error().code == Errc::refresh_token_invalid);
  CHECK(sessions.peek(bearer.secret, Transport::cookie).error().code == Errc::refresh_token_invalid);
  CHECK(sessions.peek(bearer.secret, Transport::bearer).value() == bearer.record.id);
  CHECK(sessions.peek(cookie.secret, Transport::cookie).value() == cookie.record.id);
  // Not even one that was made with the key: each session knows its transport.
  SessionSecret forged = *SessionSecret::decode(cookie.secret, Transport::cookie, ring->snapshot()->macs);
  forged.transport = Transport::bearer;
  CHECK(sessions.find(forged.encode(mac_key(1)), Transport::bearer, {}).error().code == Errc::refresh_token_invalid);
}

TEST_CASE_FIXTURE(Fixture, "a token made with the key but another secret finds no session") {
  const auto grant = create();
  SessionSecret forged = *SessionSecret::decode(grant.secret, Transport::bearer, ring->snapshot()->macs);
  forged.secret[0] ^= 1;
  const std::string token = forged.encode(mac_key(1));
  CHECK(rotate_error(token) == Errc::refresh_token_invalid);
  CHECK(sessions.find(token, Transport::bearer, {}).error().code == Errc::refresh_token_invalid);
  CHECK(rotate_error(grant.secret) == Errc{});
}

TEST_CASE_FIXTURE(Fixture, "a refresh token rotates once; a repeat in the grace window gets the same successor") {
  const auto first = create();
  clock->advance(1min);
  const auto second = rotate(first.secret).value();
  CHECK(second.rotated);
  CHECK(second.secret != first.secret);
  CHECK(second.record.generation == 1);
  CHECK(second.record.idle_expires_at == clock->now() + sessions.options().idle_lifetime);

  clock->advance(sessions.options().grace_window);
  const auto repeat = rotate(first.secret).value();
  CHECK_FALSE(repeat.rotated);
  CHECK(repeat.secret == second.secret);
  CHECK(stored(first.record.id)->generation == 1);
  CHECK(rotate(second.secret).value().record.generation == 2);
}

TEST_CASE_FIXTURE(Fixture, "an older token is reuse past the window, and so is the last but one inside of it") {
  const auto first = create();
  const auto second = rotate(first.secret).value();
  SUBCASE("past the window") {
    clock->advance(sessions.options().grace_window + 1ms);
    CHECK(rotate_error(first.secret) == Errc::refresh_token_reused);
  }
  SUBCASE("two generations behind") {
    REQUIRE(rotate(second.secret));
    CHECK(rotate_error(first.secret) == Errc::refresh_token_reused);
  }
  SUBCASE("no window at all") {
    sessions = open({.grace_window = 0ms});
    CHECK(rotate_error(first.secret) == Errc::refresh_token_reused);
  }
  SUBCASE("with the clock set back by an hour") {
    clock->advance(-1h);
    CHECK(rotate_error(first.secret) == Errc::refresh_token_reused);
  }
  CHECK(stored(first.record.id));  // judging is not acting
}

TEST_CASE_FIXTURE(Fixture, "a token of a generation that the store never reached is refused and ends nothing") {
  const auto grant = create();
  SessionSecret ahead = *SessionSecret::decode(grant.secret, Transport::bearer, ring->snapshot()->macs);
  ahead.generation = 5;
  CHECK(rotate_error(ahead.encode(mac_key(1))) == Errc::refresh_token_invalid);
  CHECK(rotate_error(grant.secret) == Errc{});
}

TEST_CASE_FIXTURE(Fixture, "sessions end by idleness, by age and by being erased") {
  const auto options = sessions.options();
  auto grant = create();
  SUBCASE("idle") {
    clock->advance(options.idle_lifetime - 1ms);
    grant = rotate(grant.secret).value();
    clock->advance(options.idle_lifetime);
    CHECK(rotate_error(grant.secret) == Errc::refresh_token_expired);
  }
  SUBCASE("age, however busy") {
    const Time end = clock->now() + options.absolute_lifetime;
    while (clock->now() + options.idle_lifetime / 2 < end) {
      clock->advance(options.idle_lifetime / 2);
      grant = rotate(grant.secret).value();
      CHECK(grant.record.idle_expires_at <= end);
    }
    clock->set(end);
    CHECK(rotate_error(grant.secret) == Errc::refresh_token_expired);
  }
  SUBCASE("erased") {
    erase(grant.record.id);
    CHECK(rotate_error(grant.secret) == Errc::session_revoked);
    CHECK_FALSE(sessions.find(grant.secret, Transport::bearer, {}).value());
  }
}

TEST_CASE_FIXTURE(Fixture, "expiry holds at every date") {
  for (const auto date : {Time{}, Time{Duration{(std::int64_t{1} << 31) * 1000}}, Time{Duration{(std::int64_t{1} << 32) * 1000 + 1}}}) {
    clock->set(date);
    const auto grant = create();
    CHECK(rotate(grant.secret));
    clock->advance(sessions.options().idle_lifetime);
    CHECK(rotate_error(grant.secret) == Errc::refresh_token_expired);
  }
}

TEST_CASE_FIXTURE(Fixture, "a lifetime's generations do not run out") {
  const auto grant = create();
  SessionSecret last = *SessionSecret::decode(grant.secret, Transport::bearer, ring->snapshot()->macs);
  last.generation = std::numeric_limits<std::uint32_t>::max();
  const auto again = SessionSecret::decode(last.encode(mac_key(1)), Transport::bearer, ring->snapshot()->macs);
  REQUIRE(again);
  CHECK(again->generation == last.generation);
}

TEST_CASE_FIXTURE(Fixture, "a store that fails consumes nothing") {
  const auto grant = create();
  SUBCASE("at the begin") { work->failing_begins = 1; }
  SUBCASE("at the commit") { work->failing_commits = 1; }
  SUBCASE("by conflicts without end") { work->conflicts = 3; }
  CHECK(info(rotate_error(grant.secret)).kind == ErrorKind::backend);
  CHECK(stored(grant.record.id)->generation == 0);
  CHECK(rotate(grant.secret).value().rotated);
}

TEST_CASE_FIXTURE(Fixture, "a rotation that lost against another unit is repeated") {
  const auto grant = create();
  work->conflicts = 2;
  CHECK(rotate(grant.secret).value().record.generation == 1);
}

TEST_CASE_FIXTURE(Fixture, "no random bytes, no session") {
  fail_random_for_tests(1);
  auto made = in_transaction(*work, {}, [&](Tx& tx) { return sessions.create(tx, {}, {}); });
  fail_random_for_tests(0);
  CHECK(made.error().code == Errc::random_unavailable);
  CHECK(store->find_by_user({}, clock->now(), 10, {}).value().empty());
}

TEST_CASE_FIXTURE(Fixture, "a session keeps the key it was made under while that key is held") {
  const auto old = create();
  ring->set(macs({mac_key(2), mac_key(1)}));
  const auto next = rotate(old.secret).value();
  CHECK(rotate(old.secret).value().secret == next.secret);
  CHECK(base64url::decode(next.secret)->substr(1, 4) == std::string(4, 1));
  CHECK(base64url::decode(create().secret)->substr(1, 4) == std::string(4, 2));
  ring->set(macs({mac_key(2)}));
  CHECK(rotate_error(next.secret) == Errc::refresh_token_invalid);
}

TEST_CASE_FIXTURE(Fixture, "a cookie slides its session by one write a minute") {
  const auto grant = create(Transport::cookie);
  const int before = work->begun;
  const auto interval = sessions.options().touch_interval;
  CHECK(authenticate(grant.secret).value().id == grant.record.id);
  clock->advance(interval - 1ms);
  CHECK(authenticate(grant.secret));
  CHECK(work->begun == before);

  clock->advance(1ms);
  CHECK(authenticate(grant.secret).value().last_seen == clock->now());
  CHECK(authenticate(grant.secret));
  CHECK(work->begun == before + 1);
  CHECK(stored(grant.record.id)->idle_expires_at == clock->now() + sessions.options().idle_lifetime);

  clock->advance(sessions.options().idle_lifetime);
  CHECK(authenticate_error(grant.secret) == Errc::refresh_token_expired);
}

TEST_CASE_FIXTURE(Fixture, "a cookie session never slides past its absolute end") {
  const auto grant = create(Transport::cookie);
  const Time end = grant.record.absolute_expires_at;
  while (clock->now() + 6 * 24h < end) {
    clock->advance(6 * 24h);
    REQUIRE(authenticate(grant.secret));
  }
  CHECK(stored(grant.record.id)->idle_expires_at == end);
  clock->set(end);
  CHECK(authenticate_error(grant.secret) == Errc::refresh_token_expired);
}

TEST_CASE_FIXTURE(Fixture, "many requests of one page write once") {
  constexpr int callers = 16;
  struct Counting : MemorySessionStore {
    using MemorySessionStore::MemorySessionStore;
    std::atomic<int> touches{0};
    Result<bool> touch(Tx& tx, const SessionId& id, Time now, Time idle_expires_at) override {
      ++touches;
      return MemorySessionStore::touch(tx, id, now, idle_expires_at);
    }
  };
  const auto counting = std::make_shared<Counting>(work);
  store = counting;
  sessions = open({});
  const auto grant = create(Transport::cookie);
  clock->advance(1h);
  std::barrier start(callers);
  std::atomic<int> served{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < callers; ++i) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      if (authenticate(grant.secret)) ++served;
    });
  }
  threads.clear();
  CHECK(served == callers);
  CHECK(counting->touches == 1);
}

TEST_CASE_FIXTURE(Fixture, "a request under way never brings an erased session back") {
  sessions = open({.touch_interval = 0ms});  // every request writes
  constexpr int rounds = 10'000;
  SessionGrant grant;
  std::barrier round(2);
  std::atomic<int> alive_after{0};
  std::jthread slow([&] {
    for (int i = 0; i < rounds; ++i) {
      round.arrive_and_wait();
      (void)authenticate(grant.secret);
      round.arrive_and_wait();
    }
  });
  for (int i = 0; i < rounds; ++i) {
    grant = create(Transport::cookie);
    round.arrive_and_wait();
    erase(grant.record.id);
    round.arrive_and_wait();
    if (stored(grant.record.id) || authenticate_error(grant.secret) != Errc::session_revoked) ++alive_after;
  }
  CHECK(alive_after == 0);
}

TEST_CASE_FIXTURE(Fixture, "CSRF tokens belong to one session and outlive a key rotation") {
  const auto a = create(Transport::cookie).record.id;
  const auto b = create(Transport::cookie).record.id;
  const std::string token = sessions.csrf_token(a);
  CHECK(sessions.csrf_matches(a, token));
  CHECK_FALSE(sessions.csrf_matches(b, token));
  for (std::size_t i = 0; i < token.size(); ++i) CHECK_FALSE(sessions.csrf_matches(a, token.substr(0, i)));
  CHECK_FALSE(sessions.csrf_matches(a, token + "A"));
  ring->set(macs({mac_key(2), mac_key(1)}));
  CHECK(sessions.csrf_token(a) != token);
  CHECK(sessions.csrf_matches(a, token));
}

TEST_CASE_FIXTURE(Fixture, "session options out of range are refused by name") {
  const auto refused = [&](SessionOptions options) {
    const auto opened = Sessions::open(options, store, ring, clock_of(clock));
    return !opened && opened.error().code == Errc::config_invalid && opened.error().detail.find("session.") == 0;
  };
  CHECK(refused({.grace_window = 60'001ms}));
  CHECK(refused({.grace_window = -1ms}));
  CHECK(refused({.idle_lifetime = 0ms}));
  CHECK(refused({.absolute_lifetime = 1h}));
  CHECK(refused({.touch_interval = 8 * 24h}));
  ring->set(macs({}));
  CHECK(Sessions::open({}, store, ring, clock_of(clock)).error().code == Errc::key_invalid);
}
