#include "account/memory_account_store.hpp"

#include "core/storable.hpp"
#include "core/text.hpp"
#include "core/try.hpp"

#include <algorithm>

namespace authkit {
namespace {

Result<void> check_texts(const Account& account) {
  AUTHKIT_TRY(require_storable({account.email, account.email_key, account.username, account.username_key, account.password_hash, account.profile}));
  for (const auto& role : account.roles) AUTHKIT_TRY(require_storable({role}));
  return {};
}

bool selects(const AccountFilter& filter, const Account& account) {
  if (!account.email_key.starts_with(filter.email_prefix)) return false;
  if (filter.status && account.status != *filter.status) return false;
  if (filter.created_from && account.created_at < *filter.created_from) return false;
  return filter.role.empty() || std::find(account.roles.begin(), account.roles.end(), filter.role) != account.roles.end();
}

}  // namespace

Result<void> MemoryAccountStore::insert(Tx& tx, const Account& account) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  AUTHKIT_TRY(check_texts(account));
  if (accounts_.contains(account.id)) return unit->fail({Errc::conflict, "an account of this id exists"});
  if (auto free = require_free(account); !free) return unit->fail(std::move(free).error());
  replace(*unit, account.id, account);
  return {};
}

Result<std::optional<Account>> MemoryAccountStore::find(const UserId& id, const Context&) {
  const std::lock_guard lock(work_->mutex());
  const auto at = accounts_.find(id);
  return at == accounts_.end() ? std::nullopt : std::optional(at->second);
}

Result<std::optional<Account>> MemoryAccountStore::find_by_login(std::string_view key, const Context& context) {
  if (key.empty()) return std::optional<Account>();
  const std::lock_guard lock(work_->mutex());
  const std::string login(key);
  if (const auto at = by_email_.find(login); at != by_email_.end()) return find(at->second, context);
  if (const auto at = by_username_.find(login); at != by_username_.end()) return find(at->second, context);
  return std::optional<Account>();
}

Result<bool> MemoryAccountStore::update(Tx& tx, const Account& account) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  AUTHKIT_TRY(check_texts(account));
  const auto at = accounts_.find(account.id);
  if (at == accounts_.end() || at->second.version != account.version) return false;
  if (auto free = require_free(account); !free) return unit->fail(std::move(free).error());
  Account after = account;
  ++after.version;
  replace(*unit, account.id, std::move(after));
  return true;
}

Result<void> MemoryAccountStore::find_active(Tx& tx, const UserId& id, std::uint64_t epoch, std::optional<Account>& found) {
  AUTHKIT_TRY(MemoryTx::of(tx, *work_));
  const auto at = accounts_.find(id);
  if (at == accounts_.end() || at->second.status != AccountStatus::active || at->second.auth_epoch != epoch) return Errc::not_found;
  found = at->second;
  return {};
}

Result<void> MemoryAccountStore::set_last_login(Tx& tx, const UserId& id, Time now) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  const auto at = accounts_.find(id);
  if (at == accounts_.end()) return Errc::not_found;
  Account after = at->second;
  after.last_login_at = now;
  replace(*unit, id, std::move(after));
  return {};
}

Result<bool> MemoryAccountStore::erase(Tx& tx, const UserId& id) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  if (!accounts_.contains(id)) return false;
  replace(*unit, id, std::nullopt);
  return true;
}

Result<std::vector<UserId>> MemoryAccountStore::find_deleted(Time before, std::size_t max, const Context&) {
  const std::lock_guard lock(work_->mutex());
  std::vector<std::pair<Time, UserId>> closed;
  for (const auto& [id, account] : accounts_) {
    if (account.deleted_at && *account.deleted_at < before) closed.emplace_back(*account.deleted_at, id);
  }
  std::sort(closed.begin(), closed.end());
  if (closed.size() > max) closed.resize(max);
  std::vector<UserId> found;
  for (const auto& one : closed) found.push_back(one.second);
  return found;
}

Result<AccountPage> MemoryAccountStore::list(const AccountFilter& filter, std::string_view cursor, std::size_t limit, const Context&) {
  UserId after{};  // nil comes before every id
  if (!cursor.empty()) {
    const auto id = parse_user_id(cursor);
    if (!id) return Error{Errc::invalid_argument, "the cursor is none"};
    after = *id;
  }
  if (!valid_utf8(filter.email_prefix)) return Error{Errc::invalid_argument, "the start of the e-mail is no UTF-8"};
  const std::lock_guard lock(work_->mutex());
  const std::size_t size = std::clamp<std::size_t>(limit, 1, 200);
  AccountPage page;
  for (auto at = accounts_.upper_bound(after); at != accounts_.end(); ++at) {
    if (!selects(filter, at->second)) continue;
    if (page.items.size() == size) {
      page.next_cursor = to_text(page.items.back().id);
      break;
    }
    page.items.push_back(at->second);
  }
  return page;
}

Result<void> MemoryAccountStore::require_free(const Account& account) const {
  const auto taken = [&](const auto& index, const std::string& key) {
    const auto at = index.find(key);
    return at != index.end() && at->second != account.id;
  };
  if (taken(by_email_, account.email_key)) return Errc::email_taken;
  if (taken(by_username_, account.username_key)) return Errc::username_taken;
  return {};
}

void MemoryAccountStore::replace(MemoryTx& unit, const UserId& id, std::optional<Account> after) {
  const auto at = accounts_.find(id);
  unit.on_rollback([this, id, before = at == accounts_.end() ? std::nullopt : std::optional(at->second)] { put(id, before); });
  put(id, std::move(after));
}

void MemoryAccountStore::put(const UserId& id, std::optional<Account> account) {
  if (const auto at = accounts_.find(id); at != accounts_.end()) {
    by_email_.erase(at->second.email_key);
    by_username_.erase(at->second.username_key);
    accounts_.erase(at);
  }
  if (!account) return;
  by_email_.insert_or_assign(account->email_key, id);
  if (!account->username_key.empty()) by_username_.insert_or_assign(account->username_key, id);
  accounts_.insert_or_assign(id, *std::move(account));
}

}  // namespace authkit
