#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Pieces of a strict reader for stored hashes: each takes its piece off the front of `rest`, or fails and leaves `rest` as it was.
namespace authkit::password::phc {

/// The text itself.
bool take(std::string_view& rest, std::string_view literal) noexcept;

/// A decimal number in its one spelling: no sign, no leading zero, within 32 bits.
std::optional<std::uint32_t> take_number(std::string_view& rest) noexcept;

/// Base64 in the standard alphabet without padding (the PHC string format), up to the next '$' or the end. Strict: one spelling a value.
std::optional<std::string> take_base64(std::string_view& rest);

/// What stands before the next `delimiter`, not empty, which goes too.
std::optional<std::string_view> take_field(std::string_view& rest, char delimiter) noexcept;

/// All of `text`: base64 in the standard alphabet with its padding, strict; and hexadecimal.
std::optional<std::string> from_base64(std::string_view text);
std::optional<std::string> from_hex(std::string_view text);

/// The same form as take_base64(), written.
std::string base64(std::string_view bytes);

}  // namespace authkit::password::phc
