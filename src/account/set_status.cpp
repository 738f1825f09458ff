#include "account/flows.hpp"

namespace authkit {

Result<Account> Accounts::set_status(const UserId& user, AccountStatus status, std::string_view actor, const Context& context) const {
  if (status != AccountStatus::active && status != AccountStatus::disabled) {
    return Error{Errc::invalid_argument, "the status must be active or disabled"};
  }
  const bool disable = status == AccountStatus::disabled;
  AUTHKIT_TRY_ASSIGN(auto account, impl_->accounts->find(user, context));
  if (account && account->status == status) return without_hash(*std::move(account));
  const Impl::Change change{
      .flow = "set_status", .action = disable ? "user.disabled" : "user.enabled", .actor = std::string(actor), .end_all = disable};
  return impl_->change(
      user, change,
      [&](Account& changed) -> Result<void> {
        changed.status = status;
        return {};
      },
      context);
}

Result<Account> Accounts::set_roles(const UserId& user, const std::vector<std::string>& roles, std::string_view actor, const Context& context) const {
  AUTHKIT_TRY(check_roles(roles));
  const Impl::Change change{.flow = "set_roles", .action = "user.roles_changed", .actor = std::string(actor), .end_all = true};
  return impl_->change(
      user, change,
      [&](Account& changed) -> Result<void> {
        changed.roles = roles;
        return {};
      },
      context);
}

Result<void> Accounts::end_sessions(const UserId& user, std::string_view actor, const Context& context) const {
  const Impl::Change change{.flow = "logout", .action = "session.ended", .actor = std::string(actor), .end_all = true};
  AUTHKIT_TRY(impl_->change(
      user, change, [](Account&) -> Result<void> { return {}; }, context));
  return {};
}

Result<void> Accounts::end_session(const Identity& identity, const SessionId& session, const Context& context) const {
  AUTHKIT_TRY_ASSIGN(const auto found, impl_->sessions->store().find(session, context));
  if (!found || found->user != identity.user) return Errc::not_found;
  const Impl::Note note{.action = "session.ended", .subject = identity.user, .actor = to_text(identity.user), .data = session_data(session)};
  const Time now = impl_->clock();
  return in_transaction(*impl_->work, context, [&](Tx& tx) { return impl_->end_session(tx, session, note, now, context); });
}

Result<std::shared_ptr<const Account>> Accounts::authorize(const Identity& identity, std::string_view permission, const Context& context) const {
  AUTHKIT_TRY_ASSIGN(auto account, impl_->live_account(identity.user, identity.epoch, context));
  if (!impl_->options.roles.grant(account->roles, permission)) return Error{Errc::insufficient_scope, std::string(permission)};
  return account;
}

}  // namespace authkit
