#include "account/flows.hpp"
#include "core/short_mac.hpp"
#include "core/text.hpp"

#include <optional>

namespace authkit {
namespace {

constexpr std::size_t max_page = 200;
constexpr std::size_t max_sessions = 200;

Error bad_field(std::string pointer, std::string detail) {
  Error error{Errc::field_invalid};
  error.fields.push_back({std::move(pointer), "invalid", std::move(detail)});
  return error;
}

/// Lists only start where they were left off.
constexpr std::string_view cursor_use = "authkit list cursor";

}  // namespace

Result<std::vector<SessionRecord>> Accounts::sessions(const UserId& user, const Context& context) const {
  return impl_->sessions->store().find_by_user(user, impl_->clock(), max_sessions, context);
}

Result<Account> Accounts::find(std::string_view login_or_id, const Context& context) const {
  std::optional<Account> account;
  if (const auto id = parse_user_id(login_or_id)) {
    AUTHKIT_TRY_ASSIGN(account, impl_->accounts->find(*id, context));
  } else if (const auto key = canonical_login(login_or_id)) {
    AUTHKIT_TRY_ASSIGN(account, impl_->accounts->find_by_login(*key, context));
  }
  if (!account) return Errc::not_found;
  return without_hash(*std::move(account));
}

Result<AccountPage> Accounts::list(const AccountFilter& filter, std::string_view cursor, std::size_t limit, const Context& context) const {
  if (limit < 1 || limit > max_page) return bad_field("/limit", "must be 1 to 200");
  const auto keys = impl_->tokens->keys().snapshot();
  const auto position = cursor.empty() ? std::optional(cursor) : verified_text(cursor, cursor_use, keys->macs);
  if (!position) return bad_field("/cursor", "must be the next_cursor of the page before");
  AccountFilter canonical = filter;
  auto prefix = fold(filter.email_prefix);
  if (!prefix) return bad_field("/email_prefix", "must be text without control characters");
  canonical.email_prefix = *std::move(prefix);

  AUTHKIT_TRY_ASSIGN(AccountPage page, impl_->accounts->list(canonical, *position, limit, context));
  for (auto& account : page.items) account = without_hash(std::move(account));
  if (!page.next_cursor.empty()) page.next_cursor = signed_text(page.next_cursor, cursor_use, keys->macs.front().secret);
  return page;
}

}  // namespace authkit
