#pragma once

#include "password/scheme.hpp"

#include <string>

/// bcrypt as others stored it: "$2a$", "$2b$" and "$2y$", on request "$2x$", through libxcrypt. It knows the first 72 bytes of a password, and none
/// with a NUL.
namespace authkit::password::bcrypt {

/// Errors: password_hash_invalid when it is malformed or costs more than 2^16 rounds.
Result<Cost> cost(std::string_view encoded, bool accept_2x = false);
/// Errors: invalid_credentials, out_of_memory.
Result<void> verify(std::string_view password, std::string_view encoded);

}  // namespace authkit::password::bcrypt
