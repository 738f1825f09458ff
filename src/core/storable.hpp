#pragma once

#include "authkit/result.hpp"

#include <initializer_list>
#include <string_view>

namespace authkit {

/// Refuses text that not every store can keep: PostgreSQL has no NUL in text, and C interfaces end there, so that "admin\0x" would be found as
/// "admin". Errors: Errc::invalid_argument.
inline Result<void> require_storable(std::initializer_list<std::string_view> texts) {
  for (const auto text : texts) {
    if (text.find('\0') != std::string_view::npos) return Error{Errc::invalid_argument, "text with a NUL cannot be stored"};
  }
  return {};
}

}  // namespace authkit
