#include "account/flows.hpp"

namespace authkit {

Result<void> Accounts::close(const Identity& identity, std::string_view password, const Context& context) const {
  AUTHKIT_TRY_ASSIGN(const Account account, impl_->current_account(identity, context));
  if (password.empty()) {
    AUTHKIT_TRY(impl_->require_recent_login(identity));
  } else {
    AUTHKIT_TRY(impl_->check_current_password(account, password, context));
  }
  return close(identity.user, to_text(identity.user), context);
}

Result<void> Accounts::close(const UserId& user, std::string_view actor, const Context& context) const {
  AUTHKIT_TRY_ASSIGN(const auto account, impl_->accounts->find(user, context));
  if (!account || account->status == AccountStatus::deleted) return Errc::not_found;
  AUTHKIT_TRY(impl_->before("close", *account, context));
  const Time now = impl_->clock();
  const Impl::Change change{.flow = "close", .action = "user.closed", .actor = std::string(actor), .end_all = true, .notice = "account_closed"};
  AUTHKIT_TRY(impl_->change(
      user, change,
      [&](Account& changed) -> Result<void> {
        changed.status = AccountStatus::deleted;
        changed.deleted_at = now;
        return {};
      },
      context));
  return {};
}

Result<std::size_t> Accounts::remove_closed(std::size_t max, const Context& context) const {
  const Time now = impl_->clock();
  AUTHKIT_TRY_ASSIGN(const auto closed, impl_->accounts->find_deleted(now - impl_->options.close_grace, max, context));
  std::size_t removed = 0;
  for (const UserId& user : closed) {
    AUTHKIT_TRY_ASSIGN(
        const bool erased, in_transaction(*impl_->work, context, [&](Tx& tx) -> Result<bool> {
          for (const TicketKind kind : {TicketKind::verify_email, TicketKind::reset_password, TicketKind::change_email, TicketKind::log_in})
            AUTHKIT_TRY(impl_->tickets->erase_by_user(tx, user, kind));
          AUTHKIT_TRY(impl_->factors->erase_all(tx, user));
          AUTHKIT_TRY(impl_->factors->set_recovery_codes(tx, user, {}, now));
          AUTHKIT_TRY_ASSIGN(const bool gone, impl_->accounts->erase(tx, user));
          if (!gone) return false;
          AUTHKIT_TRY(impl_->announce_change(tx, user, 0, now));
          AUTHKIT_TRY(impl_->record(tx, {.action = "user.removed", .subject = user, .actor = "system"}, now, context));
          return true;
        }));
    removed += erased ? 1 : 0;
  }
  return removed;
}

}  // namespace authkit
