#pragma once

#include "authkit/key.hpp"

#include "core/base64url.hpp"
#include "core/json.hpp"

#include <array>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// Keys and the JWK text of keys with one thing wrong.
namespace authkit::test {

inline constexpr std::array all_algorithms{Algorithm::HS256, Algorithm::HS384, Algorithm::HS512, Algorithm::RS256, Algorithm::RS384,
                                           Algorithm::RS512, Algorithm::PS256, Algorithm::PS384, Algorithm::PS512, Algorithm::ES256,
                                           Algorithm::ES384, Algorithm::ES512, Algorithm::EdDSA};

inline bool is_hmac(Algorithm algorithm) { return algorithm <= Algorithm::HS512; }
inline bool is_rsa(Algorithm algorithm) { return algorithm >= Algorithm::RS256 && algorithm <= Algorithm::PS512; }

/// A private key of that algorithm, the same one at each call; RSA keys of 2048 bits, all algorithms over one.
const Key& sample_key(Algorithm algorithm);

/// `jwk` with members set to other texts of JSON ("\"x\"", "[1]"), added, or taken out where the value is empty.
std::string edited(std::string_view jwk, std::initializer_list<std::pair<std::string_view, std::string_view>> changes);

/// The bytes of a member, and a member's JSON text of bytes.
std::string bytes_of(std::string_view jwk, std::string_view member);
std::string quoted(std::string_view bytes);

}  // namespace authkit::test
