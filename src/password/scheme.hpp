#pragma once

#include "authkit/password.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace authkit::password {

/// What verifying one stored hash takes.
struct Cost {
  std::uint64_t memory = 0;  ///< bytes held while it runs
};

/// One way to store a password. The table of schemes() holds all; the first is what new hashes use.
///
/// Thread safety: the functions are pure. None of them throws but std::bad_alloc.
struct Scheme {
  std::string_view name;

  /// Whether `encoded` claims to be of this scheme: its prefix, nothing more.
  bool (*understands)(std::string_view encoded);

  /// Reads the whole of `encoded`, strictly, and computes nothing.
  /// Errors: Errc::password_hash_invalid when it is malformed or costs more than the scheme's ceiling.
  Result<Cost> (*cost)(std::string_view encoded, const PasswordOptions& options);

  /// Computes and compares in constant time. Only for what cost() accepted and the gate let in.
  /// Errors: Errc::invalid_credentials for another password; Errc::out_of_memory.
  Result<void> (*verify)(std::string_view password, std::string_view encoded);

  /// Whether a new hash under `options` would have the same form and cost.
  bool (*is_preferred)(std::string_view encoded, const PasswordOptions& options);

  bool takes_pepper = false;  ///< whether PasswordOptions::pepper follows the password
};

extern const Scheme argon2id_scheme, argon2i_scheme, aspnet_scheme, bcrypt_scheme, better_auth_scheme, django_argon2_scheme, django_bcrypt_scheme,
    django_scheme, keycloak_scheme, passlib_bcrypt_scheme, passlib_pbkdf2_scheme, scrypt_scheme, scrypt_crypt_scheme, sha_crypt_scheme, spring_scheme,
    werkzeug_scheme, yescrypt_scheme;

constexpr std::size_t max_encoded = 2048;  ///< bytes; a credential of Keycloak takes some 600, no other form 512

/// The scheme that understands `encoded`, or null; null for more than max_encoded bytes.
const Scheme* find_scheme(std::string_view encoded) noexcept;

}  // namespace authkit::password
