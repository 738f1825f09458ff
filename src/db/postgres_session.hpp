#pragma once

#include "authkit/result.hpp"

#include "db/call_watchdog.hpp"
#include "db/sql_session.hpp"

#include <memory>
#include <string>

namespace authkit {

/// Opens one connection. `conninfo` as postgres_conninfo() makes it. Blocks for as long as libpq does, so only the connector and the prober call it.
/// `tells_positions`: commit() says how much of the log holds it.
/// Errors: Errc::store_unavailable, Errc::config_invalid.
Result<std::unique_ptr<SqlSession>> open_postgres(const std::string& conninfo, const std::shared_ptr<CallWatchdog>& watchdog,
                                                  bool tells_positions = false);

}  // namespace authkit
