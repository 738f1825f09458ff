#pragma once

#include "authkit/database.hpp"

#include "core/in_transaction.hpp"
#include "db/sql_database.hpp"
#include "db/sql_query.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>

namespace authkit::test {

inline Time at(std::int64_t milliseconds) { return Time(Duration(milliseconds)); }

inline constexpr std::int64_t midday = 1'800'000'000'000;

/// A folder of its own, removed with everything in it.
class Folder {
 public:
  Folder() {
    // In memory where there is such a file system: what is tested is not the disk.
    const std::filesystem::path memory = "/dev/shm";
    std::string name = (std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path()) / "authkit-db-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// The first column of every row.
inline std::vector<std::string> texts(SqlDatabase& database, const std::string& sql) {
  return database
      .read(Route::read_latest, {},
            [&](SqlSession& session) {
              std::vector<std::string> rows;
              std::string text;
              SqlQuery query(session, sql);
              query.out(text);
              while (query.next()) rows.push_back(text);
              return rows;
            })
      .value();
}

/// A SQLite file with the schema of this program.
class SqliteFixture {
 public:
  SqliteFixture() : SqliteFixture(DatabaseOptions{}) {}
  explicit SqliteFixture(DatabaseOptions changed) : options(std::move(changed)) {
    options.url = "sqlite:" + file().string();
    database = open();
    database->migrate_up(at(midday)).value();
  }

  std::filesystem::path file() const { return folder.path() / "auth.db"; }
  std::shared_ptr<SqlDatabase> open() const { return as_sql(Database::open(options).value()); }

  /// Runs statements without parameters in a unit that commits.
  void script(const std::string& sql) {
    in_transaction(*database, {}, [&](Tx& tx) { return database->write(tx, [&](SqlSession& session) { session.script(sql); }); }).value();
  }

  std::vector<std::string> texts(const std::string& sql) { return test::texts(*database, sql); }
  std::int64_t number(const std::string& sql) { return std::stoll(texts("SELECT CAST((" + sql + ") AS TEXT)").at(0)); }

  Folder folder;
  DatabaseOptions options;
  std::shared_ptr<SqlDatabase> database;
};

/// A context that waits this long.
inline Context within(Duration time) {
  Context context;
  context.deadline = std::chrono::steady_clock::now() + time;
  return context;
}

}  // namespace authkit::test
