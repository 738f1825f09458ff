#include "account/flows.hpp"
#include "core/base64url.hpp"
#include "core/digest.hpp"
#include "core/secret.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <optional>

namespace authkit {
namespace {

constexpr std::size_t max_page = 200;
constexpr std::size_t max_sessions = 200;
constexpr std::size_t id_size = 36;

Error bad_field(std::string pointer, std::string detail) {
  Error error{Errc::field_invalid};
  error.fields.push_back({std::move(pointer), "invalid", std::move(detail)});
  return error;
}

using CursorMac = std::array<std::uint8_t, 16>;

CursorMac mac_of(std::string_view position, const MacKey& key) {
  Digest256 derived = keyed_digest(key.secret, {as_bytes("authkit list cursor")});
  const Digest256 mac = keyed_digest(derived, {as_bytes(position)});
  wipe(derived.data(), derived.size());
  CursorMac out;
  std::copy_n(mac.begin(), out.size(), out.begin());
  return out;
}

/// A position with its MAC, so that a list only starts where it was left off.
std::string signed_cursor(std::string_view position, const MacKey& key) {
  return std::string(position) + base64url::encode(std::span<const std::uint8_t>(mac_of(position, key)));
}

/// The position inside; nothing when the cursor is none of ours.
std::optional<std::string_view> position_of(std::string_view cursor, const std::vector<MacKey>& keys) {
  CursorMac presented;
  if (cursor.size() != id_size + base64url::encoded_size(presented.size())) return std::nullopt;
  const std::string_view position = cursor.substr(0, id_size);
  if (!base64url::decode_to(cursor.substr(id_size), presented.data())) return std::nullopt;
  const bool ours = std::any_of(keys.begin(), keys.end(), [&](const MacKey& key) { return equal_constant_time(mac_of(position, key), presented); });
  return ours ? std::optional(position) : std::nullopt;
}

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
  const auto position = cursor.empty() ? std::optional(cursor) : position_of(cursor, keys->macs);
  if (!position) return bad_field("/cursor", "must be the next_cursor of the page before");
  AccountFilter canonical = filter;
  auto prefix = fold(filter.email_prefix);
  if (!prefix) return bad_field("/email_prefix", "must be text without control characters");
  canonical.email_prefix = *std::move(prefix);

  AUTHKIT_TRY_ASSIGN(AccountPage page, impl_->accounts->list(canonical, *position, limit, context));
  for (auto& account : page.items) account = without_hash(std::move(account));
  if (!page.next_cursor.empty()) page.next_cursor = signed_cursor(page.next_cursor, keys->macs.front());
  return page;
}

}  // namespace authkit
