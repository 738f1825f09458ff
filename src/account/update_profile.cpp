#include "authkit/json.hpp"

#include "account/flows.hpp"

namespace authkit {

Result<Account> Accounts::update_profile(const Identity& identity, std::string_view patch, std::optional<std::uint64_t> version,
                                         const Context& context) const {
  AUTHKIT_TRY(impl_->current_account(identity, context));
  const Impl::Change change{.flow = "update_profile", .action = "user.profile_changed", .actor = to_text(identity.user)};
  return impl_->change(
      identity.user, change,
      [&](Account& changed) -> Result<void> {
        if (version && changed.version != *version) return Errc::precondition_failed;
        AUTHKIT_TRY_ASSIGN(const std::string merged, merge_patch(changed.profile, patch));
        AUTHKIT_TRY_ASSIGN(changed.profile, checked_profile(merged));
        return {};
      },
      context);
}

}  // namespace authkit
