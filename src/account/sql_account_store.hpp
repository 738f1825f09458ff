#pragma once

#include "authkit/account_store.hpp"

#include "db/sql_database.hpp"

namespace authkit {

/// Accounts in table authkit_account; authkit_account_role is its index by role. Thread safety: any thread.
class SqlAccountStore : public AccountStore {
 public:
  SqlAccountStore(std::shared_ptr<SqlDatabase> database, std::string tenant);

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
  void insert_roles(SqlSession& session, const Account& account) const;

  std::shared_ptr<SqlDatabase> database_;
  std::string tenant_;
  const std::string insert_, insert_role_, erase_roles_, find_, find_by_login_, find_active_, update_, set_last_login_, erase_, find_deleted_;
};

}  // namespace authkit
