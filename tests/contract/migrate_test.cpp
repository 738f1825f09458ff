#include "db/migrate.hpp"

#include "contract/own_database.hpp"
#include "unit/auth_fixture.hpp"

#include <doctest/doctest.h>

#include <future>
#include <latch>

using namespace authkit;
using namespace authkit::contract;
using namespace authkit::test;

namespace {

/// Everything that makes the schema, as the server writes it: columns with type, collation, default and generation, constraints, indexes, sequences.
const std::string schema =
    "SELECT concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, "
    "(SELECT collname FROM pg_collation WHERE oid = a.attcollation), pg_get_expr(d.adbin, d.adrelid)) "
    "FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
    "LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum "
    "WHERE c.relnamespace = CAST('public' AS regnamespace) AND c.relkind IN ('r', 'S') "
    "UNION ALL SELECT concat_ws(' ', conrelid, conname, pg_get_constraintdef(oid)) FROM (SELECT CAST(conrelid AS regclass), conname, oid FROM "
    "pg_constraint WHERE connamespace = CAST('public' AS regnamespace)) AS constraints "
    "UNION ALL SELECT concat_ws(' ', indexdef, indisvalid) FROM pg_indexes JOIN pg_index ON indexrelid = CAST(indexname AS regclass) WHERE "
    "schemaname = "
    "'public' ORDER BY 1";

constexpr Migration steps[] = {
    {1, "table", "CREATE TABLE authkit_one (a @NUMBER@) @TABLE@;", "DROP TABLE authkit_one;"},
    {2, "index", "-- no transaction\nCREATE INDEX @CONCURRENTLY@ IF NOT EXISTS authkit_one_a ON authkit_one (a);",
     "-- no transaction\nDROP INDEX @CONCURRENTLY@ IF EXISTS authkit_one_a;"},
    {3, "column", "ALTER TABLE authkit_one ADD COLUMN b @NUMBER@ NOT NULL DEFAULT 7;", "ALTER TABLE authkit_one DROP COLUMN b;"},
};

void script(SqlDatabase& database, const std::string& sql) {
  database.read(Route::write, within(std::chrono::minutes(1)), [&](SqlSession& session) { session.script(sql); }).value();
}

/// Runs `body` on so many threads that start together; the sum of what they return.
template <class Body>
std::size_t together(int threads, Body body) {
  std::latch start(threads);
  std::vector<std::future<std::size_t>> running;
  for (int i = 0; i < threads; ++i) {
    running.push_back(std::async(std::launch::async, [&] {
      start.arrive_and_wait();
      return body();
    }));
  }
  std::size_t sum = 0;
  for (auto& one : running) sum += one.get();
  return sum;
}

}  // namespace

TEST_CASE("PostgreSQL: the schema goes up to the head, down to nothing, and up again to the same") {
  const OwnDatabase own;
  const auto database = own.open_migrated();
  const auto head = texts(*database, schema);
  CHECK(head.size() > 150);
  CHECK(database->check_schema());
  CHECK(database->migrate_up(at(midday)).value() == 0);
  const auto count = database->migrations().value().size();
  CHECK(database->migrate_down(1000).value() == count);
  CHECK(database->check_schema().error().code == Errc::schema_mismatch);
  CHECK(texts(*database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == std::vector<std::string>{"authkit_migration"});
  CHECK(database->migrate_up(at(midday)).value() == count);
  CHECK(texts(*database, schema) == head);
}

TEST_CASE("PostgreSQL: of programs that start at once one makes the schema, and those that end at once undo it once") {
  const OwnDatabase own;
  CHECK(together(8, [&] { return own.open()->migrate_up(at(midday)).value(); }) == embedded_migrations().size());
  const auto head = texts(*own.open(), schema);
  CHECK(together(8, [&] { return own.open()->migrate_down(1000).value(); }) == embedded_migrations().size());
  CHECK(together(8, [&] { return own.open()->migrate_up(at(midday)).value(); }) == embedded_migrations().size());
  CHECK(texts(*own.open(), schema) == head);
}

TEST_CASE("PostgreSQL: an index is built beside others who write, by one of those who start at once") {
  OwnDatabase own;
  own.options.connections = 1;
  const auto database = own.open();
  for (int round = 0; round < 3; ++round) {
    CHECK(Migrator(*database, std::span(steps).first(1)).up(at(midday)).value() == 1);
    script(*database, "INSERT INTO authkit_one SELECT generate_series(1, 1000)");
    CHECK(together(8, [&] { return Migrator(*own.open(), steps).up(at(midday)).value(); }) == 2);
    CHECK(texts(*database, "SELECT indexname FROM pg_indexes WHERE tablename = 'authkit_one'") == std::vector<std::string>{"authkit_one_a"});
    CHECK(Migrator(*database, steps).check());
    CHECK(together(8, [&] { return Migrator(*own.open(), steps).down(3).value(); }) == 3);
  }
  // Nobody keeps the lock.
  CHECK(texts(*database,
              "SELECT cast(count(*) AS text) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE "
              "datname = current_database())") == std::vector<std::string>{"0"});
}

TEST_CASE("PostgreSQL: a concurrent build that failed is made again") {
  const OwnDatabase own;
  const auto database = own.open();
  constexpr Migration unique[] = {
      steps[0],
      {2, "index", "-- no transaction\nCREATE UNIQUE INDEX @CONCURRENTLY@ IF NOT EXISTS authkit_one_a ON authkit_one (a);",
       "DROP INDEX authkit_one_a;"}};
  CHECK(Migrator(*database, std::span(unique).first(1)).up(at(midday)).value() == 1);
  script(*database, "INSERT INTO authkit_one VALUES (4711), (4711)");
  const std::string valid = "SELECT cast(indisvalid AS text) FROM pg_index WHERE indexrelid = CAST('authkit_one_a' AS regclass)";
  Migrator migrator(*database, unique);
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto failed = migrator.up(at(midday));
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == Errc::conflict);
    CHECK(failed.error().message().find("4711") == std::string::npos);
    CHECK(texts(*database, valid) == std::vector<std::string>{"false"});
    CHECK(migrator.check().error().code == Errc::schema_mismatch);
  }
  script(*database, "DELETE FROM authkit_one");
  CHECK(migrator.up(at(midday)).value() == 1);
  CHECK(texts(*database, valid) == std::vector<std::string>{"true"});
  CHECK(migrator.down(2).value() == 2);
}

