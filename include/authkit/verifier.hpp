#pragma once

#include "authkit/token.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace authkit {

/// What a verifier of other issuers' tokens demands. There is no default algorithm to fall back to: it is stated, and it is the only one allowed.
struct VerifyOptions {
  Algorithm algorithm = Algorithm::ES256;
  std::string issuer{};                  ///< `iss`, compared exactly; empty = not compared
  std::vector<std::string> audiences{};  ///< one must be named; without any, a token that names one is refused (RFC 7519 section 4.1.3)
  Time now = system_now();
  Duration leeway{0};
  std::string typ{};                    ///< media type the header must have, as "at+jwt" (RFC 8725 section 3.11); empty = any
  std::vector<std::string> required{};  ///< further claims that must be there and not null; at most 64. `exp` always is required
  std::size_t max_token_bytes = 8192;   ///< a longer token is refused unread
};

/// Keys for `algorithm` out of one public JWK (a secret for HMAC), or out of a JWK Set, of which those for other algorithms are left out.
/// Errors: Errc::key_invalid; also for a private key where a public one is meant.
Result<std::vector<Key>> verification_keys(std::string_view jwk_or_set, Algorithm algorithm);

/// Verifies a compact JWS (RFC 7515) and gives its payload, which may be any bytes. The key is the one that `kid` names, which for a key
/// without a `kid` of its own is its RFC 7638 thumbprint; a token without `kid` needs exactly one key for the algorithm.
/// Thread safety: any. Errors: Errc::invalid_token.
Result<std::string> verify_jws(std::string_view token, const std::vector<Key>& keys, const VerifyOptions& options);

/// The same, then the claims (RFC 7519): types, iss, aud, required ones, exp, nbf, iat. Errors: Errc::invalid_token; Errc::token_expired when
/// all but the time is right.
Result<Claims> verify_jwt(std::string_view token, const std::vector<Key>& keys, const VerifyOptions& options);

/// A bare signature over `message`, in the form JWS carries it. Errors: Errc::invalid_token.
Result<void> verify_raw(std::string_view message, std::string_view signature, const Key& key);

/// Answers one line of the verdict protocol: a JSON object with `mode` "jws", "jwt", "raw" or "password" and what that mode takes. "ok", or
/// "reject " and the name of the error. Never fails, never throws for bad input. Thread safety: any.
std::string answer_vector_line(std::string_view line);

}  // namespace authkit
