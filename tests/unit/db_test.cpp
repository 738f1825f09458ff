#include "unit/db_fixture.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <future>
#include <sys/stat.h>
#include <thread>

using namespace authkit;
using namespace authkit::test;

namespace {

const std::string insert_counter = "INSERT INTO authkit_counter (tenant, key, tat) VALUES ('t', :key, :tat)";

Result<void> add_counter(SqlDatabase& database, Tx& tx, std::string_view key, std::int64_t tat = 0) {
  return database.write(tx, [&](SqlSession& session) { SqlQuery(session, insert_counter).in(key).in(tat).run(); });
}

std::int64_t counters(SqliteFixture& fixture) { return fixture.number("SELECT count(*) FROM authkit_counter"); }

Errc open_error(const std::string& url) {
  DatabaseOptions options;
  options.url = url;
  const auto opened = Database::open(options);
  return opened ? Errc::internal : opened.error().code;
}

}  // namespace

TEST_CASE("a SQLite URL names a file by a relative or an absolute path") {
  const Folder folder;
  const std::string file = (folder.path() / "a b%.db").string();
  DatabaseOptions options;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  for (const std::string& url :
       {std::string("sqlite:a b%25.db"), "sqlite:" + folder.path().string() + "/a b%25.db", "sqlite://" + folder.path().string() + "/a b%25.db"}) {
    CAPTURE(url);
    std::filesystem::remove(file);
    options.url = url;
    const auto database = Database::open(options);
    REQUIRE(database);
    CHECK((*database)->ping({}));
    CHECK((*database)->redacted_url() == url);
    CHECK(std::filesystem::exists(file));
  }
  std::filesystem::current_path(before);
}

TEST_CASE("what cannot be a shared database file is refused with a reason") {
  const Folder folder;
  for (const char* url : {"memory:", "sqlite:", "sqlite::memory:", "sqlite://", "sqlite://host/file.db", "sqlite:/tmp/", "sqlite:a.db?mode=memory",
                          "sqlite:a%22b.db", "sqlite:a%0ab.db", "sqlite:a%00b.db", "postgresql://localhost/", "mysql:x", "auth.db", ""}) {
    CAPTURE(url);
    CHECK(open_error(url) == Errc::config_invalid);
  }
  CHECK(open_error("sqlite:" + (folder.path() / "none" / "auth.db").string()) == Errc::store_unavailable);
  CHECK(open_error("sqlite:" + folder.path().string()) == Errc::store_unavailable);

  const auto text = folder.path() / "text.db";
  std::ofstream(text) << "this is no database, and long enough that nobody takes it for an empty one. " << std::string(2000, 'x');
  CHECK(open_error("sqlite:" + text.string()) == Errc::store_unavailable);

  DatabaseOptions options;
  options.url = "sqlite:" + (folder.path() / "auth.db").string();
  options.synchronous = "off";
  CHECK(Database::open(options).error().code == Errc::config_invalid);
  options.synchronous = "full";
  options.readers = 0;
  CHECK(Database::open(options).error().code == Errc::config_invalid);
}

TEST_CASE("the database and its log are readable by their owner only") {
  const SqliteFixture fixture;
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat status {};
    REQUIRE(stat((fixture.file().string() + suffix).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
  }
}

TEST_CASE("a unit of work commits as a whole or not at all") {
  SqliteFixture fixture;
  {
    auto tx = fixture.database->begin({}).value();
    REQUIRE(add_counter(*fixture.database, *tx, "a"));
    REQUIRE(add_counter(*fixture.database, *tx, "b"));
  }
  CHECK(counters(fixture) == 0);
  auto tx = fixture.database->begin({}).value();
  int told = 0;
  tx->on_commit([&] { ++told; });
  REQUIRE(add_counter(*fixture.database, *tx, "a"));
  REQUIRE(tx->commit());
  CHECK(told == 1);
  CHECK(tx->commit().error().code == Errc::invalid_argument);
  CHECK(add_counter(*fixture.database, *tx, "b").error().code == Errc::invalid_argument);
  CHECK(told == 1);
  CHECK(counters(fixture) == 1);
}

TEST_CASE("a unit with a failed statement takes no other and reports that failure instead of committing half") {
  SqliteFixture fixture;
  auto tx = fixture.database->begin({}).value();
  bool told = false;
  tx->on_commit([&] { told = true; });
  REQUIRE(add_counter(*fixture.database, *tx, "a"));
  const auto failed = add_counter(*fixture.database, *tx, "a");
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Errc::conflict);
  CHECK(add_counter(*fixture.database, *tx, "b").error().code == Errc::conflict);
  CHECK(tx->commit().error().code == Errc::conflict);
  CHECK_FALSE(told);
  CHECK(counters(fixture) == 0);
}

