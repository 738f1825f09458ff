#pragma once

#include "authkit/key.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace authkit {

/// Whether `signature` is the key's over `input`, under the key's own algorithm. Lengths and ranges are checked before any mathematics.
/// MACs are compared in constant time. Thread safety: any; contexts are kept per thread.
bool verify_signature(const Key& key, std::string_view input, std::span<const std::uint8_t> signature) noexcept;

/// Writes the signature of `input` to `out` (max_signature_size bytes of room) and gives its size.
/// Errors: Errc::key_invalid for a key that may not sign, Errc::internal.
Result<std::size_t> make_signature(const Key& key, std::string_view input, std::span<std::uint8_t> out);

}  // namespace authkit
