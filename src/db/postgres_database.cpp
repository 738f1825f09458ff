#include "db/postgres_database.hpp"

#include "core/url.hpp"
#include "db/postgres_session.hpp"
#include "db/postgres_url.hpp"

namespace authkit {
namespace {

/// Starting may take longer than a call: name resolution, TLS, a server that is just coming up.
constexpr std::chrono::seconds time_to_open{10};

Result<void> check(const DatabaseOptions& options) {
  if (options.connections < 1 || options.connections > 256) return Error{Errc::config_invalid, "connections must be 1 to 256"};
  if (options.deadline < Duration{10} || options.deadline > std::chrono::minutes(10))
    return Error{Errc::config_invalid, "the deadline must be 10 ms to 10 minutes"};
  return {};
}

}  // namespace

Result<std::shared_ptr<PostgresDatabase>> PostgresDatabase::open(const DatabaseOptions& options) {
  AUTHKIT_TRY(check(options));
  AUTHKIT_TRY_ASSIGN(const std::string conninfo, postgres_conninfo(options.url));
  AUTHKIT_TRY_ASSIGN(const Url url, Url::parse(options.url));
  auto database = std::make_shared<PostgresDatabase>(options, url.redacted(), conninfo);
  AUTHKIT_TRY_ASSIGN(const SqlLease probe, database->lease(Route::write, std::chrono::steady_clock::now() + time_to_open));
  return database;
}

PostgresDatabase::PostgresDatabase(const DatabaseOptions& options, std::string redacted_url, const std::string& conninfo)
    : redacted_url_(std::move(redacted_url)), patience_(options.deadline) {
  const auto connector =
      std::make_shared<Connector>([conninfo, watchdog = std::make_shared<CallWatchdog>()] { return open_postgres(conninfo, watchdog); });
  primary_ = std::make_shared<SqlPool>(options.connections, [connector](Deadline deadline) { return connector->connect(deadline); });
}

Result<SqlLease> PostgresDatabase::lease(Route, Deadline deadline) { return primary_->acquire(deadline); }

}  // namespace authkit
