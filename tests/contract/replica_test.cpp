#include "contract/own_database.hpp"
#include "contract/proxy.hpp"
#include "contract/samples.hpp"
#include "revocation/sql_revocation_store.hpp"

#include <libpq-fe.h>
#include <regex>
#include <thread>

using namespace authkit;
using namespace authkit::contract;
using namespace authkit::test;

namespace {

/// Asks until it is so. What is waited for comes in milliseconds; a minute is the bound of a test that hangs.
template <class Condition>
void eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!condition()) {
    REQUIRE(std::chrono::steady_clock::now() < end);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

/// A database of its own on a primary and its two replicas, with a table of numbers. Whatever was done to the replicas is undone at the end.
class Cluster {
 public:
  Cluster() {
    own.options.connections = 4;
    primary_url = own.options.url;
    const std::string urls = service("AUTHKIT_TEST_REPLICAS");
    const std::size_t comma = urls.find(',');
    replica_urls = {own.of(urls.substr(0, comma)), own.of(urls.substr(comma + 1))};
    own.options.replica_url = replica_urls[0] + "," + replica_urls[1];
    database = own.open_migrated();
    in_transaction(*database, {}, [&](Tx& tx) {
      return database->write(tx, [](SqlSession& session) { session.script("CREATE TABLE numbers (id bigint PRIMARY KEY, value bigint NOT NULL)"); });
    }).value();
    eventually([&] { return fit(*database) == 2; });
  }
  ~Cluster() {
    for (std::size_t i = 0; i < 2; ++i) resume(i);
  }

  /// Replicas that would answer now.
  static std::size_t fit(const Database& database) {
    std::size_t fit = 0;
    for (const auto& node : database.status().nodes)
      fit += node.role == NodeRole::replica && node.health == NodeHealth::up && node.position.timeline != 0 && node.lag ? 1 : 0;
    return fit;
  }
  std::shared_ptr<SqlDatabase> open() const {
    auto opened = own.open();
    eventually([&] { return fit(*opened) == 2; });
    return opened;
  }

  void pause(std::size_t replica) { as_superuser(replica, "SELECT pg_wal_replay_pause()"); }
  void resume(std::size_t replica) { as_superuser(replica, "SELECT pg_wal_replay_resume()"); }

  void write(SqlDatabase& through, std::int64_t id, std::int64_t value, const Context& context) {
    in_transaction(through, context, [&](Tx& tx) {
      return through.write(tx, [&](SqlSession& session) {
        SqlQuery(session, "INSERT INTO numbers (id, value) VALUES (:id, :value) ON CONFLICT (id) DO UPDATE SET value = excluded.value")
            .in(id)
            .in(value)
            .run();
      });
    }).value();
  }
  std::int64_t read(SqlDatabase& through, std::int64_t id, const Context& context) {
    return through
        .read(Route::read_replica, context,
              [&](SqlSession& session) {
                std::int64_t value = -1;
                SqlQuery(session, "SELECT value FROM numbers WHERE id = :id").in(id).out(value).next();
                return value;
              })
        .value();
  }

  OwnDatabase own;
  std::string primary_url;
  std::array<std::string, 2> replica_urls;
  std::shared_ptr<SqlDatabase> database;

 private:
  /// Past the library, which would not choose a server that stands still.
  void as_superuser(std::size_t replica, const char* sql) {
    const std::string url = std::regex_replace(replica_urls[replica], std::regex("//[^@]*@"), "//postgres@");
    PGconn* connection = PQconnectdb(url.c_str());
    PGresult* result = PQexec(connection, sql);
    const bool done = PQresultStatus(result) == PGRES_TUPLES_OK;
    PQclear(result);
    PQfinish(connection);
    CHECK(done);
  }
};

Context seen() {
  Context context;
  context.read_after = std::make_shared<ReadAfter>();
  return context;
}

}  // namespace

TEST_CASE("replicas: what was written is read, and replicas read it") {
  Cluster cluster;
  const Context context = seen();
  std::int64_t value = 0;
  eventually([&] {  // undisturbed nearly every read is a replica's; tests/faults/replicas.py says how many
    cluster.write(*cluster.database, 1, ++value, context);
    REQUIRE(cluster.read(*cluster.database, 1, context) == value);
    return cluster.database->status().replica_reads >= 200;
  });
  const DatabaseStatus status = cluster.database->status();
  CHECK(status.replica_reads + status.guest_reads == static_cast<std::uint64_t>(value));
}

TEST_CASE("replicas: while none replays, reads that must see a write are the primary's, and others may be old") {
  Cluster cluster;
  const Context context = seen();
  cluster.write(*cluster.database, 1, 1, context);
  eventually([&] {
    const auto before = cluster.database->status().replica_reads;
    CHECK(cluster.read(*cluster.database, 1, context) == 1);
    return cluster.database->status().replica_reads > before;
  });
  for (std::size_t i = 0; i < 2; ++i) cluster.pause(i);
  for (std::int64_t i = 2; i <= 100; ++i) {
    cluster.write(*cluster.database, 1, i, context);
    REQUIRE(cluster.read(*cluster.database, 1, context) == i);
  }
  CHECK(cluster.read(*cluster.database, 1, {}) == 1);
  for (std::size_t i = 0; i < 2; ++i) cluster.resume(i);
  eventually([&] { return cluster.read(*cluster.database, 1, {}) == 100; });
}

