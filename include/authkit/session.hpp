#pragma once

#include "authkit/key.hpp"
#include "authkit/session_store.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace authkit {

struct SessionOptions {
  Duration idle_lifetime{7 * 24 * 3600'000LL};       ///< without a refresh (or a request, in cookie mode) the session ends
  Duration absolute_lifetime{30 * 24 * 3600'000LL};  ///< the session ends, whatever it did
  Duration grace_window{10'000};                     ///< 0 to 60 s: how long the previous refresh token still answers (lost responses, races)
  Duration touch_interval{60'000};                   ///< at most one write per session in this time
};

/// Who a new session is for.
struct SessionRequest {
  UserId user;
  std::uint64_t epoch = 0;
  Transport transport = Transport::bearer;
  std::string amr = "pwd";
  std::string acr;
  std::string client;
};

/// A session and the one secret that carries it: a refresh token or a cookie value. Shown once, stored nowhere.
struct SessionGrant {
  SessionRecord record;
  std::string secret;    ///< base64url
  bool rotated = false;  ///< refresh only: false when a repeat inside the grace window got the token in force
};

/// Sessions and their secrets (protocol: README of src/session). A refresh token is
/// `kind | key_id | session_id | generation | secret | MAC` in base64url, a cookie the same without generation; MAC and digest are keyed
/// BLAKE2b-256. A forgery is refused without I/O.
///
/// Thread safety: any number of threads. Errors: of the 2xx block as named at each function; Errc::store_unavailable consumes nothing.
class Sessions {
 public:
  static Result<Sessions> open(SessionOptions options, std::shared_ptr<SessionStore> store, std::shared_ptr<KeyRing> keys, Clock clock);
  Sessions(Sessions&&) noexcept;
  Sessions& operator=(Sessions&&) noexcept;
  ~Sessions();

  /// A new session with a new id: a client-chosen id is never adopted.
  Result<SessionGrant> create(Tx& tx, const SessionRequest& request, const Context& context) const;

  /// The id inside a refresh token or cookie whose MAC is right; nothing else is checked and nothing is read. Errors: refresh_token_invalid.
  Result<SessionId> peek(std::string_view secret, Transport transport) const;

  /// The session of a refresh token (of whatever generation) or cookie, expired or not; nothing when it has ended. Consumes nothing.
  /// Errors: refresh_token_invalid.
  Result<std::optional<SessionRecord>> find(std::string_view secret, Transport transport, const Context& context) const;

  /// The session behind a cookie. Slides it by at most one write per touch_interval. Errors: session_revoked, refresh_token_invalid,
  /// refresh_token_expired.
  Result<SessionRecord> authenticate(std::string_view cookie, UnitOfWork& work, const Context& context) const;

  /// One atomic step from a refresh token to its successor (RFC 9700 section 4.14.2). A repeat within the grace window gets the token in force.
  /// Errors: refresh_token_invalid, refresh_token_expired, session_revoked, and refresh_token_reused, on which the caller must end the session.
  Result<SessionGrant> rotate(Tx& tx, std::string_view refresh_token, const Context& context) const;

  /// CSRF token of a cookie session: HMAC of its id (OWASP CSRF Prevention, signed double-submit).
  std::string csrf_token(const SessionId& id) const;
  bool csrf_matches(const SessionId& id, std::string_view token) const;

  SessionStore& store() const noexcept;
  const SessionOptions& options() const noexcept;

 private:
  struct Impl;
  explicit Sessions(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace authkit
