#pragma once

#include "authkit/account.hpp"

#include "account/account_cache.hpp"
#include "account/canonical.hpp"
#include "core/in_transaction.hpp"
#include "core/try.hpp"
#include "ticket/tickets.hpp"

#include <set>
#include <string>
#include <string_view>

namespace authkit {

/// What every flow shares. Each flow is a file of its own beside this one.
struct Accounts::Impl : Accounts::Parts {
  explicit Impl(Parts parts);

  Tickets ticket_office;
  BreachedPasswords breached;
  std::shared_ptr<AccountCache> cache;  ///< shared with the listener of the revocation feed, which may outlive the flows

  /// An event of a flow. `subject` nil: nobody that is known.
  struct Note {
    std::string_view action;
    UserId subject;
    std::string actor;
    bool success = true;
    std::string data = "{}";
  };
  Result<void> record(Tx& tx, const Note& note, Time now, const Context& context) const;

  /// The hook of the host in the unit of work.
  Result<void> within(std::string_view flow, const Account& account, Tx& tx, const Context& context) const;
  /// Those outside of it.
  Result<void> before(std::string_view flow, const Account& account, const Context& context) const;
  void after(std::string_view flow, const Account& account, const Context& context) const;

  /// Adds entries to the feed, in the unit of work. Until when they matter follows from the lifetime of an access token.
  Result<void> refuse_session(Tx& tx, const SessionId& id, Time now) const;
  /// Stores the account with the next version. Errors: store_conflict when it changed in between: the unit is repeated with what it is now.
  Result<void> update(Tx& tx, Account& account, Time now) const;
  /// Makes caches drop records older than `version` (0: any record), here once the unit commits, elsewhere with the feed.
  Result<void> announce_change(Tx& tx, const UserId& user, std::uint64_t version, Time now) const;
  RevocationEntry entry(RevocationKind kind, const std::array<std::uint8_t, 16>& id, std::int64_t value, Time now) const;

  /// Erases the session and refuses its tokens. `note` is recorded by the one who erased it: an end is reported once.
  Result<void> end_session(Tx& tx, const SessionId& id, const Note& note, Time now, const Context& context) const;
  /// The same for one that is there in all likelihood. Errors, at the latest at the commit: not_found; then nothing was done.
  Result<void> end_known_session(Tx& tx, const SessionId& id, const Note& note, Time now, const Context& context) const;
  /// Erases every session of the user and refuses every token of an epoch below that of `account`; how many sessions.
  Result<std::size_t> end_all_sessions(Tx& tx, const Account& account, Time now) const;
  /// In this process' index alone, for when the store cannot take it.
  void refuse_here(const Identity& identity) const;

  /// A message to a user, delivered after the unit committed. Nothing where nobody delivers.
  struct Notice {
    std::string_view kind;
    UserId user;
    std::string to;
    std::optional<TicketId> ticket = {};
    TicketKind ticket_kind = TicketKind::verify_email;
    std::string data = "{}";
  };
  Result<void> notify(Tx& tx, const Notice& notice, Time now, const Context& context) const;
  /// Errors: peer_unavailable where nobody delivers: a flow that is nothing without its message says so before it does anything.
  Result<void> require_delivery() const;

  /// The account behind an identity, as it is now. Errors: session_revoked.
  Result<Account> current_account(const Identity& identity, const Context& context) const;
  /// Errors: reauthentication_required.
  Result<void> require_recent_login(const Identity& identity) const;

  /// What an attacker would try first.
  std::vector<std::string> words_of(const Account& account) const;
  /// What a new password must be for that account. Errors: weak_password, password_breached, password_reused.
  Result<void> check_new_password(const Account& account, std::string_view password) const;
  /// Puts it into the account, the former one into the history.
  void replace_password(Account& account, std::string hash, Time now) const;
  /// The user's own password, guesses counted. Errors: current_password_invalid, rate_limited.
  Result<void> check_current_password(const Account& account, std::string_view password, const Context& context) const;

  /// Ends the identity's session, or with `end_all` every session and token from before account.auth_epoch, and goes on with a new one under a new id
  /// (OWASP ASVS 7.2.4). The account is already updated.
  Result<Grant> renew_session(Tx& tx, const Account& account, const Identity& identity, bool end_all, Time now, const Context& context) const;

  /// One change of an account in one unit: find, `apply`, update, record, hook. Errors: not_found, those of `apply`, refused_by_host.
  struct Change {
    std::string_view flow;
    std::string_view action;
    std::string actor;
    bool end_all = false;  ///< with a new epoch: every session and token of before ends
    std::string_view notice = {};
  };
  Result<Account> change(const UserId& user, const Change& what, const std::function<Result<void>(Account&)>& apply, const Context& context) const;

