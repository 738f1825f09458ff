#pragma once

#include "authkit/key.hpp"

#include <cstddef>
#include <string_view>

namespace authkit {

enum class KeyFamily : std::uint8_t { hmac, rsa, ecdsa, ed25519 };

/// One row of the algorithm table.
struct AlgorithmTraits {
  Algorithm algorithm;
  std::string_view name;
  KeyFamily family;
  const char* digest;       ///< as EVP_MD_fetch names it; null for EdDSA
  std::size_t digest_size;  ///< bytes
  bool pss;                 ///< RSASSA-PSS, salt as long as the digest (RFC 7518 section 3.5)
  const char* curve;        ///< JWK `crv`
  const char* group;        ///< OpenSSL's name of the same curve
  std::size_t field_size;   ///< bytes of a coordinate, and of r and s
};

const AlgorithmTraits& traits_of(Algorithm algorithm) noexcept;

/// The `kty` of a family (RFC 7518 section 6.1, RFC 8037 section 2).
std::string_view key_type(KeyFamily family) noexcept;

/// Upper bound of every signature this library makes or checks: RSA with 8192 bits.
inline constexpr std::size_t max_signature_size = 1024;

}  // namespace authkit
