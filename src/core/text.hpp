#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace authkit {

/// Reads the first code point of `text` (RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF); its size in bytes, or 0 when the
/// text is empty or does not start with one.
std::size_t next_code_point(std::string_view text, char32_t& out) noexcept;

/// Well-formed UTF-8 (RFC 3629).
bool valid_utf8(std::string_view text) noexcept;
/// Code points of valid UTF-8; nothing for anything else.
std::optional<std::size_t> count_code_points(std::string_view text) noexcept;
/// NFC after full Unicode case folding, so that two spellings of one name become one (Unicode 3.13, canonical caseless matching); nothing is
/// stripped and no compatibility form is unified. Nothing for invalid UTF-8, control characters (C0, DEL, C1), line and paragraph separators,
/// and for text that folds to more than four times its length.
std::optional<std::string> fold(std::string_view text);
/// NFKC (UAX #15); nothing for invalid UTF-8.
std::optional<std::string> compatibility_form(std::string_view text);
/// ASCII control characters, DEL included.
bool has_control(std::string_view text) noexcept;

}  // namespace authkit
