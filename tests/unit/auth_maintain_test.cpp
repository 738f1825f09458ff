#include "core/memory_work.hpp"
#include "event/memory_event_store.hpp"
#include "session/memory_session_store.hpp"
#include "unit/auth_fixture.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <memory>

using namespace authkit;
using namespace authkit::auth_test;

namespace {

/// Fails to seal, and says so to who waits.
class FailingEvents : public MemoryEventStore {
 public:
  using MemoryEventStore::MemoryEventStore;
  Result<std::size_t> seal(Tx&, std::size_t) override {
    if (++calls == 1) called.set_value();
    return Error(Errc::store_unavailable, "the disk is full");
  }
  std::atomic<int> calls{0};
  std::promise<void> called;
};

class CountingSessions : public MemorySessionStore {
 public:
  using MemorySessionStore::MemorySessionStore;
  Result<std::size_t> purge(Tx& tx, Time now, std::size_t max) override {
    auto count = MemorySessionStore::purge(tx, now, max);
    purged += count.value_or(0U);
    return count;
  }
  std::atomic<std::size_t> purged{0};
};

}  // namespace

TEST_CASE("maintenance removes expired sessions and seals events") {
  Deployment d;
  const auto work = std::make_shared<MemoryWork>();
  Stores own;
  own.work = work;
  const auto sessions = std::make_shared<CountingSessions>(work);
  own.sessions = sessions;
  Config config = d.memory();
  config.master_key = master_key;
  const auto auth = Auth::open(config, own).value();
  CHECK(auth->accounts().sign_up(alice()));
  log_in(*auth);
  CHECK(auth->maintain(Duration{5000}));
  CHECK(sessions->purged == 0);
  CHECK_FALSE(auth->events().list({}, "", 10, {}).value().items.at(0).hash.empty());
  d.advance(config.session.absolute_lifetime + Duration{60'000});
  CHECK(auth->maintain(Duration{5000}));
  CHECK(sessions->purged == 1);
}

TEST_CASE("maintenance moves a key rotation on that has begun, and begins none") {
  Deployment d;
  const auto auth = Auth::open(d.sqlite()).value();
  const auto other = Auth::open(d.sqlite()).value();
  const Config& config = auth->config();
  const auto tick = [&](Duration by) {
    d.advance(by);
    REQUIRE(auth->maintain(Duration{5000}));
    REQUIRE(other->maintain(Duration{5000}));
  };
  const auto signer = [](Auth& a) { return a.keys().snapshot()->sign->id(); };
  const std::string first = signer(*auth);
  tick(Duration{0});
  tick(config.key_publish_time * 3);
  CHECK(auth->keys().snapshot()->verify.size() == 1);

  CHECK(auth->accounts().sign_up(alice()));
  const Grant before = log_in(*auth);
  REQUIRE(auth->rotate_keys());
  tick(Duration{5000});
  CHECK(other->keys().snapshot()->verify.size() == 2);
  CHECK(signer(*other) == first);
  tick(config.key_publish_time);
  tick(Duration{5000});
  CHECK(signer(*auth) != first);
  CHECK(signer(*other) == signer(*auth));
  CHECK(other->tokens().verify(before.access_token));
  CHECK(other->accounts().refresh(before.session_secret));

  tick(config.key_publish_time * 3);
  CHECK(auth->keys().snapshot()->verify.size() == 2);
  tick(config.session.absolute_lifetime);
  tick(Duration{5000});
  CHECK(auth->keys().snapshot()->verify.size() == 1);
  CHECK(other->keys().snapshot()->macs.size() == 1);
}

TEST_CASE("a job that fails is named and stops no other") {
  Deployment d;
  const auto work = std::make_shared<MemoryWork>();
  Stores own;
  own.work = work;
  own.events = std::make_shared<FailingEvents>(work);
  const auto sessions = std::make_shared<CountingSessions>(work);
  own.sessions = sessions;
  Config config = d.memory();
  config.master_key = master_key;
  const auto auth = Auth::open(config, own).value();
  CHECK(auth->accounts().sign_up(alice()));
  log_in(*auth);
  d.advance(config.session.absolute_lifetime);
  const auto done = auth->maintain(Duration{5000});
  REQUIRE_FALSE(done);
  CHECK(done.error().code == Errc::store_unavailable);
  CHECK(done.error().detail == "events.seal: the disk is full");
  CHECK(sessions->purged == 1);
}

TEST_CASE("the maintenance thread works by itself, reports a failure once, and ends with its object") {
  Deployment d;
  const auto work = std::make_shared<MemoryWork>();
  Stores own;
  own.work = work;
  const auto events = std::make_shared<FailingEvents>(work);
  own.events = events;
  Config config = d.memory();
  config.master_key = master_key;
  std::promise<void> ten_rounds;
  std::atomic<int> readings{0};
  // Each reading of the clock is an hour later, so every round finds every job due.
  config.clock = [&d, &readings, &ten_rounds] {
    if (++readings == 400) ten_rounds.set_value();
    return Time{Duration{d.now += 3'600'000}};
  };
  const auto auth = Auth::open(config, own).value();
  {
    const Maintenance maintenance(*auth, Duration{1});
    CHECK(events->called.get_future().wait_for(std::chrono::seconds(20)) == std::future_status::ready);
    CHECK(ten_rounds.get_future().wait_for(std::chrono::seconds(20)) == std::future_status::ready);
  }
  CHECK(events->calls > 5);
  CHECK(d.logged("maintenance failed") == 1);
  CHECK(d.logged("events.seal: the disk is full") == 1);
}

TEST_CASE("a maintenance thread that waits long ends at once") {
  Deployment d;
  const auto auth = Auth::open(d.memory()).value();
  const auto start = std::chrono::steady_clock::now();
  { const Maintenance maintenance(*auth, Duration{3'600'000}); }
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(60));
}
