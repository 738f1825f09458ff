#include "db/postgres_statement.hpp"

#include "authkit/soci.hpp"

#include "contract/own_database.hpp"
#include "contract/proxy.hpp"
#include "db/sql_query.hpp"

#include <doctest/doctest.h>
#include <soci/soci.h>

using namespace authkit;
using namespace authkit::contract;
using authkit::test::texts;

namespace {

constexpr const char* insert = "INSERT INTO note (id, text) VALUES (:id, :text)";

struct Notes {
  OwnDatabase own;
  std::shared_ptr<SqlDatabase> database = own.open();

  Notes() {
    database->write_alone({}, [](SqlSession& session) { session.script("CREATE TABLE note (id bigint PRIMARY KEY, text text)"); }).value();
  }
  static void add_later(SqlSession& session, int id) { SqlQuery(session, insert).in(id).in("n").run_later(); }
  Result<void> add_later(Tx& tx, int id) const {
    return database->write(tx, [id](SqlSession& session) { add_later(session, id); });
  }
  /// Where connections were cut a moment ago the server may count as gone until it was asked again.
  std::vector<std::string> ids() const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    for (;;) {
      try {
        return texts(*database, "SELECT cast(id AS text) FROM note ORDER BY id");
      } catch (const BadResult&) {
        if (std::chrono::steady_clock::now() > end) throw;
      }
    }
  }
};

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("parameters by name become parameters by number, and nothing else changes") {
  CHECK(number_parameters("SELECT 1") == "SELECT 1");
  CHECK(number_parameters("a = :a AND b=decode(:b1, 'hex')") == "a = $1 AND b=decode($2, 'hex')");
  CHECK(number_parameters("x::text, ':not', 'it''s :not', :yes::text") == "x::text, ':not', 'it''s :not', $1::text");
  CHECK(number_parameters("a : b :") == "a : b :");
}

TEST_CASE("PostgreSQL: what is left to run later is done by the commit, before the next statement, and before the host's own") {
  const Notes notes;
  auto unit = notes.database->begin({}).value();
  for (int id = 0; id < 100; ++id) notes.add_later(*unit, id).value();
  std::int64_t count = 0;
  notes.database->write(*unit, [&](SqlSession& session) { SqlQuery(session, "SELECT count(*) FROM note").out(count).next(); }).value();
  CHECK(count == 100);
  notes.add_later(*unit, 100).value();
  notes.database
      ->write(*unit, [&](SqlSession& session) { SqlQuery(session, "SELECT count(*) FROM note WHERE id >= :least").in(0).out(count).next(); })
      .value();
  CHECK(count == 101);
  notes.add_later(*unit, 101).value();
  run_sql(*unit, [&](soci::session& sql) { sql << "SELECT count(*) FROM note", soci::into(count); }).value();
  CHECK(count == 102);
  notes.add_later(*unit, 102).value();
  CHECK(unit->commit());
  CHECK(notes.ids().size() == 103);
}

TEST_CASE("PostgreSQL: a unit whose later statement fails is not committed, and says why") {
  const Notes notes;
  {
    const auto unit = notes.database->begin({}).value();
    for (const int id : {1, 2, 2, 3}) notes.add_later(*unit, id).value();
    CHECK(unit->commit().error().code == Errc::conflict);
  }
  CHECK(notes.ids().empty());
  {
    const auto unit = notes.database->begin({}).value();
    for (const int id : {1, 1}) notes.add_later(*unit, id).value();
    const auto read = notes.database->write(*unit, [](SqlSession& session) { SqlQuery(session, "SELECT id FROM note WHERE id > :a").in(0).run(); });
    CHECK(read.error().code == Errc::conflict);
    CHECK(unit->commit().error().code == Errc::conflict);
  }
  CHECK(notes.ids().empty());
}

TEST_CASE("PostgreSQL: nothing of a unit that is given up reaches the next one on its connection") {
  Notes notes;
  notes.own.options.connections = 1;
  const auto one = notes.own.open();
  {
    const auto unit = one->begin({}).value();
    one->write(*unit,
               [](SqlSession& session) {
                 Notes::add_later(session, 1);
                 session.commit_with_next();
               })
        .value();
  }
  const auto unit = one->begin({}).value();
  one->write(*unit, [](SqlSession& session) { Notes::add_later(session, 2); }).value();
  CHECK(notes.ids().empty());
  CHECK(unit->commit());
  CHECK(notes.ids() == Ids{"2"});
}

