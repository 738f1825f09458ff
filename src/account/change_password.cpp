#include "account/flows.hpp"

namespace authkit {

Result<Grant> Accounts::change_password(const Identity& identity, const PasswordChange& wanted, const Context& context) const {
  AUTHKIT_TRY_ASSIGN(const Account account, impl_->current_account(identity, context));
  AUTHKIT_TRY(impl_->check_current_password(account, wanted.current_password, context));
  AUTHKIT_TRY(impl_->check_new_password(account, wanted.new_password));
  AUTHKIT_TRY(impl_->before("change_password", account, context));
  AUTHKIT_TRY_ASSIGN(const std::string hash, impl_->passwords->hash(wanted.new_password));

  const Time now = impl_->clock();
  const Impl::Note note{.action = "password.changed", .subject = account.id, .actor = to_text(account.id)};
  auto grant = in_transaction(*impl_->work, context, [&](Tx& tx) -> Result<Grant> {
    AUTHKIT_TRY_ASSIGN(Account changed, impl_->current_account(identity, context));
    // The password that was checked is not the one in force any more.
    if (changed.password_hash != account.password_hash) return Errc::current_password_invalid;
    impl_->replace_password(changed, hash, now);
    changed.updated_at = now;
    if (wanted.revoke_other_sessions) ++changed.auth_epoch;
    AUTHKIT_TRY(impl_->update(tx, changed, now));
    AUTHKIT_TRY(impl_->record(tx, note, now, context));
    AUTHKIT_TRY_ASSIGN(Grant renewed, impl_->renew_session(tx, changed, identity, wanted.revoke_other_sessions, now, context));
    AUTHKIT_TRY(impl_->tickets->erase_by_user(tx, changed.id, TicketKind::reset_password));
    AUTHKIT_TRY(impl_->notify(tx, {.kind = "password_changed", .user = changed.id, .to = changed.email}, now, context));
    AUTHKIT_TRY(impl_->within("change_password", changed, tx, context));
    return renewed;
  });
  if (grant) impl_->after("change_password", grant->account, context);
  return grant;
}

Result<void> Accounts::set_password(const UserId& user, std::string_view password, std::string_view actor, const Context& context) const {
  AUTHKIT_TRY_ASSIGN(const auto account, impl_->accounts->find(user, context));
  if (!account) return Errc::not_found;
  AUTHKIT_TRY(impl_->check_new_password(*account, password));
  AUTHKIT_TRY_ASSIGN(const std::string hash, impl_->passwords->hash(password));
  const Time now = impl_->clock();
  const Impl::Change change{
      .flow = "set_password", .action = "password.set", .actor = std::string(actor), .end_all = true, .notice = "password_changed"};
  AUTHKIT_TRY(impl_->change(
      user, change,
      [&](Account& changed) -> Result<void> {
        impl_->replace_password(changed, hash, now);
        return {};
      },
      context));
  return {};
}

}  // namespace authkit
