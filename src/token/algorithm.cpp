#include "token/algorithm.hpp"

#include <array>

namespace authkit {
namespace {

using enum Algorithm;

constexpr std::array table{
    AlgorithmTraits{HS256, "HS256", KeyFamily::hmac, "SHA256", 32, false, nullptr, nullptr, 0},
    AlgorithmTraits{HS384, "HS384", KeyFamily::hmac, "SHA384", 48, false, nullptr, nullptr, 0},
    AlgorithmTraits{HS512, "HS512", KeyFamily::hmac, "SHA512", 64, false, nullptr, nullptr, 0},
    AlgorithmTraits{RS256, "RS256", KeyFamily::rsa, "SHA256", 32, false, nullptr, nullptr, 0},
    AlgorithmTraits{RS384, "RS384", KeyFamily::rsa, "SHA384", 48, false, nullptr, nullptr, 0},
    AlgorithmTraits{RS512, "RS512", KeyFamily::rsa, "SHA512", 64, false, nullptr, nullptr, 0},
    AlgorithmTraits{PS256, "PS256", KeyFamily::rsa, "SHA256", 32, true, nullptr, nullptr, 0},
    AlgorithmTraits{PS384, "PS384", KeyFamily::rsa, "SHA384", 48, true, nullptr, nullptr, 0},
    AlgorithmTraits{PS512, "PS512", KeyFamily::rsa, "SHA512", 64, true, nullptr, nullptr, 0},
    AlgorithmTraits{ES256, "ES256", KeyFamily::ecdsa, "SHA256", 32, false, "P-256", "prime256v1", 32},
    AlgorithmTraits{ES384, "ES384", KeyFamily::ecdsa, "SHA384", 48, false, "P-384", "secp384r1", 48},
    AlgorithmTraits{ES512, "ES512", KeyFamily::ecdsa, "SHA512", 64, false, "P-521", "secp521r1", 66},
    AlgorithmTraits{EdDSA, "EdDSA", KeyFamily::ed25519, nullptr, 0, false, "Ed25519", nullptr, 32},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (table[i].algorithm != static_cast<Algorithm>(i)) return false;
  return true;
}
static_assert(in_order(), "traits_of() indexes the table by the enumerator");

}  // namespace

const AlgorithmTraits& traits_of(Algorithm algorithm) noexcept { return table[static_cast<std::size_t>(algorithm)]; }

std::string_view key_type(KeyFamily family) noexcept {
  switch (family) {
    case KeyFamily::hmac:
      return "oct";
    case KeyFamily::rsa:
      return "RSA";
    case KeyFamily::ecdsa:
      return "EC";
    case KeyFamily::ed25519:
      return "OKP";
  }
  return {};
}

std::string_view to_text(Algorithm algorithm) noexcept { return traits_of(algorithm).name; }

std::optional<Algorithm> parse_algorithm(std::string_view text) noexcept {
  for (const AlgorithmTraits& row : table)
    if (row.name == text) return row.algorithm;
  return std::nullopt;
}

}  // namespace authkit
