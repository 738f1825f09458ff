#include "contract/samples.hpp"
#include "contract/suite.hpp"

#include <atomic>

using namespace authkit;
using namespace authkit::contract;

namespace {

void insert(Fixture& f, const SessionRecord& record) {
  f.commit([&](Tx& tx) { return f.sessions().insert(tx, record); }).value();
}

std::optional<SessionRecord> find(Fixture& f, const SessionId& id) { return f.sessions().find(id, f.context()).value(); }

bool stored_as(Fixture& f, const SessionRecord& record) {
  const auto found = find(f, record.id);
  return found && same(*found, record);
}

std::optional<SessionRecord> rotate(Fixture& f, const SessionRecord& r, std::uint32_t generation, Time now, Time idle) {
  return f.commit([&](Tx& tx) { return f.sessions().rotate(tx, r.id, r.secret_digest, generation, now, idle); }).value();
}

std::vector<SessionId> ids_of(const std::vector<SessionRecord>& records) {
  std::vector<SessionId> ids;
  for (const auto& record : records) ids.push_back(record.id);
  return ids;
}

}  // namespace

CONTRACT(SessionStore, "a record is found as it was inserted") {
  insert(f, record(1));
  insert(f, record(2));
  CHECK(stored_as(f, record(1)));
  CHECK(stored_as(f, record(2)));
  CHECK_FALSE(find(f, session(3)));
  CHECK_FALSE(find(f, SessionId{}));
}

CONTRACT(SessionStore, "extreme values and hard texts come back unchanged") {
  SessionRecord extreme = record(1);
  extreme.transport = Transport::cookie;
  extreme.secret_digest.fill(0);
  extreme.generation = std::numeric_limits<std::uint32_t>::max();
  extreme.created_at = Time{Duration{-1}};
  extreme.rotated_at = extreme.last_seen = Time{};
  extreme.auth_time = extreme.idle_expires_at = extreme.absolute_expires_at = end_of_time;
  extreme.epoch = std::numeric_limits<std::int64_t>::max();
  extreme.amr = extreme.address = "";
  extreme.client.assign(16 * 1024, 'x');
  insert(f, extreme);
  CHECK(stored_as(f, extreme));

  SessionRecord bytes = record(2);
  bytes.id.bytes.fill(0xff);
  bytes.user.bytes.fill(0x00);
  bytes.secret_digest = {0x00, 0x27, 0x5c, 0xff, 0x80, 0x0a};
  insert(f, bytes);
  CHECK(stored_as(f, bytes));

  for (std::size_t i = 0; i < hard_texts().size(); ++i) {
    CAPTURE(hard_text(i));
    SessionRecord texts = record(10 + i);
    texts.amr = hard_text(i);
    texts.acr = hard_text(i + 1);
    texts.client = hard_text(i + 2);
    texts.user_agent = hard_text(i + 3);
    texts.address = hard_text(i + 4);
    insert(f, texts);
    CHECK(stored_as(f, texts));
  }
}

CONTRACT(SessionStore, "text with a NUL is refused, never cut") {
  for (auto member : {&SessionRecord::amr, &SessionRecord::acr, &SessionRecord::client, &SessionRecord::user_agent, &SessionRecord::address}) {
    SessionRecord bad = record(1);
    bad.*member = with_nul;
    CHECK(f.commit([&](Tx& tx) { return f.sessions().insert(tx, bad); }).error().code == Errc::invalid_argument);
    CHECK_FALSE(find(f, bad.id));
  }
}

CONTRACT(SessionStore, "an id is used once") {
  insert(f, record(1));
  SessionRecord second = record(1, user(2));
  second.generation = 7;
  CHECK_FALSE(f.commit([&](Tx& tx) { return f.sessions().insert(tx, second); }));
  CHECK(stored_as(f, record(1)));
}

CONTRACT(SessionStore, "touch slides two times and nothing else") {
  SessionRecord r = record(1);
  insert(f, r);
  insert(f, record(2));
  r.last_seen = t0 + Duration{500};
  r.idle_expires_at = t0 + Duration{2'000'000};
  CHECK(f.commit([&](Tx& tx) { return f.sessions().touch(tx, r.id, r.last_seen, r.idle_expires_at); }).value());
  CHECK(stored_as(f, r));
  CHECK(stored_as(f, record(2)));
}

CONTRACT(SessionStore, "touch never creates") {
  const auto touch = [&](const SessionId& id) {
    return f.commit([&](Tx& tx) { return f.sessions().touch(tx, id, t0, t0 + Duration{1'000'000}); }).value();
  };
  CHECK_FALSE(touch(session(1)));
  CHECK_FALSE(find(f, session(1)));
  insert(f, record(1));
  CHECK(f.commit([&](Tx& tx) { return f.sessions().erase(tx, session(1)); }).value());
  CHECK_FALSE(touch(session(1)));
  CHECK_FALSE(find(f, session(1)));
}