TEST_CASE("PostgreSQL: the last change of a unit is committed with its answer") {
  const Notes notes;
  const auto change = [&](Tx& tx, const char* sql) {
    return notes.database->write(tx, [&](SqlSession& session) { return SqlQuery(session, sql).in(1).in("n").run(); });
  };
  auto unit = notes.database->begin({}).value();
  notes.add_later(*unit, 7).value();
  unit->last_change_next();
  CHECK(change(*unit, insert).value() == 1);
  CHECK(notes.ids() == Ids{"1", "7"});  // by another connection
  CHECK(unit->commit());

  // A failure keeps the commit from happening.
  unit = notes.database->begin({}).value();
  notes.add_later(*unit, 8).value();
  unit->last_change_next();
  CHECK(change(*unit, insert).error().code == Errc::conflict);
  CHECK(unit->commit().error().code == Errc::conflict);
  CHECK(notes.ids() == Ids{"1", "7"});

  // One that announced a change and made none.
  unit = notes.database->begin({}).value();
  notes.add_later(*unit, 9).value();
  unit->last_change_next();
  CHECK(unit->commit());
  CHECK(notes.ids() == Ids{"1", "7", "9"});
}

TEST_CASE("PostgreSQL: a unit whose connection is lost before anything was done begins anew by another one; later it fails as a whole") {
  Notes notes;
  const auto others = notes.own.open();
  const auto count = [&](Tx& tx) {
    return notes.database->write(tx, [](SqlSession& session) {
      std::int64_t found = 0;
      Notes::add_later(session, 10);  // left to run later by the same step: once, whatever becomes of the first try
      SqlQuery(session, "SELECT count(*) FROM note WHERE id >= :least").in(0).out(found).next();
      return found;
    });
  };
  // The connection that asks whether the server is there is cut as well.
  const auto begin = [&] {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    auto unit = notes.database->begin({});
    while (!unit && std::chrono::steady_clock::now() < end) unit = notes.database->begin({});
    return std::move(unit).value();
  };
  {
    auto unit = begin();
    notes.add_later(*unit, 1).value();
    notes.add_later(*unit, 2).value();
    end_other_connections(*others);
    CHECK(count(*unit).value() == 3);
    CHECK(unit->commit());
    CHECK(notes.ids() == Ids{"1", "10", "2"});
  }
  {  // its only statement: what was left to the commit is in doubt, and looked for by nobody here
    auto unit = begin();
    notes.add_later(*unit, 3).value();
    end_other_connections(*others);
    CHECK(unit->commit().error().code == Errc::store_unavailable);
  }
  {
    auto unit = begin();
    notes.add_later(*unit, 4).value();
    notes.database->write(*unit, [](SqlSession& session) { session.flush(); }).value();
    end_other_connections(*others);
    CHECK(count(*unit).error().code == Errc::store_unavailable);
    CHECK(unit->commit().error().code == Errc::store_unavailable);
  }
  {  // nothing was done in it: nothing is sent
    auto unit = begin();
    end_other_connections(*others);
    CHECK(unit->commit());
  }
  CHECK(notes.ids() == Ids{"1", "10", "2"});
}

TEST_CASE("PostgreSQL: a unit whose connection is lost and cannot be replaced fails, and ends") {
  Notes notes;
  test::Proxy proxy({test::Proxy::port_of(notes.own.options.url)});
  DatabaseOptions options = notes.own.options;
  options.url = proxy.in_front_of(options.url);
  options.deadline = std::chrono::seconds(2);
  const auto database = as_sql(Database::open(options).value());
  const auto look = [&](Tx& tx) {
    return database->write(tx, [](SqlSession& session) { return SqlQuery(session, "SELECT id FROM note WHERE id = :id").in(1).run(); });
  };
  {
    auto unit = database->begin({}).value();
    database->write(*unit, [](SqlSession& session) { Notes::add_later(session, 1); }).value();
    proxy.lose_answers_to("e");  // to everything, new connections too
    for (int i = 0; i < 2; ++i) CHECK(look(*unit).error().code == Errc::store_unavailable);
    unit->last_change_next();
    CHECK(unit->commit().error().code == Errc::store_unavailable);
  }
  {
    const auto unit = database->begin({});  // dropped without a commit
    if (unit) CHECK_FALSE(look(**unit));
  }
  proxy.lose_answers_to("");
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  const auto works = [&] {
    const auto unit = database->begin({});
    return unit && look(**unit) && (*unit)->commit();
  };
  while (!works()) REQUIRE(std::chrono::steady_clock::now() < end);
  CHECK(notes.ids().empty());
}

