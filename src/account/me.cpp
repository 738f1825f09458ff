#include "account/flows.hpp"

namespace authkit {

Result<std::shared_ptr<const Account>> Accounts::me(const Identity& identity, const Context& context) const {
  return impl_->live_account(identity.user, identity.epoch, context);
}

Result<std::shared_ptr<const Account>> Accounts::Impl::live_account(const UserId& user, std::uint64_t epoch, const Context& context) const {
  const Time now = clock();
  auto account = cache->find(user, now);
  // A newer epoch than the record's proves that the record is old.
  if (account == nullptr || account->auth_epoch < epoch) {
    const auto fill = cache->begin_fill(user, now);
    account = copies ? copies->find(user, revocations->least_version(user), context) : nullptr;
    if (account == nullptr || account->auth_epoch < epoch) {
      AUTHKIT_TRY_ASSIGN(auto stored, accounts->find(user, context));
      if (!stored) return Errc::session_revoked;
      account = std::make_shared<const Account>(without_hash(*std::move(stored)));
      if (copies) copies->put(*account, now);
    }
    cache->put(fill, account);
  }
  if (account->status != AccountStatus::active || epoch < account->auth_epoch) return Errc::session_revoked;
  return account;
}

}  // namespace authkit