CONTRACT(SessionStore, "an erased session stays erased while others touch and rotate it") {
  for (std::uint64_t round = 1; round <= 50; ++round) {
    const SessionRecord r = record(round);
    insert(f, r);
    in_parallel(4, [&](int thread) {
      if (thread == 0) {
        CHECK(f.commit([&](Tx& tx) { return f.sessions().erase(tx, r.id); }).value());
      } else if (thread == 1) {
        rotate(f, r, 0, t0, r.idle_expires_at);
      } else {
        f.commit([&](Tx& tx) { return f.sessions().touch(tx, r.id, t0, r.idle_expires_at); }).value();
      }
    });
    CHECK_FALSE(find(f, r.id));
  }
}

CONTRACT(SessionStore, "rotate is one step to the next generation") {
  SessionRecord r = record(1);
  insert(f, r);
  insert(f, record(2));
  const Time now = t0 + Duration{5000};
  const auto rotated = rotate(f, r, 0, now, now + Duration{1'000'000});
  r.generation = 1;
  r.rotated_at = r.last_seen = now;
  r.idle_expires_at = now + Duration{1'000'000};
  REQUIRE(rotated);
  CHECK(same(*rotated, r));
  CHECK(stored_as(f, r));
  CHECK(stored_as(f, record(2)));

  CHECK_FALSE(rotate(f, r, 0, now, now));
  CHECK(rotate(f, r, 1, now, now + Duration{1'000'000})->generation == 2);
}

CONTRACT(SessionStore, "rotate never moves the idle end past the absolute one") {
  const SessionRecord r = record(1);
  insert(f, r);
  CHECK(rotate(f, r, 0, t0, r.absolute_expires_at + Duration{1})->idle_expires_at == r.absolute_expires_at);
  CHECK(find(f, r.id)->idle_expires_at == r.absolute_expires_at);
}

CONTRACT(SessionStore, "rotate takes nothing but the exact digest, generation and a live session") {
  SessionRecord r = record(1);
  r.generation = 5;
  insert(f, r);
  const Time later = t0 + Duration{2'000'000};
  SessionRecord other = r;
  other.secret_digest[31] ^= 1;
  CHECK_FALSE(rotate(f, other, 5, t0, later));
  other = r;
  other.id = session(2);
  CHECK_FALSE(rotate(f, other, 5, t0, later));
  CHECK_FALSE(rotate(f, r, 4, t0, later));
  CHECK_FALSE(rotate(f, r, 6, t0, later));
  CHECK_FALSE(rotate(f, r, 5, r.idle_expires_at, later));
  CHECK_FALSE(rotate(f, r, 5, r.idle_expires_at + Duration{1}, later));
  CHECK(stored_as(f, r));
  CHECK_FALSE(find(f, session(2)));
  CHECK(rotate(f, r, 5, r.idle_expires_at - Duration{1}, later));

  SessionRecord old = record(3);
  old.idle_expires_at = end_of_time;
  insert(f, old);
  CHECK_FALSE(rotate(f, old, 0, old.absolute_expires_at, end_of_time));
  CHECK(rotate(f, old, 0, old.absolute_expires_at - Duration{1}, end_of_time));
}

CONTRACT(SessionStore, "of 64 parallel rotations exactly one wins, round after round") {
  const SessionRecord r = record(1);
  insert(f, r);
  for (std::uint32_t generation = 0; generation < 20; ++generation) {
    std::atomic<int> winners = 0;
    in_parallel(64, [&](int) {
      if (rotate(f, r, generation, t0, r.idle_expires_at)) ++winners;
    });
    CHECK(winners == 1);
    CHECK(find(f, r.id)->generation == generation + 1);
  }
}

CONTRACT(SessionStore, "a session that is known is erased; if it is not there the unit fails as a whole") {
  insert(f, record(1));
  insert(f, record(2));
  const auto erase_both = [&] {
    return f.commit([&](Tx& tx) -> Result<void> {
      if (auto erased = f.sessions().erase_known(tx, session(1)); !erased) return erased;
      return f.sessions().erase_known(tx, session(2));
    });
  };
  const auto is_there = [&](std::uint64_t n) { return f.sessions().find(session(n), f.context()).value().has_value(); };
  erase_both().value();
  CHECK_FALSE(is_there(1));
  CHECK_FALSE(is_there(2));
  insert(f, record(1));
  CHECK(erase_both().error().code == Errc::not_found);
  CHECK(is_there(1));
}

CONTRACT(SessionStore, "erase tells whether there was a session") {
  insert(f, record(1));
  insert(f, record(2));
  const auto erase = [&] { return f.commit([&](Tx& tx) { return f.sessions().erase(tx, session(1)); }).value(); };
  CHECK(erase());
  CHECK_FALSE(erase());
  CHECK_FALSE(find(f, session(1)));
  CHECK(stored_as(f, record(2)));
  insert(f, record(1));
  CHECK(stored_as(f, record(1)));
}

