#pragma once

#include "token/algorithm.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace authkit {

/// A DER signature never needs more: SEQUENCE header and two INTEGERs of 67 bytes (P-521).
using DerBuffer = std::array<std::uint8_t, 3 + 2 * (2 + 67)>;

/// r || s of fixed length (RFC 7518 section 3.4) to the DER that OpenSSL reads; the bytes used of `out`. Nothing unless the length is
/// exactly twice the field and r and s are in [1, n-1].
std::optional<std::size_t> ecdsa_to_der(std::span<const std::uint8_t> fixed, const AlgorithmTraits& traits, DerBuffer& out) noexcept;

/// The reverse, for signatures that OpenSSL just made. `out`: twice the field. False for anything but two positive INTEGERs.
bool ecdsa_from_der(std::span<const std::uint8_t> der, const AlgorithmTraits& traits, std::span<std::uint8_t> out) noexcept;

}  // namespace authkit
