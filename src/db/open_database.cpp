#include "core/try.hpp"
#include "core/url.hpp"
#include "db/postgres_database.hpp"
#include "db/sqlite_database.hpp"

namespace authkit {

Result<std::shared_ptr<Database>> Database::open(const DatabaseOptions& options) {
  AUTHKIT_TRY_ASSIGN(const Url url, Url::parse(options.url));
  if (url.scheme == "sqlite") {
    AUTHKIT_TRY_ASSIGN(auto database, SqliteDatabase::open(options));
    return std::shared_ptr<Database>(std::move(database));
  }
  if (url.scheme == "postgresql" || url.scheme == "postgres") {
    AUTHKIT_TRY_ASSIGN(auto database, PostgresDatabase::open(options));
    return std::shared_ptr<Database>(std::move(database));
  }
  return Error{Errc::config_invalid, "the database URL must be sqlite:/path/file.db or postgresql://user@host/name"};
}

}  // namespace authkit