CONTRACT(SessionStore, "a user's live sessions come newest first, at most as many as asked") {
  const auto list = [&](const UserId& of, Time now, std::size_t max) { return ids_of(f.sessions().find_by_user(of, now, max, f.context()).value()); };
  for (const std::uint64_t n : {3, 1, 4, 2}) insert(f, record(n));
  insert(f, record(9, user(2)));
  SessionRecord idle = record(5);
  idle.idle_expires_at = t0 + Duration{100};
  insert(f, idle);
  SessionRecord old = record(6);
  old.absolute_expires_at = t0 + Duration{100};
  insert(f, old);

  const Time now = t0 + Duration{100};
  CHECK(list(user(1), now, 10) == std::vector{session(4), session(3), session(2), session(1)});
  CHECK(list(user(1), now - Duration{1}, 10).size() == 6);
  CHECK(list(user(1), now, 2) == std::vector{session(4), session(3)});
  CHECK(list(user(1), now, 0).empty());
  CHECK(list(user(2), now, 10) == std::vector{session(9)});
  CHECK(list(user(3), now, 10).empty());
  CHECK(same(f.sessions().find_by_user(user(1), now, 1, f.context()).value().front(), record(4)));
}

CONTRACT(SessionStore, "erase_by_user ends all of a user's sessions but the one kept") {
  for (std::uint64_t n = 1; n <= 4; ++n) insert(f, record(n));
  insert(f, record(9, user(2)));
  const auto erase = [&](const SessionId& keep) {
    auto ended = f.commit([&](Tx& tx) { return f.sessions().erase_by_user(tx, user(1), keep); }).value();
    std::sort(ended.begin(), ended.end());
    return ended;
  };
  CHECK(erase(session(2)) == std::vector{session(1), session(3), session(4)});
  CHECK(stored_as(f, record(2)));
  CHECK_FALSE(find(f, session(1)));
  CHECK(erase(session(9)) == std::vector{session(2)});
  insert(f, record(3));
  CHECK(erase(SessionId{}) == std::vector{session(3)});
  CHECK(erase(SessionId{}).empty());
  CHECK(stored_as(f, record(9, user(2))));
}

CONTRACT(SessionStore, "set_epoch changes the epoch alone") {
  SessionRecord r = record(1);
  insert(f, r);
  r.epoch = 1'000'000'000'000;
  CHECK(f.commit([&](Tx& tx) { return f.sessions().set_epoch(tx, r.id, r.epoch); }).value());
  CHECK(stored_as(f, r));
  CHECK_FALSE(f.commit([&](Tx& tx) { return f.sessions().set_epoch(tx, session(2), 5); }).value());
  CHECK_FALSE(find(f, session(2)));
}

CONTRACT(SessionStore, "purge leaves nothing that expired to those who judge by the same time, and all that lives") {
  const Time now = t0 + Duration{1000};
  for (std::uint64_t n = 1; n <= 5; ++n) {
    SessionRecord idle = record(n);
    idle.idle_expires_at = now - Duration{n - 1};
    insert(f, idle);
  }
  SessionRecord old = record(6);
  old.absolute_expires_at = now;
  insert(f, old);
  SessionRecord live = record(7);
  live.idle_expires_at = now + Duration{1};
  insert(f, live);
  SessionRecord touched = record(8);
  touched.idle_expires_at = now;
  insert(f, touched);
  touched.last_seen = now;
  touched.idle_expires_at = now + Duration{1};
  CHECK(f.commit([&](Tx& tx) { return f.sessions().touch(tx, touched.id, now, touched.idle_expires_at); }).value());

  const auto purge = [&](Time at, std::size_t max) { return f.commit([&](Tx& tx) { return f.sessions().purge(tx, at, max); }).value(); };
  CHECK(purge(now, 0) == 0);
  CHECK(purge(now, 4) <= 4);
  while (purge(now, 4) > 0) {
  }
  for (std::uint64_t n = 1; n <= 6; ++n) {
    const auto found = find(f, session(n));
    CHECK((!found || found->expired(now)));
  }
  CHECK(stored_as(f, live));
  CHECK(stored_as(f, touched));
}

CONTRACT(SessionStore, "a unit that is dropped leaves every session as it was") {
  for (std::uint64_t n = 1; n <= 3; ++n) insert(f, record(n));
  const Time later = t0 + Duration{5'000'000};
  f.roll_back([&](Tx& tx) -> Result<void> {
     f.sessions().insert(tx, record(4)).value();
     CHECK(f.sessions().touch(tx, session(1), later, later).value());
     CHECK(f.sessions().rotate(tx, session(1), record(1).secret_digest, 0, t0, later).value());
     CHECK(f.sessions().set_epoch(tx, session(1), 9).value());
     CHECK(f.sessions().erase(tx, session(1)).value());
     CHECK(f.sessions().erase_by_user(tx, user(1), session(2)).value().size() == 2);
     CHECK(f.sessions().purge(tx, end_of_time, 10).value() <= 1);
     return {};
   }).value();
  for (std::uint64_t n = 1; n <= 3; ++n) CHECK(stored_as(f, record(n)));
  CHECK_FALSE(find(f, session(4)));
  CHECK(ids_of(f.sessions().find_by_user(user(1), t0, 10, f.context()).value()) == std::vector{session(3), session(2), session(1)});
}