TEST_CASE("replicas: one that does not replay leaves the reads to the other") {
  Cluster cluster;
  const Context context = seen();
  cluster.pause(0);
  std::int64_t value = 0;
  eventually([&] {
    cluster.write(*cluster.database, 1, ++value, context);
    REQUIRE(cluster.read(*cluster.database, 1, context) == value);
    return cluster.database->status().replica_reads >= 100;
  });
}

TEST_CASE("replicas: a user is shown what the user did, here without a token and elsewhere once the feed has told of it") {
  Cluster cluster;
  const auto elsewhere = cluster.open();
  Context context;
  context.user = random_id<UserId>().value();
  cluster.write(*cluster.database, 1, 1, context);
  eventually([&] { return cluster.read(*elsewhere, 1, {}) == 1; });
  for (std::size_t i = 0; i < 2; ++i) cluster.pause(i);

  SqlRevocationStore feed(cluster.database, "t"), feed_elsewhere(elsewhere, "t");
  const std::string cursor = feed_elsewhere.since("", 10, {}).value().cursor;
  cluster.write(*cluster.database, 1, 2, context);
  CHECK(cluster.read(*cluster.database, 1, context) == 2);
  CHECK(cluster.read(*cluster.database, 1, {}) == 1);
  CHECK(cluster.read(*elsewhere, 1, context) == 1);
  RevocationEntry changed;
  changed.kind = RevocationKind::changed;
  changed.id = context.user.bytes;
  changed.not_after = at(midday);
  in_transaction(*cluster.database, {}, [&](Tx& tx) { return feed.add(tx, changed); }).value();
  CHECK(feed_elsewhere.since(cursor, 10, {}).value().entries.size() == 1);
  CHECK(cluster.read(*elsewhere, 1, context) == 2);
}

TEST_CASE("replicas: the unit's own user and those it concerns are remembered alike") {
  Cluster cluster;
  Context other;
  other.user = random_id<UserId>().value();
  cluster.write(*cluster.database, 1, 1, other);
  eventually([&] { return cluster.read(*cluster.database, 1, {}) == 1; });
  for (std::size_t i = 0; i < 2; ++i) cluster.pause(i);
  in_transaction(*cluster.database, {}, [&](Tx& tx) {
    tx.concerns(other.user);
    return cluster.database->write(tx, [](SqlSession& session) { session.script("UPDATE numbers SET value = 2"); });
  }).value();
  CHECK(cluster.read(*cluster.database, 1, other) == 2);
  CHECK(cluster.read(*cluster.database, 1, {}) == 1);
}

TEST_CASE("replicas: the primary is found whatever the order of the URLs") {
  Cluster cluster;
  DatabaseOptions turned = cluster.own.options;
  turned.url = cluster.replica_urls[0];
  turned.replica_url = cluster.replica_urls[1] + "," + cluster.primary_url;
  const auto database = as_sql(Database::open(turned).value());
  const Context context = seen();
  for (std::int64_t i = 1; i <= 20; ++i) {
    cluster.write(*database, 1, i, context);
    REQUIRE(cluster.read(*database, 1, context) == i);
  }
  const auto status = database->status();
  CHECK(status.nodes[2].role == NodeRole::primary);
  CHECK(status.nodes[0].role == NodeRole::replica);
  turned.replica_url = cluster.replica_urls[1];
  const auto none = Database::open(turned);
  REQUIRE_FALSE(none);
  CHECK(none.error().detail.find("names a replica") != std::string::npos);
}

TEST_CASE("replicas: what a read of a unit sees is the unit's") {
  Cluster cluster;
  const auto unit = cluster.database->begin({}).value();
  cluster.database->write(*unit, [](SqlSession& session) { session.script("INSERT INTO numbers VALUES (7, 7)"); }).value();
  CHECK(cluster.read(*cluster.database, 7, {}) == 7);
  unit->commit().value();
}

TEST_CASE("replicas: a URL behind which two servers take turns is found out and not read from") {
  Cluster cluster;
  const Context context = seen();
  Proxy proxy({Proxy::port_of(cluster.replica_urls[0]), Proxy::port_of(cluster.replica_urls[1])});
  DatabaseOptions balanced = cluster.own.options;
  balanced.replica_url = proxy.in_front_of(cluster.replica_urls[0]);
  const auto database = as_sql(Database::open(balanced).value());
  cluster.pause(1);
  std::int64_t value = 0;
  eventually([&] {
    cluster.write(*database, 1, ++value, context);
    REQUIRE(cluster.read(*database, 1, context) == value);
    // Connections of the pool lead to either; those of another server than the probed one are not used.
    const auto failed = database->read(Route::read_replica, {}, [](SqlSession&) -> int { throw SqlFailure(error_of_sqlstate("", "")); });
    CHECK_FALSE(failed);
    return database->status().nodes[1].health == NodeHealth::quarantined;
  });
  CHECK(database->status().nodes[1].trouble.find("several servers") != std::string::npos);
  const auto reads = database->status().replica_reads;
  for (int i = 0; i < 20; ++i) {
    cluster.write(*database, 1, ++value, context);
    REQUIRE(cluster.read(*database, 1, context) == value);
  }
  CHECK(database->status().replica_reads == reads);
}
