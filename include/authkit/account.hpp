#pragma once

#include "authkit/account_store.hpp"
#include "authkit/event.hpp"
#include "authkit/limit.hpp"
#include "authkit/password.hpp"
#include "authkit/revocation.hpp"
#include "authkit/session.hpp"
#include "authkit/token.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace authkit {

struct AccountOptions {
  bool sign_up = true;  ///< false: register answers Errc::signup_disabled
  PasswordPolicy policy;
};

/// Plain callbacks of the host. Each may be empty; each runs on the calling thread and must be callable from any.
struct Hooks {
  /// Before a flow commits ("register", "login", "refresh", "logout"), outside its unit of work: an error refuses it as refused_by_host
  /// with the same detail, nothing is stored.
  std::function<Result<void>(std::string_view flow, const Account& account, const Context& context)> before;
  /// In the unit of work of a flow ("register", "create", "login", "refresh", "logout", "set_status"), after authkit's own changes: what it does with
  /// `tx` (run_sql() of soci.hpp, a store) commits with them, or not at all. An error refuses the flow as refused_by_host with the same detail, or
  /// as itself where a store failed (ErrorKind limit, backend, internal). It may run again where units conflict, so it touches nothing else; others
  /// may wait for its end.
  std::function<Result<void>(std::string_view flow, const Account& account, Tx& tx, const Context& context)> within;
  /// After a flow committed. Must not throw.
  std::function<void(std::string_view flow, const Account& account, const Context& context)> after;
  /// Further claims for a new access token, as a JSON object.
  std::function<std::string(const Account& account)> claims;
};

struct Registration {
  std::string email;
  std::string password;
  std::string username;        ///< empty = none
  std::string profile = "{}";  ///< JSON object
};

/// An account that an operator makes; no limit, no sign-up switch.
struct NewAccount : Registration {
  std::vector<std::string> roles;
  bool email_verified = false;
};

struct Login {
  std::string login;  ///< e-mail address or user name
  std::string password;
  Transport transport = Transport::bearer;
  std::string device_name;
  std::string device_token = {};  ///< of an earlier Grant, if the client kept one: attempts from a known device are counted apart
};

/// What a login or a refresh hands out.
struct Grant {
  Account account;
  SessionRecord session;
  std::string access_token;    ///< empty with Transport::cookie
  std::string session_secret;  ///< refresh token, or the cookie's value
  Time access_expires_at;
  bool rotated = true;  ///< refresh: false for a repeat inside the grace window
  /// Login only: for the client to keep and to send with its next login, so that guessing by others cannot lock this device out
  /// (OWASP ASVS 6.1.1). It opens nothing.
  std::string device_token = {};
};

enum class LogoutScope : std::uint8_t { current, others, all };

/// The verified carrier of a request: an access token or a session cookie.
struct Identity {
  UserId user{};
  SessionId session{};  ///< nil with a token that names none
  TokenId token{};      ///< nil with a cookie
  std::uint64_t epoch = 0;
  Time auth_time{};
  Time expires_at{};
};

/// The account flows. Each change, its events and its revocation entry commit in one unit of work.
///
/// Thread safety: any number of threads. Ownership: holds everything it needs shared; the accounts it hands out carry no password hash.
/// Errors: named at each flow; any may also give store_unavailable, store_conflict, overloaded, random_unavailable or internal, after which
/// nothing was changed.
class Accounts {
 public:
  struct Parts {
    AccountOptions options;
    Hooks hooks;
    Clock clock;
    std::shared_ptr<UnitOfWork> work;
    std::shared_ptr<AccountStore> accounts;
    std::shared_ptr<EventStore> events;
    std::shared_ptr<Passwords> passwords;
    std::shared_ptr<Tokens> tokens;
    std::shared_ptr<Sessions> sessions;
    std::shared_ptr<Revocations> revocations;
    std::shared_ptr<Limiter> limiter;
    Duration cache_age{5000};         ///< how old a record that me() answers from may be
    std::size_t cache_size = 10'000;  ///< records held; 0 = none
  };
  explicit Accounts(Parts parts);
  Accounts(Accounts&&) noexcept;
  Accounts& operator=(Accounts&&) noexcept;
  ~Accounts();

  /// Makes an account. Errors: email_invalid, username_invalid, profile_invalid, weak_password, email_taken, username_taken, refused_by_host,
  /// signup_disabled, rate_limited.
  Result<Account> sign_up(const Registration& registration, const Context& context = {}) const;
  /// The operator's way. Errors: as sign_up without the last two; field_invalid for a role.
  Result<Account> create(const NewAccount& account, const Context& context = {}) const;

  /// Errors: invalid_credentials (unknown login, wrong password, not active: the same work and the same answer), rate_limited,
  /// refused_by_host.
  Result<Grant> log_in(const Login& login, const Context& context = {}) const;

  /// Errors: refresh_token_invalid, refresh_token_expired, refresh_token_reused (the session is ended), session_revoked, refused_by_host.
  Result<Grant> refresh(std::string_view refresh_token, const Context& context = {}) const;

  /// Verifies an access token with its revocation. No I/O while the feed is fresh. Errors: invalid_token, token_expired, token_revoked,
  /// revocation_stale.
  Result<Identity> authenticate(std::string_view access_token, const Context& context = {}) const;
  /// The same for a session cookie. Errors: refresh_token_invalid, refresh_token_expired, session_revoked, revocation_stale.
  Result<Identity> authenticate_cookie(std::string_view cookie, const Context& context = {}) const;

  /// Ends sessions: their refresh tokens and access tokens are refused here at once, elsewhere within the staleness bound. When the store
  /// fails, the session of `identity` is refused here all the same, but the error says that it has not ended. Errors: refused_by_host.
  Result<void> log_out(const Identity& identity, LogoutScope scope = LogoutScope::current, const Context& context = {}) const;
  /// The same by refresh token or cookie, also an expired one. A session that has ended is no error with `current`; with the other scopes
  /// nothing says any more whose it was: session_revoked. Errors: refresh_token_invalid, refused_by_host.
  Result<void> log_out_session(std::string_view secret, Transport transport, LogoutScope scope = LogoutScope::current,
                               const Context& context = {}) const;

  /// Refuses the one access token the identity came from; its session lives on. Errors: invalid_argument when it came from none.
  Result<void> revoke_token(const Identity& identity, const Context& context = {}) const;

  /// The account behind an identity, from the record cache. Errors: session_revoked when it is gone or not active.
  Result<std::shared_ptr<const Account>> me(const Identity& identity, const Context& context = {}) const;

  /// The user's live sessions, newest first.
  Result<std::vector<SessionRecord>> sessions(const UserId& user, const Context& context = {}) const;

  /// By e-mail address, user name or id text. Errors: not_found.
  Result<Account> find(std::string_view login_or_id, const Context& context = {}) const;
  /// A page of accounts by creation; `cursor` is empty or the next_cursor of the page before, `limit` 1 to 200. Errors: field_invalid.
  Result<AccountPage> list(const AccountFilter& filter, std::string_view cursor, std::size_t limit, const Context& context = {}) const;
  /// Enables (active) or disables; disabling ends all sessions and tokens. `actor`: who does it, for the audit log.
  /// Errors: not_found, invalid_argument for another status, refused_by_host.
  Result<Account> set_status(const UserId& user, AccountStatus status, std::string_view actor, const Context& context = {}) const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// Canonical forms (NFC, Unicode case folding; the domain in lower case): what is unique. Errors: email_invalid, username_invalid.
Result<std::string> canonical_email(std::string_view email);
Result<std::string> canonical_username(std::string_view username);

}  // namespace authkit
