#pragma once

#include "db/call_watchdog.hpp"
#include "db/connector.hpp"
#include "db/sql_database.hpp"

namespace authkit {

/// One PostgreSQL server, directly or behind PgBouncer in transaction mode: one-time statements only, no session state.
///
/// Owns two threads: `authkit-connect` makes connections, `authkit-deadline` ends calls that the server does not answer.
class PostgresDatabase final : public SqlDatabase {
 public:
  /// Connects once. Errors: Errc::config_invalid, Errc::store_unavailable.
  static Result<std::shared_ptr<PostgresDatabase>> open(const DatabaseOptions& options);

  PostgresDatabase(const DatabaseOptions& options, std::string redacted_url, const std::string& conninfo);

  const Dialect& dialect() const noexcept override { return postgres_dialect; }
  std::string redacted_url() const override { return redacted_url_; }

 protected:
  Result<SqlLease> lease(Route route, Deadline deadline) override;
  Result<void> make_durable() override { return {}; }  // COMMIT does not return before
  Duration patience() const noexcept override { return patience_; }

 private:
  std::string redacted_url_;
  Duration patience_;
  std::shared_ptr<SqlPool> primary_;
};

}  // namespace authkit
