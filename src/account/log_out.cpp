#include "account/flows.hpp"

#include <optional>

namespace authkit {
namespace {

std::string several_data(std::string_view scope, std::size_t count) {
  return R"({"scope":")" + std::string(scope) + R"(","sessions":)" + std::to_string(count) + "}";
}

}  // namespace

Result<void> Accounts::log_out(const Identity& identity, LogoutScope scope, const Context& context) const {
  auto done = impl_->log_out(identity, scope, context);
  // Not ended, and the caller is told so; but who asked to leave is not let in here again.
  if (!done && done.error().code != Errc::refused_by_host) impl_->refuse_here(identity);
  return done;
}

Result<void> Accounts::log_out_session(std::string_view secret, Transport transport, LogoutScope scope, const Context& context) const {
  AUTHKIT_TRY_ASSIGN(const SessionId id, impl_->sessions->peek(secret, transport));
  auto session = impl_->sessions->find(secret, transport, context);
  if (!session) {
    if (session.error().code != Errc::refresh_token_invalid) impl_->refuse_here({.session = id});
    return std::move(session).error();
  }
  if (*session) {
    const SessionRecord& found = **session;
    return log_out({.user = found.user, .session = found.id, .epoch = found.epoch, .auth_time = found.auth_time}, scope, context);
  }
  if (scope != LogoutScope::current) return Errc::session_revoked;
  // It has ended. Only one that expired and was purged can have left an access token alive; the others are refused already.
  const auto known = impl_->revocations->check(TokenId{}, id, UserId{}, 0, impl_->clock());
  if (!known && known.error().code == Errc::token_revoked) return {};
  return log_out({.session = id}, LogoutScope::current, context);
}

Result<void> Accounts::Impl::log_out(const Identity& identity, LogoutScope scope, const Context& context) const {
  std::optional<Account> account;
  if (hooks.before || hooks.within || hooks.after) {
    AUTHKIT_TRY_ASSIGN(account, accounts->find(identity.user, context));
  }
  if (account) AUTHKIT_TRY(before("logout", *account, context));
  const Time now = clock();
  const auto attempt = [&](bool known) {
    return in_transaction(*work, context, [&](Tx& tx) {
      auto ended = end(tx, identity, scope, known, now, context);
      return ended && account ? within("logout", *account, tx, context) : ended;
    });
  };
  auto done = attempt(true);
  if (!done && done.error().code == Errc::not_found) done = attempt(false);
  AUTHKIT_TRY(std::move(done));
  if (account) after("logout", *account, context);
  return {};
}

Result<void> Accounts::Impl::end(Tx& tx, const Identity& identity, LogoutScope scope, bool known, Time now, const Context& context) const {
  if (scope == LogoutScope::all) return end_everywhere(tx, identity, now, context);
  if (scope == LogoutScope::others) return end_others(tx, identity, now, context);
  return end_current(tx, identity, known, now, context);
}

Result<void> Accounts::Impl::end_current(Tx& tx, const Identity& identity, bool known, Time now, const Context& context) const {
  // A token without a session (another issuer under the same key) ends alone.
  if (identity.session.is_nil()) return revocations->revoke(tx, entry(RevocationKind::token, identity.token.bytes, 0, now));
  const Note note{.action = "session.ended", .subject = identity.user, .actor = to_text(identity.user), .data = session_data(identity.session)};
  return known ? end_known_session(tx, identity.session, note, now, context) : end_session(tx, identity.session, note, now, context);
}

Result<void> Accounts::Impl::end_others(Tx& tx, const Identity& identity, Time now, const Context& context) const {
  AUTHKIT_TRY_ASSIGN(const auto ended, sessions->store().erase_by_user(tx, identity.user, identity.session));
  if (ended.empty()) return {};
  for (const auto& id : ended) AUTHKIT_TRY(refuse_session(tx, id, now));
  const Note note{.action = "session.ended", .subject = identity.user, .actor = to_text(identity.user), .data = several_data("others", ended.size())};
  return record(tx, note, now, context);
}

Result<void> Accounts::Impl::end_everywhere(Tx& tx, const Identity& identity, Time now, const Context& context) const {
  AUTHKIT_TRY_ASSIGN(auto account, accounts->find(identity.user, context));
  if (account) {
    ++account->auth_epoch;
    account->updated_at = now;
    AUTHKIT_TRY(update(tx, *account, now));
  } else {
    account.emplace();
    account->id = identity.user;
    account->auth_epoch = identity.epoch + 1;
  }
  AUTHKIT_TRY_ASSIGN(const std::size_t count, end_all_sessions(tx, *account, now));
  const Note note{.action = "session.ended", .subject = account->id, .actor = to_text(account->id), .data = several_data("all", count)};
  return record(tx, note, now, context);
}

}  // namespace authkit
