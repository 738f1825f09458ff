#include "db/migrate.hpp"
#include "unit/db_fixture.hpp"

#include <doctest/doctest.h>

#include <future>

using namespace authkit;
using namespace authkit::test;

namespace {

const std::string schema =
    "SELECT type || ' ' || name || ' ' || tbl_name || ' ' || coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name";

constexpr Migration steps[] = {
    {1, "first", "CREATE TABLE one (a @NUMBER@) @TABLE@; INSERT INTO one VALUES (1);", "DROP TABLE one;"},
    {2, "second", "CREATE TABLE two (a @BYTES@) @TABLE@; -- 'not :a name\nUPDATE one SET a = 2;", "UPDATE one SET a = 1; DROP TABLE two;"},
};

struct Empty : SqliteFixture {
  Empty() { database->migrate_down(1000).value(); }
};

}  // namespace

TEST_CASE("the schema goes up to the head, down to nothing, and up again to the same") {
  SqliteFixture fixture;
  const auto head = fixture.texts(schema);
  CHECK(head.size() > 20);
  CHECK(fixture.database->check_schema());
  CHECK(fixture.database->migrate_up(at(midday)).value() == 0);

  const auto count = fixture.database->migrations().value().size();
  CHECK(fixture.database->migrate_down(1).value() == 1);
  CHECK(fixture.database->check_schema().error().code == Errc::schema_mismatch);
  CHECK(fixture.database->migrate_down(1000).value() == count - 1);
  CHECK(fixture.number("SELECT count(*) FROM sqlite_master WHERE name LIKE 'authkit_%' AND tbl_name <> 'authkit_migration'") == 0);
  CHECK(fixture.database->migrate_down(1).value() == 0);

  CHECK(fixture.database->migrate_up(at(midday + 1)).value() == count);
  CHECK(fixture.texts(schema) == head);
  const auto rows = fixture.database->migrations().value();
  for (const auto& row : rows) CHECK(row.applied_at == at(midday + 1));
}

TEST_CASE("a new database has only pending migrations") {
  const Folder folder;
  DatabaseOptions options;
  options.url = "sqlite:" + (folder.path() / "new.db").string();
  const auto database = Database::open(options).value();
  const auto rows = database->migrations().value();
  REQUIRE_FALSE(rows.empty());
  for (const auto& row : rows) CHECK_FALSE(row.applied_at);
  CHECK(rows[0].name == "initial");
  CHECK(database->check_schema().error().code == Errc::schema_mismatch);
  CHECK(database->migrate_down(5).value() == 0);
}

TEST_CASE("every unique index and primary key of a table with a tenant starts with it") {
  SqliteFixture fixture;
  const auto bare = fixture.texts(
      "SELECT m.name || '.' || i.name FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = 'tenant' "
      "JOIN pragma_index_list(m.name) i ON i.\"unique\" = 1 "
      "WHERE m.type = 'table' AND NOT EXISTS (SELECT 1 FROM pragma_index_info(i.name) x WHERE x.seqno = 0 AND x.name = 'tenant')");
  CHECK(bare == std::vector<std::string>{});
}

TEST_CASE("migrations of one's own go through the same steps") {
  Empty fixture;
  Migrator migrator(*fixture.database, steps);
  CHECK(migrator.up(at(5)).value() == 2);
  CHECK(fixture.number("SELECT a FROM one") == 2);
  CHECK(migrator.check());
  CHECK(migrator.down(1).value() == 1);
  CHECK(fixture.number("SELECT a FROM one") == 1);
  CHECK(migrator.up(at(6)).value() == 1);
  const auto rows = migrator.status().value();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].applied_at == at(5));
  CHECK(rows[1].applied_at == at(6));
}

