#pragma once

#include "authkit/factor_store.hpp"

#include "db/sql_database.hpp"

namespace authkit {

/// Second factors in tables authkit_factor and authkit_recovery_code; they go with their account. Thread safety: any thread.
class SqlFactorStore : public FactorStore {
 public:
  SqlFactorStore(std::shared_ptr<SqlDatabase> database, std::string tenant);

  Result<void> insert(Tx& tx, const Factor& factor) override;
  Result<std::vector<Factor>> list(const UserId& user, const Context& context) override;
  Result<bool> use_step(Tx& tx, const UserId& user, const FactorId& id, std::uint64_t step, std::optional<Time> confirmed_at) override;
  Result<bool> erase(Tx& tx, const UserId& user, const FactorId& id) override;
  Result<std::size_t> erase_all(Tx& tx, const UserId& user) override;
  Result<void> set_recovery_codes(Tx& tx, const UserId& user, const std::vector<std::array<std::uint8_t, 32>>& digests, Time now) override;
  Result<bool> use_recovery_code(Tx& tx, const UserId& user, const std::array<std::uint8_t, 32>& digest, Time now) override;
  Result<std::size_t> purge(Tx& tx, Time before, std::size_t max) override;

 private:
  std::shared_ptr<SqlDatabase> database_;
  std::string tenant_;
  const std::string insert_, list_, use_step_, erase_, erase_all_, erase_codes_, insert_code_, use_code_, purge_;
};

}  // namespace authkit
