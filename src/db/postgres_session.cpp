#include "db/postgres_session.hpp"

#include "core/digest.hpp"
#include "core/hex.hpp"
#include "db/sql_error.hpp"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include <libpq-fe.h>
#include <poll.h>
#include <string_view>

namespace authkit {
namespace {

/// Clearing up is no caller's business, and must not hold the pool for long.
constexpr std::chrono::milliseconds time_to_clear_up{250};

using ResultPtr = std::unique_ptr<PGresult, decltype(&PQclear)>;

class PostgresSession : public SqlSession {
 public:
  PostgresSession(const std::string& conninfo, std::shared_ptr<CallWatchdog> watchdog)
      : session_(soci::postgresql, conninfo),
        connection_(static_cast<soci::postgresql_session_backend*>(session_.get_backend())->conn_),
        watchdog_(std::move(watchdog)),
        call_(*watchdog_, PQsocket(connection_)) {
    PQsetNoticeProcessor(
        connection_, [](void*, const char*) {}, nullptr);  // the default writes to standard error
  }

  soci::session& soci() noexcept override { return session_; }
  const Dialect& dialect() const noexcept override { return postgres_dialect; }
  void set_deadline(Deadline deadline) noexcept override { call_.set_deadline(deadline); }

  /// What a server says to an idle connection is that it closes it.
  bool is_alive() noexcept override {
    pollfd socket{PQsocket(connection_), POLLIN, 0};
    return PQstatus(connection_) == CONNECTION_OK && ::poll(&socket, 1, 0) == 0;
  }

  /// With a transaction id from the start, in the same round trip: whatever number the unit draws from a sequence it draws after its id, which
  /// is how readers of a feed and of the audit chain know that nothing older is still to come.
  void begin() override { execute("BEGIN; SELECT pg_current_xact_id()"); }

  /// The server answers a COMMIT of a failed transaction with ROLLBACK, and calls it success.
  void commit() override {
    const ResultPtr result = execute("COMMIT");
    if (std::string_view(PQcmdStatus(result.get())) != "COMMIT") throw SqlFailure({Errc::internal, "the transaction was rolled back"});
  }

  void lock(std::string_view name) override {
    // Eight bytes of our own choosing; two names that share them only wait for each other.
    execute("SELECT pg_advisory_xact_lock(hashtextextended('authkit:" + hex::encode(as_bytes(name)) + "', 0))");
  }

  bool reset() noexcept override {
    if (call_.ended() || PQstatus(connection_) != CONNECTION_OK) return false;
    if (PQtransactionStatus(connection_) != PQTRANS_IDLE) {
      call_.set_deadline(std::chrono::steady_clock::now() + time_to_clear_up);
      const ResultPtr result(PQexec(connection_, "ROLLBACK"), PQclear);
    }
    call_.set_deadline(Deadline::max());
    return PQstatus(connection_) == CONNECTION_OK && PQtransactionStatus(connection_) == PQTRANS_IDLE;
  }

  void script(const std::string& sql) override { execute(sql); }

 private:
  ResultPtr execute(const std::string& sql) {
    ResultPtr result(PQexec(connection_, sql.c_str()), PQclear);
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) return result;
    const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    const char* message = PQresultErrorField(result.get(), PG_DIAG_MESSAGE_PRIMARY);
    throw SqlFailure(error_of_sqlstate(state == nullptr ? "" : state, message == nullptr ? "" : message));
  }

  soci::session session_;
  PGconn* connection_;
  std::shared_ptr<CallWatchdog> watchdog_;
  CallWatchdog::Call call_;  // before the session it watches goes
};

}  // namespace

Result<std::unique_ptr<SqlSession>> open_postgres(const std::string& conninfo, const std::shared_ptr<CallWatchdog>& watchdog) {
  try {
    return std::unique_ptr<SqlSession>(std::make_unique<PostgresSession>(conninfo, watchdog));
  } catch (const soci::soci_error&) {
    // Wrong password, missing database, refused, timed out: SOCI tells them apart in words only, which may hold the password's user and host.
    Error error{Errc::store_unavailable, "cannot connect to PostgreSQL"};
    error.retry_after = std::chrono::seconds(1);
    return error;
  }
}

}  // namespace authkit