TEST_CASE("PostgreSQL: a step outside of a transaction is refused through PgBouncer, the others are not") {
  const char* url = std::getenv("AUTHKIT_TEST_PGBOUNCER");
  REQUIRE(url != nullptr);
  DatabaseOptions options;
  options.url = url;
  options.deadline = std::chrono::seconds(30);
  const auto database = as_sql(Database::open(options).value());
  database->migrate_up(at(midday)).value();
  CHECK(together(8, [&] { return database->migrate_up(at(midday)).value(); }) == 0);

  const auto embedded = embedded_migrations();
  std::vector<Migration> more(embedded.begin(), embedded.end());
  more.push_back(
      {static_cast<std::uint32_t>(embedded.size() + 1), "index", "-- no transaction\nCREATE INDEX authkit_nowhere ON authkit_event (data);", ""});
  const auto refused = Migrator(*database, more).up(at(midday));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::config_invalid);
  CHECK(refused.error().detail.find("the server itself") != std::string::npos);
  CHECK(database->check_schema());
}

TEST_CASE("PostgreSQL: a program runs on a database that is one expanding step ahead, and its successor beside it") {
  const OwnDatabase own;
  auth_test::Deployment deployment;
  Config config = deployment.memory();
  config.database = own.options;
  config.master_key = auth_test::master_key;
  const auto before = Auth::open(config).value();

  const auto embedded = embedded_migrations();
  std::vector<Migration> more(embedded.begin(), embedded.end());
  more.push_back({static_cast<std::uint32_t>(embedded.size() + 1), "note",
                  "ALTER TABLE authkit_account ADD COLUMN note TEXT NOT NULL DEFAULT 'none'; CREATE TABLE authkit_note (a @NUMBER@) @TABLE@;",
                  "DROP TABLE authkit_note; ALTER TABLE authkit_account DROP COLUMN note;"});
  const auto database = own.open();
  CHECK(Migrator(*database, more).up(at(midday)).value() == 1);

  const auto after = Auth::open(config).value();
  after->accounts().sign_up(auth_test::alice()).value();
  for (const auto& auth : {before.get(), after.get()}) {
    const auto grant = auth_test::log_in(*auth);
    auth->accounts().log_out(auth->accounts().authenticate(auth->accounts().refresh(grant.session_secret).value().access_token).value()).value();
    CHECK(auth->maintain(std::chrono::seconds(10)));
  }
  CHECK(texts(*database, "SELECT note FROM authkit_account") == std::vector<std::string>{"none"});

  CHECK(Migrator(*database, more).down(1).value() == 1);
  CHECK(auth_test::open_error(config) == Errc{});
  CHECK(Migrator(*database, embedded_migrations()).down(1).value() == 1);
  config.auto_migrate = false;
  CHECK(auth_test::open_error(config) == Errc::schema_mismatch);
}
