#include "db/sql_error.hpp"

#include <fmt/format.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace authkit {
namespace {

constexpr std::chrono::milliseconds soon{1000};
constexpr std::string_view read_only = "PostgreSQL is read-only: it is no longer the primary", lost = "the connection to the database was lost",
                           refuses = "PostgreSQL refuses work";

Error unavailable(std::string detail) {
  Error error{Errc::store_unavailable, std::move(detail)};
  error.retry_after = soon;
  return error;
}

/// What follows `marker` in the database's message. Only for messages that name tables and columns, no values.
std::string_view after(std::string_view message, std::string_view marker) {
  const std::size_t at = message.find(marker);
  return at == std::string_view::npos ? std::string_view() : message.substr(at + marker.size());
}

Error from_sqlite(int result, std::string_view message) {
  const char* meaning = sqlite_api::sqlite3_errstr(result);
  switch (result) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
      return {Errc::conflict, fmt::format("not unique: {}", after(message, "UNIQUE constraint failed: "))};
    case SQLITE_BUSY_SNAPSHOT:
      return {Errc::store_conflict, "another transaction came first"};
    default:
      break;
  }
  switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_INTERRUPT:
      return unavailable("the database did not answer in time");
    case SQLITE_CONSTRAINT:
      return {Errc::internal, fmt::format("SQLite: {} ({})", meaning, result)};
    case SQLITE_NOMEM:
      return Errc::out_of_memory;
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
      return {Errc::internal, fmt::format("SQLite: {} ({})", meaning, result)};
    case SQLITE_ERROR:
      if (!after(message, "no such table").empty() || !after(message, "no such column").empty() || !after(message, "has no column named").empty())
        return {Errc::schema_mismatch, "a table or column is missing: apply the migrations of this program"};
      return {Errc::internal, fmt::format("SQLite: {} ({})", meaning, result)};
    default:
      return unavailable(fmt::format("SQLite: {} ({})", meaning, result));
  }
}

/// The first name of ours in a message, whatever language that is in: a constraint's comes before any value.
std::string_view own_name(std::string_view message) {
  const std::size_t at = message.find("authkit_");
  if (at == std::string_view::npos) return "a constraint";
  const std::size_t end = message.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_", at);
  return message.substr(at, end == std::string_view::npos ? end : end - at);
}

}  // namespace

Error error_of_sqlstate(std::string_view state, std::string_view message) {
  const auto is = [state](std::string_view prefix) { return state.starts_with(prefix); };
  if (state.empty() || is("08")) return unavailable(std::string(lost));
  if (is("57P") || is("53")) return unavailable(fmt::format("{} ({})", refuses, state));
  if (is("25006")) return unavailable(std::string(read_only));
  if (is("57014") || is("55P03")) return unavailable("the database did not answer in time");
  if (is("40001") || is("40P01")) return {Errc::store_conflict, "another transaction came first"};
  if (is("23505")) return {Errc::conflict, fmt::format("not unique: {}", own_name(message))};
  if (is("42P01") || is("42703") || is("3F000")) return {Errc::schema_mismatch, "a table or column is missing: apply the migrations of this program"};
  return {Errc::internal, fmt::format("PostgreSQL refused a statement ({})", state)};
}

Error current_sql_error() {
  try {
    throw;
  } catch (const SqlFailure& failure) {
    return failure.error();
  } catch (const soci::sqlite3_soci_error& failure) {
    return from_sqlite(failure.result(), failure.get_error_message());
  } catch (const soci::postgresql_soci_error& failure) {
    return error_of_sqlstate(failure.sqlstate(), failure.get_error_message());
  } catch (const soci::soci_error&) {
    return {Errc::internal, "the SQL layer refused a statement"};
  } catch (const std::exception&) {
    return {Errc::internal, "the SQL layer failed"};
  }
}

bool means_lost(const Error& error) noexcept {
  return error.code == Errc::store_unavailable && (error.detail == lost || error.detail.starts_with(refuses));
}

bool means_read_only(const Error& error) noexcept { return error.code == Errc::store_unavailable && error.detail == read_only; }

bool refused_by(const Error& error, std::string_view column) noexcept {
  if (error.code != Errc::conflict) return false;
  if (error.detail.find(column) != std::string::npos) return true;
  // PostgreSQL names the index, which is named after the column.
  const std::size_t dot = column.find('.');
  const std::size_t table = dot == std::string_view::npos ? std::string::npos : error.detail.find(column.substr(0, dot));
  return table != std::string::npos && std::string_view(error.detail).substr(table + dot + 1) == column.substr(dot + 1);
}

}  // namespace authkit
