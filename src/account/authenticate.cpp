#include "account/flows.hpp"

#include <algorithm>

namespace authkit {

Result<Identity> Accounts::authenticate(std::string_view access_token, const Context&) const {
  AUTHKIT_TRY_ASSIGN(const Claims claims, impl_->tokens->verify(access_token));
  AUTHKIT_TRY(impl_->revocations->check(claims));
  return Identity{claims.user(), claims.session(), claims.jti(), claims.epoch(), claims.auth_time(), claims.expires_at(), Transport::bearer};
}

Result<Identity> Accounts::authenticate_cookie(std::string_view cookie, const Context& context) const {
  AUTHKIT_TRY_ASSIGN(const auto session, impl_->sessions->authenticate(cookie, *impl_->work, context));
  // The store has the session; the index knows of a logout that the store could not take, and of a passed epoch.
  const auto good = impl_->revocations->check(TokenId{}, session.id, session.user, session.epoch, session.created_at);
  if (!good) return good.error().code == Errc::token_revoked ? Error(Errc::session_revoked) : good.error();
  AUTHKIT_TRY(impl_->live_account(session.user, session.epoch, context));
  return Identity{session.user,     session.id,        TokenId{},
                  session.epoch,    session.auth_time, std::min(session.idle_expires_at, session.absolute_expires_at),
                  Transport::cookie};
}

}  // namespace authkit
