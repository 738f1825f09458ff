#pragma once

#include "authkit/result.hpp"

#include <charconv>
#include <cstdint>
#include <string_view>

namespace authkit {

/// A serial number that was handed out as a cursor. Errors: Errc::invalid_argument.
inline Result<std::int64_t> parse_sql_cursor(std::string_view cursor) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), number);
  if (error != std::errc() || end != cursor.data() + cursor.size() || number < 0) return Error{Errc::invalid_argument, "the cursor is none"};
  return number;
}

}  // namespace authkit
