#pragma once

#include "authkit/types.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace authkit::server {

/// RFC 3339 in UTC with or without milliseconds: "2026-01-31T12:00:00Z".
std::optional<Time> parse_time(std::string_view text);

/// The query of a URL (application/x-www-form-urlencoded), read strictly: each name once, percent escapes that are UTF-8 and no control character.
/// Read members, then finish() reports all that is wrong, by its name, and every name that nobody read.
///
/// Thread safety: one thread. Errors: finish() gives field_invalid.
class Parameters {
 public:
  explicit Parameters(std::string_view query);

  /// Nothing where it is missing or empty.
  std::optional<std::string> text(std::string_view name);
  std::optional<std::size_t> number(std::string_view name, std::size_t min, std::size_t max);
  /// RFC 3339 in UTC, such as 2026-01-31T12:00:00Z.
  std::optional<Time> time(std::string_view name);

  void reject(std::string_view name, std::string_view detail);
  Result<void> finish();

 private:
  struct Value {
    std::string text;
    bool read = false;
  };
  std::map<std::string, Value, std::less<>> values_;
  Error error_{Errc::field_invalid};
};

}  // namespace authkit::server
