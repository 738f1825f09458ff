#pragma once

#include "authkit/account.hpp"

#include "account/account_cache.hpp"
#include "account/canonical.hpp"
#include "core/in_transaction.hpp"
#include "core/try.hpp"

#include <string>
#include <string_view>

namespace authkit {

/// What every flow shares. Each flow is a file of its own beside this one.
struct Accounts::Impl : Accounts::Parts {
  explicit Impl(Parts parts);

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
  /// Makes caches drop the user's record, here once the unit commits, elsewhere with the feed.
  Result<void> announce_change(Tx& tx, const UserId& user, Time now) const;
  RevocationEntry entry(RevocationKind kind, const std::array<std::uint8_t, 16>& id, std::int64_t value, Time now) const;

  /// Erases the session and refuses its tokens. `note` is recorded by the one who erased it: an end is reported once.
  Result<void> end_session(Tx& tx, const SessionId& id, const Note& note, Time now, const Context& context) const;
  /// Erases every session of the user and refuses every token of an epoch below that of `account`; how many sessions.
  Result<std::size_t> end_all_sessions(Tx& tx, const Account& account, Time now) const;
  /// In this process' index alone, for when the store cannot take it.
  void refuse_here(const Identity& identity) const;

  // sign_up
  Result<Account> draft(const Registration& registration, Time now) const;
  Result<void> insert(std::string_view flow, const Account& account, const Note& note, const Context& context) const;

  // log_in
  Result<Grant> start_session(const Account& account, const Login& login, bool needs_rehash, const Context& context) const;
  Result<void> store_hash(Tx& tx, Account account, const std::string& hash, Time now) const;

  // refresh
  Result<void> end_refused(const SessionRecord& session, std::string_view action, const Context& context) const;

  // log_out
  Result<void> log_out(const Identity& identity, LogoutScope scope, const Context& context) const;
  Result<void> end(Tx& tx, const Identity& identity, LogoutScope scope, Time now, const Context& context) const;
  Result<void> end_current(Tx& tx, const Identity& identity, Time now, const Context& context) const;
  Result<void> end_others(Tx& tx, const Identity& identity, Time now, const Context& context) const;
  Result<void> end_everywhere(Tx& tx, const Identity& identity, Time now, const Context& context) const;

  /// The access token of `session`, with what `account` is now.
  Result<IssuedToken> issue(const Account& account, const SessionRecord& session) const;

  /// The record from the cache, else from the store. Errors: session_revoked unless it is active and `epoch` is still in force.
  Result<std::shared_ptr<const Account>> live_account(const UserId& user, std::uint64_t epoch, const Context& context) const;
};

Grant make_grant(const Account& account, SessionGrant session, IssuedToken access);

/// The data of an event about one session.
std::string session_data(const SessionId& id);

/// What leaves the flows: nobody outside has a use for the hash.
inline Account without_hash(Account account) {
  account.password_hash.clear();
  return account;
}

}  // namespace authkit
