#pragma once

#include "authkit/key.hpp"

#include "token/algorithm.hpp"

#include <array>
#include <string>

namespace authkit::test {

inline constexpr std::array all_algorithms{Algorithm::HS256, Algorithm::HS384, Algorithm::HS512, Algorithm::RS256, Algorithm::RS384,
                                           Algorithm::RS512, Algorithm::PS256, Algorithm::PS384, Algorithm::PS512, Algorithm::ES256,
                                           Algorithm::ES384, Algorithm::ES512, Algorithm::EdDSA};

/// The private key (or HMAC secret) that legitimate tokens of an algorithm are signed with.
Key test_key(Algorithm algorithm);
/// A key of the same kind that nobody trusts.
Key stranger_key(Algorithm algorithm);
/// What a verifier is given: the public JWK, or the secret's.
std::string test_key_jwk(const Key& key);

}  // namespace authkit::test
