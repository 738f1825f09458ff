#pragma once

#include "authkit/account_copy_store.hpp"
#include "authkit/account_store.hpp"
#include "authkit/event.hpp"
#include "authkit/factor_store.hpp"
#include "authkit/limit.hpp"
#include "authkit/notify.hpp"
#include "authkit/outbox_store.hpp"
#include "authkit/password.hpp"
#include "authkit/revocation.hpp"
#include "authkit/role.hpp"
#include "authkit/session.hpp"
#include "authkit/ticket_store.hpp"
#include "authkit/token.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace authkit {

/// Whether an address must be shown to be its owner's before an account can be used.
enum class EmailVerification : std::uint8_t {
  automatic,  ///< required where messages can be sent, else optional
  required,   ///< sign-up tells nothing, not even whether the address is known; no login before
  optional,   ///< the account works at once, a mail asks for the confirmation
  off         ///< nothing is sent at sign-up
};

struct AccountOptions {
  bool sign_up = true;  ///< false: register answers Errc::signup_disabled
  PasswordPolicy policy;
  BreachOptions breaches;
  EmailVerification email_verification = EmailVerification::automatic;
  std::string link_url;  ///< where links in mails lead, without a slash at the end: "https://app.example/auth"; never taken from a request
  Roles roles;
  Duration verification_lifetime{24 * 3600'000LL};  ///< of a ticket that confirms an address
  Duration reset_lifetime{3600'000};                ///< of a ticket that resets a password
  Duration login_step_lifetime{300'000};            ///< between the password and the second factor
  Duration recent_login{300'000};                   ///< how long after a login the user may change what guards the account
  Duration close_grace{30 * 24 * 3600'000LL};       ///< between the closing of an account and its removal
};

/// Plain callbacks of the host. Each may be empty; each runs on the calling thread and must be callable from any.
struct Hooks {
  /// Before a flow commits ("register", "login", "refresh", "logout", "change_password", "reset_password", "change_email", "close"), outside its unit
  /// of work: an error refuses it as refused_by_host with the same detail, nothing is stored.
  std::function<Result<void>(std::string_view flow, const Account& account, const Context& context)> before;
  /// In the unit of work of a flow (those of `before`, "create", "verify_email", "update_profile", "set_status", "set_roles"), after authkit's own
  /// changes: what it does with `tx` (run_sql() of soci.hpp, a store) commits with them, or not at all. An error refuses the flow as refused_by_host
  /// with the same detail, or as itself where a store failed (ErrorKind limit, backend, internal). It may run again where units conflict, so it
  /// touches nothing else; others may wait for its end.
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

/// An account that an operator makes or brings from another system; no limit, no sign-up switch.
struct NewAccount : Registration {
  std::vector<std::string> roles;
  bool email_verified = false;
  /// In place of `password`: a stored hash that Passwords::verify() knows, or "!" for none. The first right login replaces it.
  std::string password_hash = {};
  std::optional<Time> created_at = {};  ///< default: now
  AccountStatus status = AccountStatus::active;
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

struct PasswordChange {
  std::string current_password;
  std::string new_password;
  bool revoke_other_sessions = true;
};

struct PasswordReset {
  std::string token;
  std::string new_password;
  std::string mfa_method = {};  ///< "totp" or "recovery_code", where the account has a second factor
  std::string mfa_code = {};
};

/// The second step of a login.
struct SecondFactor {
  std::string mfa_token;  ///< of Error::members
  std::string method;     ///< "totp" or "recovery_code"
  std::string code;
};

/// A second factor that waits for its first code.
struct TotpEnrolment {
  FactorId factor;
  std::string secret;       ///< base32 without padding, 160 bits; shown once
  std::string otpauth_uri;  ///< for an authenticator app
  std::string qr_svg;       ///< the same as an image
  Time expires_at;
};

/// An otpauth URI (or any text) as a QR code (ISO/IEC 18004) for a terminal: lines of half blocks, dark on light whatever the colours of the
/// terminal. Empty for a text that is too long. Thread safety: any.
std::string qr_terminal(const std::string& text);

struct TotpConfirmed {
  std::vector<std::string> recovery_codes;  ///< shown once; empty where the account has some already
  Grant grant;                              ///< the other sessions have ended, this one goes on with it
};

/// The verified carrier of a request: an access token or a session cookie.
struct Identity {
  UserId user{};
  SessionId session{};  ///< nil with a token that names none
  TokenId token{};      ///< nil with a cookie
  std::uint64_t epoch = 0;
  Time auth_time{};
  Time expires_at{};
  Transport transport = Transport::bearer;
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
    std::shared_ptr<TicketStore> tickets;
    std::shared_ptr<FactorStore> factors;
    std::shared_ptr<OutboxStore> outbox;
    std::string service_name = "authkit";           ///< how messages and authenticator apps name this service
    bool can_notify = false;                        ///< whether somebody delivers what the outbox holds
    std::string ticket_key;                         ///< 32 secret bytes, the same in all instances: tickets and recovery codes
    std::string factor_key;                         ///< 32 secret bytes, the same in all instances: seals secrets of second factors
    Duration cache_age{5000};                       ///< how old a record that me() answers from may be
    std::size_t cache_size = 10'000;                ///< records held; 0 = none
    std::shared_ptr<AccountCopyStore> copies = {};  ///< records that all processes share; null = none
  };
  explicit Accounts(Parts parts);
  Accounts(Accounts&&) noexcept;
  Accounts& operator=(Accounts&&) noexcept;
  ~Accounts();

  /// Makes an account. Where the address must be verified first, the answer holds the address and the status pending and nothing else, the same
  /// whether the address was known; its owner is told by mail. Errors: email_invalid, username_invalid, profile_invalid, weak_password,
  /// password_breached, email_taken (not where the address must be verified), username_taken, refused_by_host, signup_disabled, rate_limited.
  Result<Account> sign_up(const Registration& registration, const Context& context = {}) const;
  /// The operator's way. Errors: as sign_up without the last two; field_invalid for a role, password_hash_invalid.
  Result<Account> create(const NewAccount& account, const Context& context = {}) const;
  /// Many at once, each with its own outcome: those that are good are stored in one unit of work, or none is and the call fails.
  Result<std::vector<Result<void>>> create_many(const std::vector<NewAccount>& accounts, const Context& context = {}) const;
  /// What create() would check without storing anything. Errors: as create without email_taken and username_taken.
  Result<void> check(const NewAccount& account) const;

  /// Errors: invalid_credentials (unknown login, wrong password, not active: the same work and the same answer), email_not_verified (after a right
  /// password only), mfa_required (with {"mfa_token","methods","expires_in"} as Error::members, for verify_mfa), rate_limited, refused_by_host.
  Result<Grant> log_in(const Login& login, const Context& context = {}) const;
  /// The second step. A code is used once; failures count per account, over all its logins. Errors: mfa_token_expired, mfa_code_invalid,
  /// rate_limited, refused_by_host.
  Result<Grant> verify_mfa(const SecondFactor& factor, const Context& context = {}) const;

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

  /// Whether the account behind an identity may do that, by its roles of now. Errors: insufficient_scope (the detail is the permission),
  /// session_revoked.
  Result<std::shared_ptr<const Account>> authorize(const Identity& identity, std::string_view permission, const Context& context = {}) const;

  /// The user's live sessions, newest first.
  Result<std::vector<SessionRecord>> sessions(const UserId& user, const Context& context = {}) const;
  /// Ends one session of the identity's own user. Errors: not_found.
  Result<void> end_session(const Identity& identity, const SessionId& session, const Context& context = {}) const;

  /// Confirms an address by the ticket sent to it. Sign-ups of one address by several people: the password that counts is the one chosen with that
  /// ticket. Errors: ticket_invalid.
  Result<void> verify_email(std::string_view token, const Context& context = {}) const;
  /// The same by the eight digits. Errors: ticket_invalid, rate_limited.
  Result<void> verify_email(std::string_view email, std::string_view code, const Context& context) const;
  /// Sends the ticket again; nothing tells whether there was anything to send. Errors: email_invalid, rate_limited.
  Result<void> resend_verification(std::string_view email, const Context& context = {}) const;

  /// Sends a ticket to the address as stored; nothing tells whether there is an account. Errors: email_invalid, rate_limited.
  Result<void> request_password_reset(std::string_view email, const Context& context = {}) const;
  /// Sets a new password, ends all sessions and all other reset tickets. A refused password keeps the ticket. Errors: ticket_invalid, weak_password,
  /// password_breached, password_reused, mfa_required, mfa_code_invalid, rate_limited, refused_by_host.
  Result<void> reset_password(const PasswordReset& reset, const Context& context = {}) const;
  /// Sets a new password; this session goes on under a new id with what is returned. Errors: current_password_invalid, weak_password,
  /// password_breached, password_reused, session_revoked, rate_limited, refused_by_host.
  Result<Grant> change_password(const Identity& identity, const PasswordChange& change, const Context& context = {}) const;

  /// Sends a ticket to the new address. Errors: email_invalid, reauthentication_required, session_revoked, rate_limited.
  Result<void> request_email_change(const Identity& identity, std::string_view new_email, const Context& context = {}) const;
  /// Makes it the account's address and tells the old one. Errors: ticket_invalid, email_taken, refused_by_host.
  Result<void> confirm_email_change(std::string_view token, const Context& context = {}) const;

  /// Merges `patch` (a JSON object, RFC 7396) into the profile. `version`: of the account it was made for; nothing = whatever it is.
  /// Errors: profile_invalid, precondition_failed, session_revoked, refused_by_host.
  Result<Account> update_profile(const Identity& identity, std::string_view patch, std::optional<std::uint64_t> version = {},
                                 const Context& context = {}) const;
  /// Closes the user's own account: all sessions end, nobody can log in, the row goes after AccountOptions::close_grace. `password` may stand for a
  /// recent login. Errors: current_password_invalid, reauthentication_required, session_revoked, rate_limited, refused_by_host.
  Result<void> close(const Identity& identity, std::string_view password, const Context& context = {}) const;

  /// Begins the set-up of an authenticator app. Errors: reauthentication_required, factor_limit, session_revoked, field_invalid for the label.
  Result<TotpEnrolment> enroll_totp(const Identity& identity, std::string_view label, const Context& context = {}) const;
  /// Ends it by a first code, which is used up. Errors: mfa_setup_code_invalid, not_found, session_revoked, rate_limited.
  Result<TotpConfirmed> confirm_totp(const Identity& identity, const FactorId& factor, std::string_view code, const Context& context = {}) const;
  /// Removes a factor; with the last one the recovery codes go. Errors: reauthentication_required, not_found, session_revoked.
  Result<Grant> remove_totp(const Identity& identity, const FactorId& factor, const Context& context = {}) const;
  /// Ten new recovery codes; the old ones are worth nothing. Errors: reauthentication_required, not_found without a second factor, session_revoked.
  Result<std::vector<std::string>> renew_recovery_codes(const Identity& identity, const Context& context = {}) const;
  /// The user's factors that are confirmed, without their secrets.
  Result<std::vector<Factor>> factors(const UserId& user, const Context& context = {}) const;

  /// By e-mail address, user name or id text. Errors: not_found.
  Result<Account> find(std::string_view login_or_id, const Context& context = {}) const;
  /// A page of accounts by creation; `cursor` is empty or the next_cursor of the page before, `limit` 1 to 200. Errors: field_invalid.
  Result<AccountPage> list(const AccountFilter& filter, std::string_view cursor, std::size_t limit, const Context& context = {}) const;
  /// Enables (active) or disables; disabling ends all sessions and tokens. `actor`: who does it, for the audit log.
  /// Errors: not_found, invalid_argument for another status, refused_by_host.
  Result<Account> set_status(const UserId& user, AccountStatus status, std::string_view actor, const Context& context = {}) const;
  /// Replaces the user's roles; all access tokens and sessions of before end. Errors: not_found, field_invalid, refused_by_host.
  Result<Account> set_roles(const UserId& user, const std::vector<std::string>& roles, std::string_view actor, const Context& context = {}) const;
  /// An operator's new password for an account: ends all sessions. Errors: not_found, weak_password.
  Result<void> set_password(const UserId& user, std::string_view password, std::string_view actor, const Context& context = {}) const;
  /// Ends all sessions and tokens of a user. Errors: not_found.
  Result<void> end_sessions(const UserId& user, std::string_view actor, const Context& context = {}) const;
  /// Closes an account as close() does. Errors: not_found, refused_by_host.
  Result<void> close(const UserId& user, std::string_view actor, const Context& context = {}) const;
  /// Removes second factors and recovery codes, for a user who has lost them, and ends all sessions. Errors: not_found.
  Result<void> reset_mfa(const UserId& user, std::string_view actor, const Context& context = {}) const;

  /// Removes up to `max` accounts whose grace time after closing is over; how many. maintain() calls it.
  Result<std::size_t> remove_closed(std::size_t max, const Context& context = {}) const;
  /// The message that an outbox entry of topic "mail" stands for, with its token. Errors: ticket_invalid when what it confirms is over, not_found
  /// when the account is gone: it is of no use any more.
  Result<Message> message_of(const OutboxEntry& entry, const Context& context = {}) const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// Canonical forms (NFC, Unicode case folding; the domain in lower case): what is unique. Errors: email_invalid, username_invalid.
Result<std::string> canonical_email(std::string_view email);
Result<std::string> canonical_username(std::string_view username);

}  // namespace authkit
