#pragma once

#include "authkit/result.hpp"

#include "db/sql_session.hpp"

#include <memory>
#include <string>

namespace authkit {

/// What a connection is for: a reader cannot write, whatever is run on it.
enum class SqliteUse : std::uint8_t { write, read };

/// Opens one connection to the file at `path`, which must exist, and sets it up. Errors: Errc::store_unavailable, Errc::internal.
Result<std::unique_ptr<SqlSession>> open_sqlite(const std::string& path, SqliteUse use, Deadline deadline);

}  // namespace authkit
