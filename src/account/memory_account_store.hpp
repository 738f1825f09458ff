#pragma once

#include "authkit/account_store.hpp"

#include "core/memory_work.hpp"

#include <map>
#include <string>
#include <unordered_map>

namespace authkit {

/// Accounts in this process' memory, gone with it. Thread safety: any thread.
class MemoryAccountStore : public AccountStore {
 public:
  explicit MemoryAccountStore(std::shared_ptr<MemoryWork> work) : work_(std::move(work)) {}

  Result<void> insert(Tx& tx, const Account& account) override;
  Result<std::optional<Account>> find(const UserId& id, const Context& context) override;
  Result<std::optional<Account>> find_by_login(std::string_view key, const Context& context) override;
  Result<bool> update(Tx& tx, const Account& account) override;
  Result<void> find_active(Tx& tx, const UserId& id, std::uint64_t epoch, std::optional<Account>& found) override;
  Result<void> set_last_login(Tx& tx, const UserId& id, Time now) override;
  Result<bool> erase(Tx& tx, const UserId& id) override;
  Result<std::vector<UserId>> find_deleted(Time before, std::size_t max, const Context& context) override;
  Result<AccountPage> list(const AccountFilter& filter, std::string_view cursor, std::size_t limit, const Context& context) override;

 private:
  Result<void> require_free(const Account& account) const;
  void replace(MemoryTx& unit, const UserId& id, std::optional<Account> after);
  void put(const UserId& id, std::optional<Account> account);

  std::shared_ptr<MemoryWork> work_;
  std::map<UserId, Account> accounts_;  ///< UUIDv7: the order of creation
  std::unordered_map<std::string, UserId> by_email_;
  std::unordered_map<std::string, UserId> by_username_;
};

}  // namespace authkit
