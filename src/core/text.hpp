#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace authkit {

/// Well-formed UTF-8 (RFC 3629).
bool valid_utf8(std::string_view text) noexcept;
/// Code points of valid UTF-8; nothing for anything else.
std::optional<std::size_t> count_code_points(std::string_view text) noexcept;
/// NFC after Unicode case folding; nothing for invalid UTF-8, NUL or control characters, and for text that folds to more than four times its length.
std::optional<std::string> fold(std::string_view text);
/// ASCII control characters, DEL included.
bool has_control(std::string_view text) noexcept;

}  // namespace authkit
