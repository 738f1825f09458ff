#pragma once

#include "authkit/key.hpp"

#include "core/json.hpp"
#include "token/key_material.hpp"

namespace authkit {

/// One JWK that was read already. Checks kty, crv, alg, use, key_ops and every number (RFC 7517 section 4, RFC 7518 section 6, RFC 8037
/// section 2).
Result<Key> key_of_jwk(const json::Value& jwk, Algorithm algorithm, KeyPart part);

/// Whether the text is a JWK Set and not a JWK. Errors: Errc::key_invalid for neither and for what claims to be both.
Result<bool> is_jwk_set(std::string_view text);

/// Overwrites every text below: a document that may hold private members.
void wipe(json::Value& value) noexcept;

/// The JWK text of a key, its private members included or not.
std::string write_jwk(const Key& key, bool with_private);

}  // namespace authkit
