#include "db/postgres_session.hpp"

#include "core/digest.hpp"
#include "core/hex.hpp"
#include "db/postgres_probe.hpp"
#include "db/postgres_statement.hpp"
#include "db/sql_error.hpp"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include <libpq-fe.h>
#include <poll.h>
#include <random>
#include <string_view>

namespace authkit {
namespace {

/// Clearing up is no caller's business, and must not hold the pool for long.
constexpr std::chrono::milliseconds time_to_clear_up{250};

/// Connections are not kept for ever, so that memory of the server's and a changed address of its name come right by themselves; not all end at once.
std::chrono::steady_clock::time_point end_of_life() {
  thread_local std::minstd_rand dice(std::random_device{}());
  return std::chrono::steady_clock::now() + std::chrono::seconds(std::uniform_int_distribution(24 * 60, 36 * 60)(dice));
}

class PostgresSession : public SqlSession {
 public:
  PostgresSession(const std::string& conninfo, std::shared_ptr<CallWatchdog> watchdog, bool tells_positions)
      : session_(soci::postgresql, conninfo),
        connection_(static_cast<soci::postgresql_session_backend*>(session_.get_backend())->conn_),
        watchdog_(std::move(watchdog)),
        call_(*watchdog_, PQsocket(connection_)),
        tells_positions_(tells_positions) {
    PQsetNoticeProcessor(
        connection_, [](void*, const char*) {}, nullptr);  // the default writes to standard error
  }

  soci::session& soci() noexcept override { return session_; }
  const Dialect& dialect() const noexcept override { return postgres_dialect; }
  void set_deadline(Deadline deadline) noexcept override { call_.set_deadline(deadline); }

  /// What a server says to an idle connection is that it closes it.
  bool is_alive() noexcept override {
    if (std::chrono::steady_clock::now() > end_of_life_) return false;
    pollfd socket{PQsocket(connection_), POLLIN, 0};
    return PQstatus(connection_) == CONNECTION_OK && ::poll(&socket, 1, 0) == 0;
  }

  /// With a transaction id from the start: whatever number the unit draws from a sequence it draws after its id, which is how readers of a feed and
  /// of the audit chain know that nothing older is still to come. Both travel with the first statement.
  void begin() override { statements_.begin({"BEGIN", "SELECT pg_current_xact_id()"}); }
  bool is_untouched() const noexcept override { return statements_.is_untouched(); }
  void mark() noexcept override { statements_.mark(); }
  std::shared_ptr<void> take_unanswered() override { return statements_.take_unanswered(); }
  void hold_again(const std::shared_ptr<void>& unanswered) override { statements_.hold_again(unanswered); }

  bool is_hung() const noexcept override { return call_.ended(); }

  bool run_after_commit(const std::vector<std::string>& texts) override {
    statements_.run_after_commit(texts);
    return true;
  }

  void commit_with_next() override { statements_.end_with_next(ending()); }

  LogPosition commit() override {
    if (statements_.is_opening() && !statements_.holds()) return {};  // nothing was done
    auto results = statements_.take_ended();
    if (!results) results = statements_.run_with_held(ending());
    // The server answers a COMMIT of a failed transaction with ROLLBACK, and calls it success.
    if (std::string_view(PQcmdStatus(results->front().get())) != "COMMIT") throw SqlFailure({Errc::internal, "the transaction was rolled back"});
    if (!tells_positions_) return {};
    const PGresult* told = results->back().get();
    if (PQntuples(told) != 1) throw failure_of(nullptr);
    return written_position(PQgetvalue(told, 0, 0), PQgetvalue(told, 0, 1));
  }

  std::unique_ptr<SqlStatement> statement(const std::string& sql) override { return statements_.statement(sql); }
  void flush() override { statements_.flush(); }

  LogPosition position() override {
    static const std::string written = "SELECT " + std::string(written_columns);
    if (!tells_positions_) return {};
    const PostgresResult told = execute(written);
    return written_position(PQgetvalue(told.get(), 0, 0), PQgetvalue(told.get(), 0, 1));
  }

  void lock(std::string_view name) override { execute("SELECT pg_advisory_xact_lock" + lock_key(name)); }
  bool try_lock(std::string_view name) override { return is_true(*execute("SELECT pg_try_advisory_xact_lock" + lock_key(name))); }

  bool try_keep_lock(std::string_view name) override {
    const PostgresResult process = execute("SELECT pg_backend_pid()");
    if (PQgetvalue(process.get(), 0, 0) != std::to_string(PQbackendPID(connection_)))
      throw SqlFailure({Errc::config_invalid, "a connection pooler stands before the server: migrate with a URL that leads to the server itself"});
    return is_true(*execute("SELECT pg_try_advisory_lock" + lock_key(name)));
  }
  void drop_lock(std::string_view name) noexcept override {
    const PostgresResult result(PQexec(connection_, ("SELECT pg_advisory_unlock" + lock_key(name)).c_str()), PQclear);
  }

  bool is_whole() noexcept override { return statements_.is_opening() || PQtransactionStatus(connection_) == PQTRANS_INTRANS; }

  bool reset() noexcept override {
    statements_.forget();
    if (call_.ended() || PQstatus(connection_) != CONNECTION_OK) return false;
    if (PQtransactionStatus(connection_) != PQTRANS_IDLE) {
      call_.set_deadline(std::chrono::steady_clock::now() + time_to_clear_up);
      const PostgresResult result(PQexec(connection_, "ROLLBACK"), PQclear);
    }
    call_.set_deadline(Deadline::max());
    return PQstatus(connection_) == CONNECTION_OK && PQtransactionStatus(connection_) == PQTRANS_IDLE;
  }

  void script(const std::string& sql) override { execute(sql); }

 private:
  /// Eight bytes of our own choosing; two names that share them only wait for each other.
  static std::string lock_key(std::string_view name) { return "(hashtextextended('authkit:" + hex::encode(as_bytes(name)) + "', 0))"; }
  static bool is_true(const PGresult& result) { return std::string_view(PQgetvalue(&result, 0, 0)) == "t"; }

  PostgresResult execute(const std::string& sql) {
    statements_.flush();
    PostgresResult result(PQexec(connection_, sql.c_str()), PQclear);
    require_success(result.get());
    return result;
  }

  /// The position is read after the commit: one from before it promises too little.
  std::vector<std::string> ending() const {
    std::vector<std::string> texts{"COMMIT"};
    if (tells_positions_) texts.push_back("SELECT " + std::string(written_columns));
    return texts;
  }

  soci::session session_;
  PGconn* connection_;
  std::shared_ptr<CallWatchdog> watchdog_;
  CallWatchdog::Call call_;  // before the session it watches goes
  const bool tells_positions_;
  PostgresStatements statements_{connection_};
  const std::chrono::steady_clock::time_point end_of_life_ = end_of_life();
};

}  // namespace

Result<std::unique_ptr<SqlSession>> open_postgres(const std::string& conninfo, const std::shared_ptr<CallWatchdog>& watchdog, bool tells_positions) {
  try {
    return std::unique_ptr<SqlSession>(std::make_unique<PostgresSession>(conninfo, watchdog, tells_positions));
  } catch (const soci::soci_error&) {
    // Wrong password, missing database, refused, timed out: SOCI tells them apart in words only, which may hold the password's user and host.
    Error error{Errc::store_unavailable, "cannot connect to PostgreSQL"};
    error.retry_after = std::chrono::seconds(1);
    return error;
  }
}

}  // namespace authkit
