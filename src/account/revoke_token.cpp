#include "account/flows.hpp"

namespace authkit {

Result<void> Accounts::revoke_token(const Identity& identity, const Context& context) const {
  if (identity.token.is_nil()) return Error{Errc::invalid_argument, "the identity came from no token, or from one without an id"};
  const Time now = impl_->clock();
  const Impl::Note note{.action = "token.revoked",
                        .subject = identity.user,
                        .actor = to_text(identity.user),
                        .data = R"({"token":")" + to_text(identity.token) + R"("})"};
  auto done = in_transaction(*impl_->work, context, [&](Tx& tx) -> Result<void> {
    AUTHKIT_TRY(impl_->revocations->revoke(tx, impl_->entry(RevocationKind::token, identity.token.bytes, 0, now)));
    return impl_->record(tx, note, now, context);
  });
  if (!done) impl_->revocations->refuse_locally(impl_->entry(RevocationKind::token, identity.token.bytes, 0, now));
  return done;
}

}  // namespace authkit
