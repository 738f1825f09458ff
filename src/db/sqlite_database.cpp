#include "db/sqlite_database.hpp"

#include "db/sqlite_file.hpp"
#include "db/sqlite_session.hpp"

namespace authkit {
namespace {

Result<void> check(const DatabaseOptions& options) {
  if (options.synchronous != "full" && options.synchronous != "normal") return Error{Errc::config_invalid, "synchronous must be full or normal"};
  if (options.readers < 1 || options.readers > 64) return Error{Errc::config_invalid, "readers must be 1 to 64"};
  if (options.busy_timeout < Duration{0} || options.busy_timeout > std::chrono::minutes(10))
    return Error{Errc::config_invalid, "the busy timeout must be 0 to 10 minutes"};
  return {};
}

}  // namespace

Result<std::shared_ptr<SqliteDatabase>> SqliteDatabase::open(const DatabaseOptions& options) {
  AUTHKIT_TRY(check(options));
  AUTHKIT_TRY_ASSIGN(const std::string named, sqlite_path(options.url));
  AUTHKIT_TRY_ASSIGN(const std::string path, create_private_file(named));
  auto database = std::make_shared<SqliteDatabase>(options, path);
  // Both kinds once, so that a file that is none of ours, or cannot be written, is refused here.
  AUTHKIT_TRY_ASSIGN(const SqlLease writer, database->lease({Route::write, database->until({})}));
  AUTHKIT_TRY_ASSIGN(const SqlLease reader, database->lease({Route::read_latest, database->until({})}));
  return database;
}

SqliteDatabase::SqliteDatabase(const DatabaseOptions& options, const std::string& path)
    : url_(options.url),
      patience_(options.busy_timeout),
      survives_power_loss_(options.synchronous == "full"),
      flush_(path + "-wal"),
      writer_(std::make_shared<SqlPool>(1, [path](Deadline deadline) { return open_sqlite(path, SqliteUse::write, deadline); })),
      readers_(std::make_shared<SqlPool>(options.readers, [path](Deadline deadline) { return open_sqlite(path, SqliteUse::read, deadline); })) {}

Result<SqlLease> SqliteDatabase::lease(const Errand& errand) {
  if (errand.route == Route::write) AUTHKIT_TRY(flush_.check());
  AUTHKIT_TRY_ASSIGN(SqlLease lease, (errand.route == Route::write ? writer_ : readers_)->acquire(errand.deadline));
  lease->set_deadline(errand.deadline);
  return lease;
}

DatabaseStatus SqliteDatabase::status() const {
  NodeStatus file;
  file.url = url_;
  file.role = NodeRole::primary;
  file.health = NodeHealth::up;
  file.in_flight = writer_->lent() + readers_->lent();
  DatabaseStatus status;
  status.nodes.push_back(std::move(file));
  return status;
}

Result<void> SqliteDatabase::make_durable() {
  if (!survives_power_loss_) return {};
  return flush_.flush();
}

}  // namespace authkit
