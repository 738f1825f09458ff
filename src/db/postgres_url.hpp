#pragma once

#include "authkit/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace authkit {

/// libpq's connection string for "postgresql://user:password@host:port/name?sslmode=verify-full" (or postgres://). One URL names one server: the
/// router chooses between several, never libpq. Errors: Errc::config_invalid that names what is wrong and never repeats a value.
Result<std::string> postgres_conninfo(std::string_view url);

/// One server as an option names it.
struct PostgresServer {
  std::string url;  ///< without its secrets
  std::string conninfo;
  std::uint32_t weight = 1;  ///< 1 to 100, `weight` in the query
};

/// That of `url` first, then those of the comma-separated `replica_urls`. Errors: as above.
Result<std::vector<PostgresServer>> postgres_servers(std::string_view url, std::string_view replica_urls);

}  // namespace authkit