TEST_CASE("a unit whose work was cut off by an exception does not commit") {
  SqliteFixture fixture;
  auto tx = fixture.database->begin({}).value();
  CHECK_THROWS_AS((void)fixture.database->write(*tx,
                                                [&](SqlSession& session) {
                                                  SqlQuery(session, insert_counter).in("a").in(0).run();
                                                  throw std::bad_alloc();
                                                }),
                  std::bad_alloc);
  CHECK_FALSE(tx->commit());
  CHECK(counters(fixture) == 0);
}

TEST_CASE("a connection whose unit was dropped is lent again outside of any transaction") {
  SqliteFixture fixture;
  for (int i = 0; i < 3; ++i) {
    const auto tx = fixture.database->begin({}).value();
    REQUIRE(add_counter(*fixture.database, *tx, "a"));
  }
  auto tx = fixture.database->begin({}).value();
  CHECK(add_counter(*fixture.database, *tx, "a"));
  CHECK(tx->commit());
}

TEST_CASE("a unit belongs to one database") {
  SqliteFixture one, other;
  const auto tx = one.database->begin({}).value();
  CHECK(add_counter(*other.database, *tx, "a").error().code == Errc::invalid_argument);
  class ForeignTx : public Tx {
    Result<void> do_commit() override { return {}; }
  } foreign;
  CHECK(add_counter(*one.database, foreign, "a").error().code == Errc::invalid_argument);
}

TEST_CASE("a thread reads in its own open unit, and another thread what is committed") {
  SqliteFixture fixture;
  const auto tx = fixture.database->begin({}).value();
  REQUIRE(add_counter(*fixture.database, *tx, "a"));
  CHECK(counters(fixture) == 1);
  CHECK(std::async(std::launch::async, [&] { return counters(fixture); }).get() == 0);
}

TEST_CASE("a second unit on a thread is refused at once, one on another thread waits until its deadline") {
  SqliteFixture fixture;
  auto tx = fixture.database->begin({}).value();
  CHECK(fixture.database->begin({}).error().code == Errc::invalid_argument);
  const auto late = std::async(std::launch::async, [&] { return fixture.database->begin(within(Duration{20})).error(); }).get();
  CHECK(late.code == Errc::store_unavailable);
  CHECK(late.retry_after > Duration{0});
  auto next = std::async(std::launch::async, [&] { return fixture.database->begin({}).value()->commit().has_value(); });
  REQUIRE(tx->commit());
  CHECK(next.get());
}

TEST_CASE("a unit outlives the handles on its database") {
  SqliteFixture fixture;
  auto tx = fixture.database->begin({}).value();
  REQUIRE(add_counter(*fixture.database, *tx, "a"));
  fixture.database.reset();
  CHECK(tx->commit());
  tx.reset();
  fixture.database = fixture.open();
  CHECK(counters(fixture) == 1);
}

TEST_CASE("no error repeats a bound value") {
  SqliteFixture fixture;
  const std::string canary = "canary-5up3r-s3cret";
  const auto check = [&](const std::string& sql) {
    const auto tx = fixture.database->begin({}).value();
    const auto done = fixture.database->write(*tx, [&](SqlSession& session) {
      SqlQuery(session, insert_counter).in(canary).in(0).run();
      SqlQuery(session, sql).in(canary).run();
    });
    REQUIRE_FALSE(done);
    CAPTURE(sql);
    CHECK(done.error().message().find(canary) == std::string::npos);
    CHECK(tx->commit().error().message().find(canary) == std::string::npos);
    return done.error().code;
  };
  CHECK(check("INSERT INTO authkit_counter (tenant, key, tat) VALUES ('t', :a, 1)") == Errc::conflict);
  CHECK(check("INSERT INTO authkit_counter (tenant, key, tat) VALUES ('t', 'k', :a)") == Errc::internal);
  CHECK(check("INSERT INTO authkit_counter (tenant, key, tat) VALUES (:a, NULL, 0)") == Errc::internal);
  CHECK(check("SELECT * FROM no_such_table WHERE a = :a") == Errc::schema_mismatch);
  CHECK(check("SELECT no_such_column FROM authkit_counter WHERE key = :a") == Errc::schema_mismatch);
  CHECK(check("SELEC :a") == Errc::internal);
  CHECK(check("SELECT json_extract(:a, '$.x')") == Errc::internal);
}

