#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace authkit {

using Digest256 = std::array<std::uint8_t, 32>;

inline std::span<const std::uint8_t> as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Keyed BLAKE2b-256 (RFC 7693) of `parts`, each preceded by its length as 8 bytes little-endian, so that no two lists collide.
/// `key`: 16 to 64 bytes.
Digest256 keyed_digest(std::span<const std::uint8_t> key, std::initializer_list<std::span<const std::uint8_t>> parts) noexcept;

/// Unkeyed BLAKE2b-128: what a foreign id becomes.
std::array<std::uint8_t, 16> hash128(std::span<const std::uint8_t> data) noexcept;

/// SHA-256.
Digest256 sha256(std::span<const std::uint8_t> data) noexcept;

/// Compares in constant time; false at once for different lengths, which are public.
bool equal_constant_time(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) noexcept;

}  // namespace authkit
