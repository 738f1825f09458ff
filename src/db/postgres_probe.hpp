#pragma once

#include "db/router.hpp"
#include "db/sql_session.hpp"

#include <string>
#include <string_view>

namespace authkit {

/// The timeline (eight hexadecimal digits) and how much of the log a commit before this has written, for a primary. The flushed part, which is what
/// an acknowledged commit waited for: the inserted part may end behind the header of a page that no replica ever replays.
inline constexpr std::string_view written_columns =
    "substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8), CASE current_setting('synchronous_commit') WHEN 'off' THEN pg_current_wal_insert_lsn() "
    "ELSE pg_current_wal_flush_lsn() END - cast('0/0' AS pg_lsn)";

/// From the two columns; none when they are not what they should be.
LogPosition written_position(std::string_view timeline, std::string_view lsn) noexcept;

/// Which server this connection leads to: address, port and start. Throws what sql_guard() understands.
std::string server_of(SqlSession& session);

/// Asks one server what it is and how far it is. On a primary it marks a timeline that the schema does not know yet. Throws what sql_guard()
/// understands.
Probe probe_server(SqlSession& session);

}  // namespace authkit