TEST_CASE("text and numbers come back as they were bound") {
  SqliteFixture fixture;
  const std::string texts[] = {
      "", "it's", "a:b :c ::d", "\"q\" `b` \\ % _ ?1 $1 @x", "Zürich \xf0\x9f\x94\x91 \xe2\x80\xae", "--x", "/*", std::string(100'000, 'x')};
  const std::int64_t numbers[] = {0, 1, -1, 9'223'372'036'854'775'807, std::numeric_limits<std::int64_t>::min()};
  const std::string echo = "SELECT :text, :number, :nothing";
  for (const auto& text : texts) {
    for (const auto number : numbers) {
      std::string text_back = "x";
      std::int64_t number_back = 7;
      std::optional<Time> nothing = at(5);
      const auto row = fixture.database->read(Route::read_latest, {}, [&](SqlSession& session) {
        SqlQuery query(session, echo);
        return query.in(text).in(number).in(std::optional<Time>()).out(text_back).out(number_back).out(nothing).next();
      });
      CHECK(row.value());
      CHECK(text_back == text);
      CHECK(number_back == number);
      CHECK_FALSE(nothing);
    }
  }
}

TEST_CASE("a text with a NUL equals no stored one, not even what is before it") {
  SqliteFixture fixture;
  fixture.script("CREATE TABLE kept (text TEXT); INSERT INTO kept VALUES ('a'), ('a' || char(0) || 'b')");
  const auto found = [&](std::string_view text) {
    std::int64_t count = 0;
    fixture.database
        ->read(Route::read_latest, {},
               [&](SqlSession& session) { SqlQuery(session, "SELECT count(*) FROM kept WHERE text = :text").in(text).out(count).next(); })
        .value();
    return count;
  };
  CHECK(found("a") == 1);
  CHECK(found(std::string_view("a\0b", 3)) == 0);
  CHECK(found(std::string_view("a\0", 2)) == 0);
}

TEST_CASE("a column that does not hold what the program expects is an error, not a wrong value") {
  SqliteFixture fixture;
  const auto read = [&](const std::string& sql, auto value) {
    return fixture.database->read(Route::read_latest, {}, [&](SqlSession& session) { return SqlQuery(session, sql).out(value).next(); });
  };
  CHECK(read("SELECT 255", std::uint8_t{0}));
  CHECK(read("SELECT 256", std::uint8_t{0}).error().code == Errc::internal);
  CHECK(read("SELECT -1", std::uint32_t{0}).error().code == Errc::internal);
  CHECK(read("SELECT NULL", std::int64_t{0}).error().code == Errc::internal);
  CHECK(read("SELECT NULL", Time{}).error().code == Errc::internal);
  CHECK(read("SELECT 'abc'", SessionId{}).error().code == Errc::internal);
}

TEST_CASE("a reading connection cannot write") {
  SqliteFixture fixture;
  const auto written = fixture.database->read(Route::read_latest, {}, [&](SqlSession& session) { session.script("DELETE FROM authkit_counter"); });
  CHECK(written.error().code == Errc::store_unavailable);
}

TEST_CASE("a statement that runs past its deadline is stopped") {
  SqliteFixture fixture;
  const std::string endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n";
  const auto stopped = fixture.database->read(Route::read_latest, within(Duration{20}), [&](SqlSession& session) {
    std::int64_t count = 0;
    return SqlQuery(session, endless).out(count).next();
  });
  CHECK(stopped.error().code == Errc::store_unavailable);
  CHECK(fixture.database->ping({}));
}

TEST_CASE("readers beyond the pool wait for their turn") {
  DatabaseOptions two;
  two.readers = 2;
  SqliteFixture fixture(two);
  std::vector<std::future<bool>> readers;
  for (int i = 0; i < 16; ++i) {
    readers.push_back(std::async(std::launch::async, [&] {
      for (int j = 0; j < 50; ++j) {
        if (!fixture.database->ping({})) return false;
      }
      return true;
    }));
  }
  for (auto& reader : readers) CHECK(reader.get());
}
