#include "contract/own_database.hpp"
#include "contract/proxy.hpp"
#include "contract/samples.hpp"
#include "contract/statement_log.hpp"
#include "event/sql_event_store.hpp"
#include "limit/sql_counter_store.hpp"
#include "revocation/sql_revocation_store.hpp"

#include <doctest/doctest.h>

#include <future>

using namespace authkit;
using namespace authkit::contract;
using namespace authkit::test;

namespace {

Result<void> append(SqlEventStore& events, Tx& tx, std::uint64_t n) { return events.append(tx, contract::event(n)); }

}  // namespace

TEST_CASE("PostgreSQL: a call that the server does not answer ends at its deadline, and the next one works") {
  const OwnDatabase own;
  const auto database = own.open_migrated();
  const auto begun = std::chrono::steady_clock::now();
  const auto slept = database->read(Route::read_latest, within(Duration{300}),
                                    [](SqlSession& session) { SqlQuery(session, "SELECT count(*) FROM pg_sleep(30)").run(); });
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(3));
  REQUIRE_FALSE(slept);
  CHECK(slept.error().code == Errc::store_unavailable);
  CHECK(database->ping(within(std::chrono::seconds(30))));

  const auto unit = database->begin(within(Duration{300})).value();
  CHECK(database->write(*unit, [](SqlSession& session) { session.script("SELECT pg_sleep(30)"); }).error().code == Errc::store_unavailable);
  CHECK(unit->commit().error().code == Errc::store_unavailable);
  CHECK(database->ping(within(std::chrono::seconds(30))));
}

TEST_CASE("PostgreSQL: connections that the server closed are replaced without a failed call") {
  OwnDatabase own;
  const auto database = own.open_migrated();
  own.options.connections = 1;
  const auto other = own.open();
  for (int round = 0; round < 5; ++round) {
    end_other_connections(*other);
    CHECK(database->ping({}));
  }
}

TEST_CASE("PostgreSQL: a unit in which a statement failed does not commit the rest, whatever its caller swallowed") {
  const OwnDatabase own;
  const auto database = own.open_migrated();
  const auto unit = database->begin({}).value();
  const auto insert = [](SqlSession& session) { session.script("INSERT INTO authkit_counter (tenant, key, tat) VALUES ('t', 'k', 1)"); };
  CHECK(database->write(*unit, insert));
  const auto failed = database->write(*unit, [](SqlSession& session) {
    std::int64_t number = 0;
    SqlQuery(session, "SELECT cast(:text AS bigint)").in("CANARY").out(number).next();
  });
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Errc::internal);
  CHECK(failed.error().detail.find("CANARY") == std::string::npos);
  CHECK_FALSE(database->write(*unit, insert));
  CHECK(unit->commit().error().code == Errc::internal);
  CHECK(texts(*database, "SELECT key FROM authkit_counter").empty());
}

TEST_CASE("PostgreSQL: the feed misses no entry whose unit ended after a later one") {
  const OwnDatabase own;
  const auto database = own.open_migrated();
  SqlRevocationStore feed(database, "t");
  const auto entry = [](std::uint8_t n) {
    RevocationEntry one;
    one.kind = RevocationKind::token;
    one.id[0] = n;
    one.not_after = at(midday);
    return one;
  };
  const auto add = [&](std::uint8_t n) { in_transaction(*database, {}, [&](Tx& tx) { return feed.add(tx, entry(n)); }).value(); };
  std::string cursor;
  std::vector<int> seen;
  const auto poll = [&](std::size_t max) {
    for (bool more = true; more;) {
      const auto batch = feed.since(cursor, max, {}).value();
      CHECK(batch.entries.size() <= max);
      for (const auto& one : batch.entries) seen.push_back(one.id[0]);
      cursor = batch.cursor;
      more = batch.more;
    }
  };
  poll(10);
  CHECK(seen.empty());

  std::promise<void> added, go_on;
  auto slow = std::async(std::launch::async, [&] {
    const auto unit = database->begin({}).value();
    feed.add(*unit, entry(1)).value();
    added.set_value();
    go_on.get_future().wait();
    unit->commit().value();
  });
  added.get_future().wait();
  for (std::uint8_t n = 2; n <= 6; ++n) add(n);
  poll(2);
  CHECK(seen == std::vector<int>{2, 3, 4, 5, 6});
  go_on.set_value();
  slow.get();
  seen.clear();
  poll(2);
  CHECK(seen == std::vector<int>{1});
  seen.clear();
  poll(2);
  CHECK(seen.empty());
  CHECK(feed.since("1:2:';drop", 1, {}).error().code == Errc::invalid_argument);
}

