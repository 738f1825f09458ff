#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <span>
#include <string_view>

namespace authkit::password {

/// PBKDF2 with HMAC (RFC 8018 section 5.2) of SHA-1, SHA-256 or SHA-512 into all of `tag`, by OpenSSL's compression functions alone: a round is two
/// of them, and what OpenSSL's own PBKDF2 does around them takes longer than they do.
///
/// `rounds`: one at least. Thread safety: any thread. False: OpenSSL failed.
bool pbkdf2(std::string_view password, std::span<const std::uint8_t> salt, std::uint32_t rounds, const EVP_MD* digest,
            std::span<std::uint8_t> tag) noexcept;

}  // namespace authkit::password
