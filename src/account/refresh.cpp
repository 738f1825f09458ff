#include "account/flows.hpp"

namespace authkit {

// An ordinary refresh leaves no event: it is no act of the user, and would outnumber all others.
Result<Grant> Accounts::refresh(std::string_view refresh_token, const Context& context) const {
  const Time now = impl_->clock();
  Impl::Refreshable live;
  IssuedToken access;
  Result<SessionGrant> rotated = Errc::not_found;
  if (!impl_->hooks.before && !impl_->hooks.within) rotated = impl_->rotate_at_once(live, refresh_token, now, context);
  const bool at_once = rotated.has_value();
  if (!rotated && rotated.error().code == Errc::not_found) rotated = impl_->rotate_with_hooks(live, access, refresh_token, now, context);
  if (!rotated) {
    // Somebody holds a token that was replaced: whether thief or owner, both lose the session (RFC 9700 section 4.14.2).
    const bool reused = rotated.error().code == Errc::refresh_token_reused;
    if (reused || live.has_ended) AUTHKIT_TRY(impl_->end_refused(*live.session, reused ? "session.reuse_detected" : "session.ended", context));
    return std::move(rotated).error();
  }
  if (!live.account) return Error(Errc::internal, "the account that was read with the commit is not readable");
  // After the commit: a signature fails as rarely as a rotation whose answer is lost, and is repeated like that.
  if (at_once) {
    AUTHKIT_TRY_ASSIGN(access, impl_->issue(*live.account, *live.session));
  }
  impl_->after("refresh", *live.account, context);
  return make_grant(*live.account, *std::move(rotated), std::move(access));
}

Result<SessionGrant> Accounts::Impl::rotate_at_once(Refreshable& live, std::string_view refresh_token, Time now, const Context& context) const {
  // Where a unit of work keeps others out, it is left to what must be in it.
  const bool inside = work->reads_inside();
  if (!inside) AUTHKIT_TRY(find_session(live, refresh_token, now, context));
  return in_transaction(*work, context, [&](Tx& tx) -> Result<SessionGrant> {
    if (inside) AUTHKIT_TRY(find_session(live, refresh_token, now, context));
    AUTHKIT_TRY(accounts->find_active(tx, live.session->user, live.session->epoch, live.account));
    tx.last_change_next();  // a rotation whose answer is lost is repeated within the grace period
    return sessions->rotate(tx, refresh_token, context);
  });
}

Result<SessionGrant> Accounts::Impl::rotate_with_hooks(Refreshable& live, IssuedToken& access, std::string_view refresh_token, Time now,
                                                       const Context& context) const {
  AUTHKIT_TRY(find_session(live, refresh_token, now, context));
  AUTHKIT_TRY(find_owner(live, context));
  AUTHKIT_TRY(before("refresh", *live.account, context));
  AUTHKIT_TRY_ASSIGN(access, issue(*live.account, *live.session));
  return in_transaction(*work, context, [&](Tx& tx) -> Result<SessionGrant> {
    if (!hooks.within) tx.last_change_next();
    AUTHKIT_TRY_ASSIGN(auto grant, sessions->rotate(tx, refresh_token, context));
    if (grant.rotated) AUTHKIT_TRY(within("refresh", *live.account, tx, context));
    return grant;
  });
}

Result<void> Accounts::Impl::find_session(Refreshable& found, std::string_view refresh_token, Time now, const Context& context) const {
  AUTHKIT_TRY_ASSIGN(found.session, sessions->find(refresh_token, Transport::bearer, context));
  const auto& session = found.session;
  if (!session) return Errc::session_revoked;
  if (session->expired(now)) return Errc::refresh_token_expired;
  // A logout that the store could not take is refused here all the same.
  const auto refused = revocations->check(TokenId{}, session->id, session->user, session->epoch, now);
  if (!refused && refused.error().code == Errc::token_revoked) return Errc::session_revoked;
  return {};
}

/// On the primary: no cache may keep a disabled user in.
Result<void> Accounts::Impl::find_owner(Refreshable& found, const Context& context) const {
  const SessionRecord& session = *found.session;
  AUTHKIT_TRY_ASSIGN(found.account, accounts->find(session.user, context));
  const auto& account = found.account;
  found.has_ended = !account || account->status != AccountStatus::active || account->auth_epoch != session.epoch;
  return found.has_ended ? Result<void>(Errc::session_revoked) : Result<void>();
}

Result<void> Accounts::Impl::end_refused(const SessionRecord& session, std::string_view action, const Context& context) const {
  const Note note{.action = action, .subject = session.user, .actor = {}, .success = false, .data = session_data(session.id)};
  auto ended = in_transaction(*work, context, [&](Tx& tx) { return end_session(tx, session.id, note, clock(), context); });
  if (!ended) refuse_here({.user = session.user, .session = session.id});
  return ended;
}

}  // namespace authkit