TEST_CASE("PostgreSQL: a row that must be there comes with the commit; without it, or without a change that must be made, the unit fails") {
  Notes notes;
  notes.database->write_alone({}, [](SqlSession& session) { session.script("INSERT INTO note (id, text) VALUES (1, 'one')"); }).value();
  const auto find_later = [&](Tx& tx, int id) {
    return notes.database
        ->write(tx,
                [&](SqlSession& session) {
                  auto query = std::make_shared<SqlQuery>(session, "SELECT id, text FROM note WHERE id = :id");
                  CHECK(query->in(id).row_later());
                  return query;
                })
        .value();
  };
  const auto change_later = [&](Tx& tx, int id) {
    notes.database->write(tx, [&](SqlSession& session) { SqlQuery(session, "UPDATE note SET text = 'new' WHERE id = :id").in(id).change_later(); })
        .value();
  };
  const auto text_of = [](SqlQuery& query) {
    int id = 0;
    std::string text;
    query.out(id).out(text);
    CHECK(query.next());
    CHECK_FALSE(query.next());
    return text;
  };
  {
    const auto unit = notes.database->begin({}).value();
    const auto found = find_later(*unit, 1);
    change_later(*unit, 1);
    const auto changed = find_later(*unit, 1);
    unit->commit().value();
    CHECK(text_of(*found) == "one");
    CHECK(text_of(*changed) == "new");
  }
  for (const bool read : {true, false}) {
    const auto unit = notes.database->begin({}).value();
    notes.add_later(*unit, 2).value();
    read ? static_cast<void>(find_later(*unit, 3)) : change_later(*unit, 3);
    CHECK(unit->commit().error().code == Errc::not_found);
    CHECK(notes.ids() == Ids{"1"});
  }
}

TEST_CASE("PostgreSQL: what is run after the commit travels with it, and fails by itself") {
  Notes notes;
  const auto others = notes.own.open();
  const auto unit_with = [&](const std::string& afterwards, int id, bool last_change_next, bool cut) {
    const auto unit = notes.database->begin({}).value();
    notes.database->write(*unit, [&](SqlSession& session) { CHECK(session.run_after_commit({"BEGIN", afterwards, "COMMIT"})); }).value();
    notes.add_later(*unit, id).value();
    if (cut) end_other_connections(*others);
    if (last_change_next) unit->last_change_next();
    if (last_change_next || cut)
      notes.database->write(*unit, [](SqlSession& session) { return SqlQuery(session, "SELECT id FROM note WHERE id = :id").in(1).run(); }).value();
    return unit->commit();
  };
  CHECK(unit_with("INSERT INTO note VALUES (10)", 1, false, false));
  CHECK(unit_with("INSERT INTO note VALUES (20)", 2, true, false));
  CHECK(notes.ids() == Ids{"1", "10", "2", "20"});
  CHECK(unit_with("INSERT INTO note VALUES (1)", 3, false, false));  // not unique
  CHECK(unit_with("SELECT 1 / 0", 4, true, false));
  CHECK(unit_with("INSERT INTO note VALUES (1)", 3, false, false).error().code == Errc::conflict);
  CHECK(unit_with("INSERT INTO note VALUES (50)", 5, false, true));  // on another connection
  CHECK(notes.ids() == Ids{"1", "10", "2", "20", "3", "4", "5", "50"});
  {
    const auto given_up = notes.database->begin({}).value();
    notes.database->write(*given_up, [](SqlSession& session) { session.run_after_commit({"INSERT INTO note VALUES (60)"}); }).value();
  }
  CHECK(notes.add_later(*notes.database->begin({}).value(), 7));  // dropped as well
  CHECK(notes.ids().size() == 8);
}
