#pragma once

#include "password/scheme.hpp"

#include <openssl/types.h>

#include <optional>
#include <string>

namespace authkit::password {

/// A stored hash taken apart: what is to be computed of the password, and what must come out. Every system that stores PBKDF2 (RFC 8018) or scrypt
/// (RFC 7914) is a function that makes one of its own text.
struct Derivation {
  const EVP_MD* digest = nullptr;  ///< of PBKDF2; null: scrypt
  std::uint32_t rounds = 0;        ///< of PBKDF2
  std::uint64_t n = 0;             ///< of scrypt: blocks, a power of two
  std::uint32_t r = 0, p = 0;      ///< of scrypt: size of a block in 128 bytes, and how many times
  std::string salt, tag;
};

/// The digest by its usual name ("sha256"); null for any but SHA-1, SHA-256 and SHA-512.
const EVP_MD* digest_named(std::string_view name) noexcept;

std::size_t digest_size(const EVP_MD* digest) noexcept;

/// Errors: Errc::password_hash_invalid over 2,000,000 rounds, 256 MiB, p = 16 or 1 GiB filled in all, and for what the standards do not have.
Result<Cost> cost_of(const Derivation& derivation);
Result<void> verify(std::string_view password, const Derivation& derivation);

Error malformed_hash();
bool never_preferred(std::string_view encoded, const PasswordOptions& options);

/// Whether scrypt's tag has a length that is in use. What was cut off is no shorter tag: those of PBKDF2 and scrypt begin as the longer ones do.
bool is_scrypt_tag(std::string_view tag) noexcept;

/// 1 to 128 printable characters: what a salt may be that is used as the text it is.
bool is_salt_text(std::string_view text) noexcept;

/// The scheme of what `parse` understands.
template <std::optional<Derivation> (*parse)(std::string_view)>
constexpr Scheme derived_scheme(std::string_view name, bool (*understands)(std::string_view)) {
  return {name, understands,
          [](std::string_view encoded, const PasswordOptions&) -> Result<Cost> {
            const auto stored = parse(encoded);
            return stored ? cost_of(*stored) : malformed_hash();
          },
          [](std::string_view password, std::string_view encoded) -> Result<void> {
            const auto stored = parse(encoded);
            return stored ? verify(password, *stored) : malformed_hash();
          },
          never_preferred};
}

}  // namespace authkit::password
