#include "db/sqlite_session.hpp"

#include "db/sql_error.hpp"
#include "db/sqlite_statement.hpp"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <thread>

namespace authkit {
namespace {

using sqlite_api::sqlite3;
using Clock = std::chrono::steady_clock;

/// Looks, before each statement, how the one before it ended. SQLite goes on after one that failed and would commit the rest of a transaction, where
/// PostgreSQL refuses; and whoever ran it may have swallowed the exception.
class FailureNotes : public soci::logger_impl {
 public:
  FailureNotes(sqlite3* handle, bool& failed) : handle_(handle), failed_(failed) {}

  void start_query(const std::string&) override { look(); }
  std::string get_last_query() const override { return {}; }
  void look() const noexcept {
    const int last = sqlite_api::sqlite3_errcode(handle_) & 0xff;
    if (last != SQLITE_OK && last != SQLITE_ROW && last != SQLITE_DONE) failed_ = true;
  }

 private:
  FailureNotes* do_clone() const override { return new FailureNotes(handle_, failed_); }

  sqlite3* handle_;
  bool& failed_;
};

class SqliteSession : public SqlSession {
 public:
  explicit SqliteSession(const std::string& path)
      : session_(soci::sqlite3, "dbname=\"" + path + '"'), handle_(static_cast<soci::sqlite3_session_backend*>(session_.get_backend())->conn_) {}

  soci::session& soci() noexcept override { return session_; }
  const Dialect& dialect() const noexcept override { return sqlite_dialect; }
  void set_deadline(Deadline deadline) noexcept override { deadline_ = deadline; }

  void set_up(SqliteUse use);
  void use_wal();

  // Immediate: a deferred transaction that turns to writing fails at once when another connection wrote in between.
  void begin() override {
    execute("BEGIN IMMEDIATE");
    failed_ = false;
  }
  LogPosition commit() override {
    execute("COMMIT");
    return {};
  }

  bool is_whole() noexcept override {
    FailureNotes(handle_, failed_).look();
    return sqlite_api::sqlite3_get_autocommit(handle_) == 0 && !failed_;
  }

  bool reset() noexcept override {
    deadline_ = Deadline::max();
    if (sqlite_api::sqlite3_get_autocommit(handle_) != 0) return true;
    return sqlite_api::sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr) == SQLITE_OK && sqlite_api::sqlite3_get_autocommit(handle_) != 0;
  }

  std::unique_ptr<SqlStatement> statement(const std::string& sql) override { return statements_.lend(sql); }
  void script(const std::string& sql) override { execute(sql.c_str()); }

 private:
  void execute(const char* sql) {
    const int result = sqlite_api::sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) throw soci::sqlite3_soci_error(sqlite_api::sqlite3_errmsg(handle_), result);
  }

  /// Another process holds the lock. SQLite's own handler soon waits 100 ms a time, and a busy neighbour starves it; this one asks again in
  /// between 0.1 and 5 ms, a little off the beat of others, and knows the caller's deadline.
  static int wait_for_lock(void* self, int attempt) {
    const auto now = Clock::now();
    const auto left = static_cast<SqliteSession*>(self)->deadline_ - now;
    if (left <= Clock::duration::zero()) return 0;
    const auto jitter = std::chrono::microseconds(now.time_since_epoch().count() / 1000 % 100);
    const Clock::duration pause = std::min(std::chrono::microseconds(100) * (attempt + 1), std::chrono::microseconds(5000)) + jitter;
    std::this_thread::sleep_for(std::min(pause, left));
    return 1;
  }

  static int stop_when_late(void* self) { return Clock::now() >= static_cast<SqliteSession*>(self)->deadline_ ? 1 : 0; }

  soci::session session_;
  sqlite3* handle_;
  bool failed_ = false;  ///< a statement since begin()
  Deadline deadline_ = Deadline::max();
  SqliteStatements statements_{handle_, failed_};
};

void SqliteSession::set_up(SqliteUse use) {
  constexpr int instructions_between_looks_at_the_clock = 20'000;
  // Memory of the connection's own for small things: the statements that are kept fill the usual share, and what lies beyond it is taken under a lock
  // that all connections of the process share. First of all, since it is refused once anything was taken.
  constexpr int bytes_of_a_slot = 1200, slots = 150;
  sqlite_api::sqlite3_db_config(handle_, SQLITE_DBCONFIG_LOOKASIDE, nullptr, bytes_of_a_slot, slots);
  session_.set_logger(new FailureNotes(handle_, failed_));
  sqlite_api::sqlite3_extended_result_codes(handle_, 1);
  sqlite_api::sqlite3_busy_handler(handle_, wait_for_lock, this);
  sqlite_api::sqlite3_progress_handler(handle_, instructions_between_looks_at_the_clock, stop_when_late, this);
  // A file that somebody else prepared must not run anything: no functions from its schema, no writing to internal tables, no text as names.
  sqlite_api::sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite_api::sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite_api::sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  execute("PRAGMA trusted_schema = OFF");
  execute("PRAGMA cell_size_check = ON");
  execute("PRAGMA foreign_keys = ON");
  execute("PRAGMA temp_store = MEMORY");
  execute("PRAGMA cache_size = -8192");
  // The write-ahead log is flushed by whoever needs it, for many commits at once (wal_flush.hpp); SQLite itself flushes around checkpoints.
  execute("PRAGMA synchronous = NORMAL");
  execute("PRAGMA journal_size_limit = 67108864");
  if (use == SqliteUse::read) return execute("PRAGMA query_only = ON");
  use_wal();
}

/// Switching a file over needs it alone, and SQLite does not ask the busy handler then.
void SqliteSession::use_wal() {
  const auto keep = [](void* mode, int, char** columns, char**) {
    *static_cast<std::string*>(mode) = columns[0];
    return 0;
  };
  for (int attempt = 0;; ++attempt) {
    std::string mode;
    const int result = sqlite_api::sqlite3_exec(handle_, "PRAGMA journal_mode = WAL", keep, &mode, nullptr);
    if (result == SQLITE_OK && mode == "wal") return;
    if (result == SQLITE_OK) throw SqlFailure({Errc::store_unavailable, "this file system cannot hold a database that several connections share"});
    if ((result & 0xff) != SQLITE_BUSY || wait_for_lock(this, attempt) == 0)
      throw soci::sqlite3_soci_error(sqlite_api::sqlite3_errmsg(handle_), result);
  }
}

}  // namespace

Result<std::unique_ptr<SqlSession>> open_sqlite(const std::string& path, SqliteUse use, Deadline deadline) {
  return sql_guard([&]() -> std::unique_ptr<SqlSession> {
    auto session = std::make_unique<SqliteSession>(path);
    session->set_deadline(deadline);
    session->set_up(use);
    return session;
  });
}

}  // namespace authkit
