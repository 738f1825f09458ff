#pragma once

#include "authkit/factor_store.hpp"

#include "core/memory_work.hpp"

#include <map>
#include <set>

namespace authkit {

/// Second factors in this process' memory, gone with it. Thread safety: any thread.
class MemoryFactorStore : public FactorStore {
 public:
  explicit MemoryFactorStore(std::shared_ptr<MemoryWork> work) : work_(std::move(work)) {}

  Result<void> insert(Tx& tx, const Factor& factor) override;
  Result<std::vector<Factor>> list(const UserId& user, const Context& context) override;
  Result<bool> use_step(Tx& tx, const UserId& user, const FactorId& id, std::uint64_t step, std::optional<Time> confirmed_at) override;
  Result<bool> erase(Tx& tx, const UserId& user, const FactorId& id) override;
  Result<std::size_t> erase_all(Tx& tx, const UserId& user) override;
  Result<void> set_recovery_codes(Tx& tx, const UserId& user, const std::vector<std::array<std::uint8_t, 32>>& digests, Time now) override;
  Result<bool> use_recovery_code(Tx& tx, const UserId& user, const std::array<std::uint8_t, 32>& digest, Time now) override;
  Result<std::size_t> purge(Tx& tx, Time before, std::size_t max) override;

 private:
  using Key = std::pair<UserId, FactorId>;
  using Codes = std::set<std::array<std::uint8_t, 32>>;

  void remove(MemoryTx& unit, std::map<Key, Factor>::iterator at);
  void keep_codes(MemoryTx& unit, const UserId& user);

  std::shared_ptr<MemoryWork> work_;
  std::map<Key, Factor> factors_;
  std::map<UserId, Codes> codes_;
};

}  // namespace authkit
