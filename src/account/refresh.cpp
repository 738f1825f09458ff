#include "account/flows.hpp"

namespace authkit {

// An ordinary refresh leaves no event: it is no act of the user, and would outnumber all others.
Result<Grant> Accounts::refresh(std::string_view refresh_token, const Context& context) const {
  const Time now = impl_->clock();
  Impl::Refreshable live;
  IssuedToken access;
  const auto look = [&]() -> Result<void> { return impl_->find_refreshable(live, refresh_token, now, context); };
  const auto sign = [&]() -> Result<void> {
    AUTHKIT_TRY_ASSIGN(access, impl_->issue(*live.account, *live.session));
    return {};
  };
  // Elsewhere others would wait for looks and a signature that need no unit of work.
  const bool inside = impl_->work->reads_inside() && !impl_->hooks.before;
  Result<void> good;
  if (!inside) {
    good = look();
    if (good) good = impl_->before("refresh", *live.account, context);
    if (good) good = sign();
  }
  Result<SessionGrant> rotated = Errc::internal;
  if (good) {
    rotated = in_transaction(*impl_->work, context, [&](Tx& tx) -> Result<SessionGrant> {
      if (inside) AUTHKIT_TRY(look());
      if (!impl_->hooks.within) tx.last_change_next();  // a rotation whose answer is lost is repeated within the grace period
      AUTHKIT_TRY_ASSIGN(auto grant, impl_->sessions->rotate(tx, refresh_token, context));
      if (grant.rotated) AUTHKIT_TRY(impl_->within("refresh", *live.account, tx, context));
      return grant;
    });
    if (!rotated) good = rotated.error();
  }
  if (!good) {
    // Somebody holds a token that was replaced: whether thief or owner, both lose the session (RFC 9700 section 4.14.2).
    const bool reused = good.error().code == Errc::refresh_token_reused;
    if (reused || live.has_ended) AUTHKIT_TRY(impl_->end_refused(*live.session, reused ? "session.reuse_detected" : "session.ended", context));
    return std::move(good).error();
  }
  if (inside) AUTHKIT_TRY(sign());  // it fails as rarely as the rotation whose answer is lost, and is repeated like that
  impl_->after("refresh", *live.account, context);
  return make_grant(*live.account, *std::move(rotated), std::move(access));
}

Result<void> Accounts::Impl::find_refreshable(Refreshable& found, std::string_view refresh_token, Time now, const Context& context) const {
  AUTHKIT_TRY_ASSIGN(found.session, sessions->find(refresh_token, Transport::bearer, context));
  const auto& session = found.session;
  if (!session) return Errc::session_revoked;
  if (session->expired(now)) return Errc::refresh_token_expired;
  // On the primary: no cache may keep a disabled user in.
  AUTHKIT_TRY_ASSIGN(found.account, accounts->find(session->user, context));
  const auto& account = found.account;
  found.has_ended = !account || account->status != AccountStatus::active || account->auth_epoch != session->epoch;
  if (found.has_ended) return Errc::session_revoked;
  // A logout that the store could not take is refused here all the same.
  const auto refused = revocations->check(TokenId{}, session->id, session->user, session->epoch, now);
  if (!refused && refused.error().code == Errc::token_revoked) return Errc::session_revoked;
  return {};
}

Result<void> Accounts::Impl::end_refused(const SessionRecord& session, std::string_view action, const Context& context) const {
  const Note note{.action = action, .subject = session.user, .actor = {}, .success = false, .data = session_data(session.id)};
  auto ended = in_transaction(*work, context, [&](Tx& tx) { return end_session(tx, session.id, note, clock(), context); });
  if (!ended) refuse_here({.user = session.user, .session = session.id});
  return ended;
}

}  // namespace authkit
