#pragma once

#include "authkit/key.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace authkit {

struct TokenOptions {
  std::string issuer = "authkit";    ///< `iss`, compared exactly
  std::string audience = "authkit";  ///< `aud` of new access tokens; a token must name it, alone or in its list
  Duration access_lifetime{15 * 60'000};
  Duration leeway{30'000};       ///< for exp, nbf and iat against clocks that differ
  std::size_t max_bytes = 8192;  ///< a longer token is refused unread
};

/// What a new access token says (RFC 9068). Views must live for the call only.
struct TokenContent {
  UserId subject;
  SessionId session;
  std::uint64_t epoch = 0;       ///< the user's auth_epoch
  std::string_view acr;          ///< RFC 9068 section 2.2.1; empty = left out
  std::vector<std::string> amr;  ///< RFC 8176
  Time auth_time{};
  std::vector<std::string> roles;
  std::string_view extra_json;  ///< further members as a JSON object; none may be a registered or authkit claim
};

struct IssuedToken {
  std::string token;
  TokenId id;  ///< its `jti`
  Time expires_at;
};

/// The claims of a token that verified. Owns its bytes (inline up to 1 KiB), the views point into it and live as long as it does.
class Claims {
 public:
  Claims();
  Claims(const Claims&);
  Claims(Claims&&) noexcept;
  Claims& operator=(const Claims&);
  Claims& operator=(Claims&&) noexcept;
  ~Claims();

  std::string_view json() const noexcept;     ///< the whole payload, exactly the bytes that were signed
  std::string_view subject() const noexcept;  ///< `sub` text
  std::string_view issuer() const noexcept;
  std::string_view acr() const noexcept;
  std::string_view token_id() const noexcept;  ///< `jti` text
  std::string_view key_id() const noexcept;    ///< `kid` of the key that verified

  UserId user() const noexcept;          ///< `sub`; a foreign form is hashed to 16 bytes (BLAKE2b)
  SessionId session() const noexcept;    ///< `sid`, nil when absent
  TokenId jti() const noexcept;          ///< nil when absent
  std::uint64_t epoch() const noexcept;  ///< 0 when absent
  Time issued_at() const noexcept;       ///< Time{} when absent, as the following
  Time not_before() const noexcept;
  Time expires_at() const noexcept;
  Time auth_time() const noexcept;

  std::vector<std::string> roles() const;  ///< parsed on request
  std::vector<std::string> amr() const;
  bool has_role(std::string_view role) const;

  struct Impl;
  Impl& impl() noexcept { return *impl_; }
  const Impl& impl() const noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

/// Issues and verifies access tokens: compact JWS (RFC 7515) only; no `none`, no JWE, no JSON serialisation, nothing taken from `jku`,
/// `jwk`, `x5u` or `x5c` of a token, unknown `crit` refused. Checks format, key, signature, typ, exp, nbf, iat, iss, aud, in that order;
/// revocation is the caller's next step (Revocations, or Auth::authenticate which does both).
///
/// Thread safety: any number of threads; immutable. Errors: Errc::invalid_token, Errc::token_expired. Never returns claims on failure.
class Tokens {
 public:
  static Result<Tokens> open(TokenOptions options, std::shared_ptr<KeyRing> keys, Clock clock = system_now);
  Tokens(Tokens&&) noexcept;
  Tokens& operator=(Tokens&&) noexcept;
  ~Tokens();

  Result<IssuedToken> issue(const TokenContent& content) const;
  Result<Claims> verify(std::string_view token) const;

  /// The public keys as a JWK Set (RFC 7517 section 5), the next one included; `{"keys":[]}` when all are HMAC.
  std::string jwks_json() const;

  const TokenOptions& options() const noexcept;
  KeyRing& keys() const noexcept;

 private:
  struct Impl;
  explicit Tokens(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace authkit
