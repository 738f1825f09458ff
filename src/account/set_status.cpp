#include "account/flows.hpp"

namespace authkit {

Result<Account> Accounts::set_status(const UserId& user, AccountStatus status, std::string_view actor, const Context& context) const {
  if (status != AccountStatus::active && status != AccountStatus::disabled) {
    return Error{Errc::invalid_argument, "the status must be active or disabled"};
  }
  const bool disable = status == AccountStatus::disabled;
  const Impl::Note note{.action = disable ? "user.disabled" : "user.enabled", .subject = user, .actor = std::string(actor)};
  const Time now = impl_->clock();
  return in_transaction(*impl_->work, context, [&](Tx& tx) -> Result<Account> {
    AUTHKIT_TRY_ASSIGN(auto account, impl_->accounts->find(user, context));
    if (!account || account->status == AccountStatus::deleted) return Errc::not_found;
    if (account->status == status) return without_hash(*std::move(account));

    account->status = status;
    account->updated_at = now;
    if (disable) ++account->auth_epoch;
    AUTHKIT_TRY_ASSIGN(const bool stored, impl_->accounts->update(tx, *account));
    if (!stored) return Errc::store_conflict;  // changed in between: the unit is repeated with what it is now
    ++account->version;
    if (disable) AUTHKIT_TRY(impl_->end_all_sessions(tx, *account, now));
    AUTHKIT_TRY(impl_->announce_change(tx, user, now));
    AUTHKIT_TRY(impl_->record(tx, note, now, context));
    AUTHKIT_TRY(impl_->within("set_status", *account, tx, context));
    return without_hash(*std::move(account));
  });
}

}  // namespace authkit