  // sign_up
  bool verifies_first() const noexcept;
  Result<Account> draft(const Registration& registration, Time now) const;
  Result<Result<void>> require_free(const Account& account, std::set<std::string, std::less<>>& taken, const Context& context) const;
  Result<Account> draft_of(const NewAccount& wanted, Time now) const;
  Result<void> insert(std::string_view flow, const Account& account, const Note& note, const Context& context) const;
  Result<void> sign_up_unverified(const Account& account, const Context& context) const;
  Result<void> send_verification(Tx& tx, const Account& account, const std::string& payload, Time now, const Context& context) const;
  Result<void> verify(const Ticket& ticket, const Context& context) const;

  /// A change of the second factors: a new epoch, and this session goes on under a new id.
  Result<Grant> store_factors(Tx& tx, Account& account, const Identity& identity, std::string_view action, std::string_view notice, Time now,
                              const Context& context) const;
  Result<std::vector<std::string>> new_recovery_codes(Tx& tx, Account& account, Time now) const;
  std::string factor_name(const UserId& user, const FactorId& id) const;
  /// The factor's step that `code` stands for; nothing for a wrong one.
  Result<std::optional<std::uint64_t>> match_totp(const Factor& factor, std::string_view code, Time now) const;
  /// Uses up a code of a second factor in the unit of work of what it allows; the caller stores the account, of whose recovery codes one may be gone.
  /// Errors: mfa_code_invalid.
  Result<void> use_second_factor(Tx& tx, Account& account, std::string_view method, std::string_view code, Time now, const Context& context) const;

  // log_in
  /// Forgives the attempt with it.
  Result<Grant> start_session(const Account& account, const Login& login, bool needs_rehash, Attempt& attempt, const Context& context) const;
  /// Errors, at the latest at the commit: not_found when the account is gone.
  Result<Grant> open_session(Tx& tx, const Account& account, const SessionRequest& request, Time now, const Context& context) const;
  /// Errors: mfa_required with what continues the login, always.
  Error begin_second_step(const Account& account, const Login& login, bool needs_rehash, const Context& context) const;
  Result<void> store_hash(Tx& tx, Account account, const std::string& hash, Time now) const;

  // refresh
  struct Refreshable {
    std::optional<SessionRecord> session;
    std::optional<Account> account;
    bool has_ended = false;  ///< the session, by what its account is now
  };
  /// The session that the token is of, while it may be refreshed. Errors: those of a refresh.
  Result<void> find_session(Refreshable& found, std::string_view refresh_token, Time now, const Context& context) const;
  /// Its account. Errors: session_revoked.
  Result<void> find_owner(Refreshable& found, const Context& context) const;
  /// Where no hook of the host comes in between: reads what it needs and rotates in one unit of work. Errors: not_found when the account is not what
  /// it was at login.
  Result<SessionGrant> rotate_at_once(Refreshable& found, std::string_view refresh_token, Time now, const Context& context) const;
  Result<SessionGrant> rotate_with_hooks(Refreshable& found, IssuedToken& access, std::string_view refresh_token, Time now,
                                         const Context& context) const;
  Result<void> end_refused(const SessionRecord& session, std::string_view action, const Context& context) const;

  // log_out
  Result<void> log_out(const Identity& identity, LogoutScope scope, const Context& context) const;
  /// `known`: whether a session that is not there any more is an error, not_found.
  Result<void> end(Tx& tx, const Identity& identity, LogoutScope scope, bool known, Time now, const Context& context) const;
  Result<void> end_current(Tx& tx, const Identity& identity, bool known, Time now, const Context& context) const;
  Result<void> end_others(Tx& tx, const Identity& identity, Time now, const Context& context) const;
  Result<void> end_everywhere(Tx& tx, const Identity& identity, Time now, const Context& context) const;

  /// The access token of `session`, with what `account` is now.
  Result<IssuedToken> issue(const Account& account, const SessionRecord& session) const;

  /// The record from the cache, that of all processes, or the store. Errors: session_revoked unless it is active and `epoch` is still in force.
  Result<std::shared_ptr<const Account>> live_account(const UserId& user, std::uint64_t epoch, const Context& context) const;
};

Grant make_grant(const Account& account, SessionGrant session, IssuedToken access);

/// The profile in canonical form. Errors: profile_invalid.
Result<std::string> checked_profile(std::string_view profile);
/// Errors: field_invalid.
Result<void> check_roles(const std::vector<std::string>& roles);
/// Whether an attempt failed for reasons that are not the client's: it is not counted.
bool is_ours(const Error& error);

/// The data of an event about one session.
std::string session_data(const SessionId& id);

/// What leaves the flows: nobody outside has a use for the hashes.
inline Account without_hash(Account account) {
  account.password_hash.clear();
  account.password_history.clear();
  return account;
}

}  // namespace authkit
