#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace authkit::hex {

/// Lower-case, two characters a byte.
void encode_to(std::span<const std::uint8_t> bytes, char* out) noexcept;
std::string encode(std::span<const std::uint8_t> bytes);
/// Fills `out` exactly; false for a wrong length or a foreign character. Either case is read.
bool decode(std::string_view text, std::span<std::uint8_t> out) noexcept;

}  // namespace authkit::hex