TEST_CASE("PostgreSQL: an event is chained only when none before it can still come") {
  const OwnDatabase own;
  const auto database = own.open_migrated();
  SqlEventStore events(database, "t");
  const auto seal = [&] { return in_transaction(*database, {}, [&](Tx& tx) { return events.seal(tx, 100); }).value(); };

  std::promise<void> added, go_on;
  auto slow = std::async(std::launch::async, [&] {
    const auto unit = database->begin({}).value();
    append(events, *unit, 1).value();
    database->write(*unit, [](SqlSession& session) { session.flush(); }).value();
    added.set_value();
    go_on.get_future().wait();
    unit->commit().value();
  });
  added.get_future().wait();
  in_transaction(*database, {}, [&](Tx& tx) { return append(events, tx, 2); }).value();
  CHECK(seal() == 0);
  go_on.set_value();
  slow.get();
  // Units of others on the same server may hold it up for a moment.
  std::size_t sealed = 0;
  for (const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1); sealed == 0 && std::chrono::steady_clock::now() < end;)
    sealed = seal();
  CHECK(sealed == 2);
  CHECK(seal() == 0);
}

TEST_CASE("PostgreSQL: a step over any number of counters is one round trip, and no part of a unit") {
  OwnDatabase own;
  own.options.connections = 1;
  const auto database = own.open_migrated();
  SqlCounterStore counters(database, "t");
  const std::vector<LimitRequest> three{{"a", {}}, {"b", {}}, {"c", {}}};
  PostgresLog log(*database);
  CHECK(counters.take(three, at(midday), {}).value().allowed);
  CHECK(log.round_trips() == 1);
  counters.give_back(three, at(midday), {}).value();
  CHECK(log.round_trips() == 1);
  CHECK(counters.take({}, at(midday), {}).value().allowed);
  CHECK(log.round_trips() == 0);

  const auto unit = database->begin({}).value();
  CHECK(counters.take(three, at(midday), {}).error().code == Errc::invalid_argument);
  CHECK(counters.give_back(three, at(midday), {}).error().code == Errc::invalid_argument);
}

TEST_CASE("PostgreSQL: a commit whose answer is lost counts as done when its event is there, and as failed when it is not") {
  OwnDatabase own;
  const auto direct = own.open_migrated();
  Proxy proxy({Proxy::port_of(own.options.url)});
  own.options.url = proxy.in_front_of(own.options.url);
  const auto database = own.open();
  SqlEventStore events(database, "t");
  const auto unit = [&](std::uint64_t n, auto body) {
    const auto tx = database->begin({}).value();
    body(*tx, n);
    proxy.lose_answers_to("COMMIT");
    const auto committed = tx->commit();
    proxy.lose_answers_to("");
    return committed;
  };
  CHECK(unit(1, [&](Tx& tx, std::uint64_t n) { append(events, tx, n).value(); }));
  CHECK(events.list({}, "", 10, {}).value().items.size() == 1);

  const auto unknown = unit(2, [&](Tx& tx, std::uint64_t) {
    database->write(tx, [](SqlSession& session) { session.script("INSERT INTO authkit_counter (tenant, key, tat) VALUES ('t', 'k', 1)"); }).value();
  });
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == Errc::store_unavailable);
  CHECK(unknown.error().detail.find("not known") != std::string::npos);
  CHECK(texts(*direct, "SELECT key FROM authkit_counter").size() == 1);

  const auto undone = unit(3, [&](Tx& tx, std::uint64_t n) {
    append(events, tx, n).value();
    database->write(tx, [](SqlSession& session) { session.flush(); }).value();
    // The server ends the transaction while its client is about to commit.
    texts(
        *direct,
        "SELECT cast(pg_terminate_backend(pid) AS text) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'");
  });
  REQUIRE_FALSE(undone);
  CHECK(undone.error().code == Errc::store_unavailable);
  CHECK(events.list({}, "", 10, {}).value().items.size() == 1);
}
