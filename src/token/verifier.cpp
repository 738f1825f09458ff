#include "authkit/verifier.hpp"

#include "core/base64url.hpp"
#include "core/digest.hpp"
#include "core/try.hpp"
#include "token/claims_reader.hpp"
#include "token/compact.hpp"
#include "token/jwk.hpp"
#include "token/signature.hpp"

namespace authkit {
namespace {

CompactRules rules_of(const VerifyOptions& options) {
  return {.max_bytes = options.max_token_bytes, .only = options.algorithm, .typ = options.typ, .access_header = false};
}

}  // namespace

Result<std::vector<Key>> verification_keys(std::string_view jwk_or_set, Algorithm algorithm) {
  AUTHKIT_TRY_ASSIGN(const bool is_set, is_jwk_set(jwk_or_set));
  if (is_set) return parse_jwks(jwk_or_set, algorithm, KeyPart::public_part);
  AUTHKIT_TRY_ASSIGN(Key key, Key::from_jwk(jwk_or_set, algorithm, KeyPart::public_part));
  return std::vector<Key>{std::move(key)};
}

Result<std::string> verify_jws(std::string_view token, const std::vector<Key>& keys, const VerifyOptions& options) {
  CompactRules rules = rules_of(options);
  rules.nested_refused = false;
  AUTHKIT_TRY_ASSIGN(const VerifiedCompact verified, verify_compact(token, keys, rules));
  auto payload = base64url::decode(verified.payload);
  if (!payload) return Error(Errc::invalid_token, "the payload is not base64url");
  return *std::move(payload);
}

Result<Claims> verify_jwt(std::string_view token, const std::vector<Key>& keys, const VerifyOptions& options) {
  if (options.required.size() > 64) return Error(Errc::invalid_argument, "more than 64 required claims");
  AUTHKIT_TRY_ASSIGN(const VerifiedCompact verified, verify_compact(token, keys, rules_of(options)));
  Result<Claims> claims(std::in_place);
  const ClaimRules rules{.issuer = options.issuer, .audiences = options.audiences, .required = options.required, .leeway = options.leeway};
  auto read = ClaimsReader(*claims, rules).read(verified.payload, verified.key->id(), options.now);
  if (!read) claims = std::move(read).error();
  return claims;
}

Result<void> verify_raw(std::string_view message, std::string_view signature, const Key& key) {
  if (!verify_signature(key, message, as_bytes(signature))) return Error(Errc::invalid_token, "the signature does not hold");
  return {};
}

}  // namespace authkit
