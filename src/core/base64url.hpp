#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace authkit::base64url {

/// Characters that `bytes` bytes encode to, without padding (RFC 4648 section 5, RFC 7515 section 2).
constexpr std::size_t encoded_size(std::size_t bytes) noexcept { return bytes / 3 * 4 + (bytes % 3 == 0 ? 0 : bytes % 3 + 1); }
/// Bytes that `characters` decode to; an impossible length (4n + 1) is refused by decode().
constexpr std::size_t decoded_size(std::size_t characters) noexcept { return characters / 4 * 3 + (characters % 4 == 0 ? 0 : characters % 4 - 1); }

/// Writes encoded_size(in.size()) characters to `out`.
void encode_to(std::span<const std::uint8_t> in, char* out) noexcept;
std::string encode(std::span<const std::uint8_t> in);
std::string encode(std::string_view in);

/// Strict: no padding, no foreign byte, no trailing bits that are not zero, so every value has exactly one spelling.
/// Writes decoded_size(in.size()) bytes to `out`; false when `in` is not canonical (out is then unspecified).
bool decode_to(std::string_view in, std::uint8_t* out) noexcept;
std::optional<std::string> decode(std::string_view in);

/// Standard or url alphabet, padding optional: for keys that people paste into a configuration, never for tokens.
std::optional<std::string> decode_lenient(std::string_view in);

}  // namespace authkit::base64url
