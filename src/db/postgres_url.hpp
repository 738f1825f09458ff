#pragma once

#include "authkit/result.hpp"

#include <string>
#include <string_view>

namespace authkit {

/// libpq's connection string for "postgresql://user:password@host:port/name?sslmode=verify-full" (or postgres://). One URL names one server: the
/// router chooses between several, never libpq. Errors: Errc::config_invalid that names what is wrong and never repeats a value.
Result<std::string> postgres_conninfo(std::string_view url);

}  // namespace authkit