TEST_CASE("a migration that fails leaves what was before it, and says nothing of its text") {
  Empty fixture;
  constexpr Migration broken[] = {steps[0], {2, "broken", "CREATE TABLE two (a @NUMBER@) @TABLE@; INSERT INTO one VALUES ('secret-word');", ""}};
  Migrator migrator(*fixture.database, broken);
  const auto failed = migrator.up(at(5));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message().find("secret-word") == std::string::npos);
  CHECK(fixture.number("SELECT count(*) FROM sqlite_master WHERE name = 'two'") == 0);
  CHECK(fixture.number("SELECT count(*) FROM authkit_migration") == 1);
  CHECK(migrator.status().value()[1].applied_at == std::nullopt);
}

TEST_CASE("a changed migration stops everything") {
  Empty fixture;
  REQUIRE(Migrator(*fixture.database, steps).up(at(5)));

  constexpr Migration changed[] = {{1, "first", "CREATE TABLE one (a @NUMBER@, b @NUMBER@) @TABLE@;", "DROP TABLE one;"}, steps[1]};
  Migrator other(*fixture.database, changed);
  CHECK(other.check().error().code == Errc::schema_mismatch);
  CHECK(other.up(at(6)).error().code == Errc::schema_mismatch);
  CHECK(other.down(1).error().code == Errc::schema_mismatch);
  CHECK(fixture.number("SELECT count(*) FROM authkit_migration") == 2);
}

TEST_CASE("a database that is ahead by what only adds will do; one that is behind, or was taken from, will not") {
  Empty fixture;
  constexpr Migration more[] = {steps[0], steps[1], {3, "contract_one", "DROP TABLE one;", "CREATE TABLE one (a @NUMBER@) @TABLE@;"}};
  const auto program = [&](std::size_t version) { return Migrator(*fixture.database, std::span(more).first(version)); };
  const auto refused = [](const auto& result) { return !result && result.error().code == Errc::schema_mismatch; };

  CHECK(refused(program(1).check()));
  CHECK(program(1).up(at(5)).value() == 1);
  CHECK(refused(program(2).check()));
  CHECK(program(2).up(at(5)).value() == 1);

  CHECK(program(1).check());
  CHECK(program(1).up(at(6)).value() == 0);
  CHECK(refused(program(1).down(1)));
  CHECK(program(1).status().value().size() == 2);
  CHECK(fixture.number("SELECT count(*) FROM authkit_migration") == 2);

  CHECK(program(3).up(at(6)).value() == 1);
  for (const std::size_t version : {1, 2}) {
    CHECK(refused(program(version).check()));
    CHECK(refused(program(version).up(at(6))));
    CHECK(refused(program(version).down(1)));
  }
  CHECK(program(3).down(3).value() == 3);
}

TEST_CASE("a step marked as no transaction is one like all others here") {
  Empty fixture;
  constexpr Migration marked[] = {steps[0],
                                  {2, "index", "-- no transaction\nCREATE INDEX @CONCURRENTLY@ IF NOT EXISTS one_a ON one (a);",
                                   "-- no transaction\nDROP INDEX @CONCURRENTLY@ IF EXISTS one_a;"}};
  Migrator migrator(*fixture.database, marked);
  CHECK(migrator.up(at(5)).value() == 2);
  CHECK(fixture.number("SELECT count(*) FROM sqlite_master WHERE name = 'one_a'") == 1);
  CHECK(migrator.down(1).value() == 1);
  CHECK(fixture.number("SELECT count(*) FROM sqlite_master WHERE name = 'one_a'") == 0);
}

TEST_CASE("of several programs that start at once each migration is applied by one") {
  for (int round = 0; round < 5; ++round) {
    const Folder folder;
    DatabaseOptions options;
    options.url = "sqlite:" + (folder.path() / "new.db").string();
    std::vector<std::future<std::size_t>> programs;
    for (int i = 0; i < 8; ++i) {
      programs.push_back(std::async(std::launch::async, [&] {
        const auto database = Database::open(options).value();
        const auto applied = database->migrate_up(at(midday)).value();
        database->check_schema().value();
        return applied;
      }));
    }
    std::size_t applied = 0;
    for (auto& program : programs) applied += program.get();
    CHECK(applied == embedded_migrations().size());
  }
}
