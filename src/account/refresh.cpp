#include "account/flows.hpp"

namespace authkit {

// An ordinary refresh leaves no event: it is no act of the user, and would outnumber all others.
Result<Grant> Accounts::refresh(std::string_view refresh_token, const Context& context) const {
  const Time now = impl_->clock();
  AUTHKIT_TRY_ASSIGN(const auto session, impl_->sessions->find(refresh_token, Transport::bearer, context));
  if (!session) return Errc::session_revoked;
  if (session->expired(now)) return Errc::refresh_token_expired;

  // On the primary: no cache may keep a disabled user in.
  AUTHKIT_TRY_ASSIGN(const auto account, impl_->accounts->find(session->user, context));
  if (!account || account->status != AccountStatus::active || account->auth_epoch != session->epoch) {
    AUTHKIT_TRY(impl_->end_refused(*session, "session.ended", context));
    return Errc::session_revoked;
  }
  // A logout that the store could not take is refused here all the same.
  const auto refused = impl_->revocations->check(TokenId{}, session->id, session->user, session->epoch, now);
  if (!refused && refused.error().code == Errc::token_revoked) return Errc::session_revoked;

  AUTHKIT_TRY(impl_->before("refresh", *account, context));
  // Signed before the unit of work begins, which others wait for. It is handed out only when the rotation has committed.
  AUTHKIT_TRY_ASSIGN(auto access, impl_->issue(*account, *session));
  auto rotated = in_transaction(*impl_->work, context, [&](Tx& tx) -> Result<SessionGrant> {
    if (!impl_->hooks.within) tx.last_change_next();  // a rotation whose answer is lost is repeated within the grace period
    AUTHKIT_TRY_ASSIGN(auto grant, impl_->sessions->rotate(tx, refresh_token, context));
    if (grant.rotated) AUTHKIT_TRY(impl_->within("refresh", *account, tx, context));
    return grant;
  });
  if (!rotated && rotated.error().code == Errc::refresh_token_reused) {
    // Somebody holds a token that was replaced: whether thief or owner, both lose the session (RFC 9700 section 4.14.2).
    AUTHKIT_TRY(impl_->end_refused(*session, "session.reuse_detected", context));
  }
  if (!rotated) return rotated.error();
  impl_->after("refresh", *account, context);

  return make_grant(*account, *std::move(rotated), std::move(access));
}

Result<void> Accounts::Impl::end_refused(const SessionRecord& session, std::string_view action, const Context& context) const {
  const Note note{.action = action, .subject = session.user, .actor = {}, .success = false, .data = session_data(session.id)};
  auto ended = in_transaction(*work, context, [&](Tx& tx) { return end_session(tx, session.id, note, clock(), context); });
  if (!ended) refuse_here({.user = session.user, .session = session.id});
  return ended;
}

}  // namespace authkit
