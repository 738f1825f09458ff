#pragma once

#include "authkit/result.hpp"

#include <string_view>

namespace authkit::password {

/// crypt(3) of `password` with `encoded` as its setting, compared with `encoded`. One that holds a NUL or more than 511 bytes never
/// matches: crypt(3) takes C strings, and no longer ones.
/// Errors: Errc::invalid_credentials; Errc::out_of_memory.
Result<void> crypt_verify(std::string_view password, std::string_view encoded);

}  // namespace authkit::password
