#pragma once

#include "authkit/key.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace authkit {

/// The shape of access tokens. `rfc9068`: `at+jwt`, the user in `sub`. `simplejwt`: as djangorestframework-simplejwt writes them, for services
/// that share keys with one: typ `JWT`, `token_type` "access" and the user in `user_id`, as text or as a whole number. A token of the one is
/// refused by the other.
enum class TokenProfile : std::uint8_t { rfc9068, simplejwt };

struct TokenOptions {
  TokenProfile profile = TokenProfile::rfc9068;
  /// Media type in the header, written and demanded (RFC 8725 section 3.11): a kind of tokens of the host's own, as "mfa+jwt", which no verifier of
  /// another kind takes. Empty = the profile's, which for simplejwt it must be.
  std::string typ{};
  /// `iss`, compared exactly. Empty, with simplejwt only: neither written nor compared.
  std::string issuer = "authkit";
  /// `aud` of new access tokens; a token must name it, alone or in its list. Empty, with simplejwt only: not written, and a token that names
  /// one is refused (RFC 7519 section 4.1.3).
  std::string audience = "authkit";
  Duration access_lifetime{15 * 60'000};
  Duration leeway{30'000};       ///< for exp, nbf and iat against clocks that differ
  std::size_t max_bytes = 8192;  ///< a longer token is refused unread
  /// Tokens remembered with their claims once they verified, so that the signature is not computed again: how many at most, some 2 KiB each. Each
  /// verify still compares all bytes and checks the times, and that the key is in use. 0 = none.
  std::size_t verified_cache = 4096;
};

/// What a new access token says (RFC 9068). Views must live for the call only.
struct TokenContent {
  UserId subject{};
  SessionId session{};             ///< nil = no `sid`
  std::uint64_t epoch = 0;         ///< the user's auth_epoch
  std::string_view acr{};          ///< RFC 9068 section 2.2.1; empty = left out
  std::vector<std::string> amr{};  ///< RFC 8176
  Time auth_time{};
  std::vector<std::string> roles{};
  std::string_view extra_json{};  ///< further members as a JSON object; none may be a registered or authkit claim
};

struct IssuedToken {
  std::string token;
  TokenId id;  ///< its `jti`
  Time expires_at;
};

/// The claims of a token that verified. Owns its bytes (inline up to 1 KiB), the views point into it and live as long as it does.
///
/// Thread safety: reading from any number of threads. A moved-from object is empty.
class Claims {
 public:
  Claims() noexcept {}  // NOLINT(modernize-use-equals-default): the inline bytes stay uninitialised
  Claims(const Claims& other) { assign(other); }
  Claims(Claims&& other) noexcept { take(other); }
  Claims& operator=(const Claims& other) {
    if (this != &other) assign(other);
    return *this;
  }
  Claims& operator=(Claims&& other) noexcept {
    if (this != &other) take(other);
    return *this;
  }
  ~Claims() = default;

  std::string_view json() const noexcept { return view(facts_.json); }          ///< the whole payload, exactly the bytes that were signed
  std::string_view subject() const noexcept { return view(facts_.subject); }    ///< `sub` text (of simplejwt: `user_id`)
  std::string_view issuer() const noexcept { return view(facts_.issuer); }      ///< `iss`
  std::string_view acr() const noexcept { return view(facts_.acr); }            ///< empty when absent, as the following
  std::string_view token_id() const noexcept { return view(facts_.token_id); }  ///< `jti` text
  std::string_view key_id() const noexcept { return view(facts_.key_id); }      ///< `kid` of the key that verified

  UserId user() const noexcept { return facts_.user; }           ///< `sub`; a foreign form is hashed to 16 bytes (BLAKE2b)
  SessionId session() const noexcept { return facts_.session; }  ///< `sid` likewise, nil when absent
  TokenId jti() const noexcept { return facts_.jti; }            ///< likewise
  std::uint64_t epoch() const noexcept { return facts_.epoch; }  ///< 0 when absent
  Time issued_at() const noexcept { return facts_.issued_at; }   ///< Time{} when absent, as the following
  Time not_before() const noexcept { return facts_.not_before; }
  Time expires_at() const noexcept { return facts_.expires_at; }
  Time auth_time() const noexcept { return facts_.auth_time; }

  std::vector<std::string> roles() const;  ///< parsed on request
  std::vector<std::string> amr() const;
  bool has_role(std::string_view role) const;

 private:
  friend class ClaimsReader;

  struct Text {
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
  };
  struct Facts {
    UserId user;
    SessionId session;
    TokenId jti;
    std::uint64_t epoch = 0;
    Time issued_at{}, not_before{}, expires_at{}, auth_time{};
    Text json, subject, issuer, acr, token_id, key_id;
    std::uint32_t used = 0;  ///< bytes that count, wherever they are
  };
  static constexpr std::size_t inline_size = 1024;

  const char* bytes() const noexcept { return heap_ ? heap_.get() : inline_.data(); }
  std::string_view view(Text text) const noexcept { return {bytes() + text.offset, text.size}; }
  char* reserve(std::size_t size);
  void assign(const Claims& other);
  void take(Claims& other) noexcept;

  Facts facts_;
  std::unique_ptr<char[]> heap_;
  std::array<char, inline_size> inline_;
};

/// Issues and verifies access tokens: compact JWS (RFC 7515) only; no `none`, no JWE, no JSON serialisation, nothing taken from `jku`,
/// `jwk`, `x5u` or `x5c` of a token (one that carries such a member is refused), every `crit` refused. Checks size, format, key, signature,
/// typ (`at+jwt`, RFC 9068 section 4, or the profile's), claim types, iss, aud, and only then exp, nbf and iat, so that "expired" is said of tokens
/// that are right in all else. Revocation is the caller's next step (Revocations, or Auth::authenticate which does both).
///
/// Thread safety: any number of threads; immutable. Errors: Errc::invalid_token, Errc::token_expired; Errc::keys_unavailable while a
/// RemoteKeyRing has no keys. Never returns claims on failure.
/// issue(): Errc::invalid_argument for content that is no valid claim, Errc::keys_unavailable without a signing key.
class Tokens {
 public:
  static Result<Tokens> open(TokenOptions options, std::shared_ptr<KeyRing> keys, Clock clock = system_now);
  Tokens(Tokens&&) noexcept;
  Tokens& operator=(Tokens&&) noexcept;
  ~Tokens();

  Result<IssuedToken> issue(const TokenContent& content) const;
  Result<Claims> verify(std::string_view token) const;
  /// The same with another leeway, of up to a century: to read a token whose time is over and end what it names.
  Result<Claims> verify(std::string_view token, Duration leeway) const;

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
