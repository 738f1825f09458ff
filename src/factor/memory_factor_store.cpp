#include "factor/memory_factor_store.hpp"

#include "core/storable.hpp"
#include "core/try.hpp"

#include <algorithm>

namespace authkit {

void MemoryFactorStore::remove(MemoryTx& unit, std::map<Key, Factor>::iterator at) {
  unit.on_rollback([this, key = at->first, factor = at->second] { factors_.insert_or_assign(key, factor); });
  factors_.erase(at);
}

void MemoryFactorStore::keep_codes(MemoryTx& unit, const UserId& user) {
  unit.on_rollback([this, user, before = codes_[user]] { codes_[user] = before; });
}

Result<void> MemoryFactorStore::insert(Tx& tx, const Factor& factor) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  AUTHKIT_TRY(require_storable({factor.label, factor.sealed}));
  const Key key{factor.user, factor.id};
  if (factors_.contains(key)) return unit->fail({Errc::conflict, "a factor of this id exists"});
  unit->on_rollback([this, key] { factors_.erase(key); });
  factors_.emplace(key, factor);
  return {};
}

Result<std::vector<Factor>> MemoryFactorStore::list(const UserId& user, const Context&) {
  const std::lock_guard lock(work_->mutex());
  std::vector<Factor> found;
  for (auto at = factors_.lower_bound({user, FactorId{}}); at != factors_.end() && at->first.first == user; ++at) found.push_back(at->second);
  std::stable_sort(found.begin(), found.end(), [](const Factor& a, const Factor& b) { return a.created_at < b.created_at; });
  return found;
}

Result<bool> MemoryFactorStore::use_step(Tx& tx, const UserId& user, const FactorId& id, std::uint64_t step, std::optional<Time> confirmed_at) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  const auto at = factors_.find({user, id});
  if (at == factors_.end() || at->second.last_step >= step) return false;
  unit->on_rollback([this, key = at->first, before = at->second] { factors_.insert_or_assign(key, before); });
  at->second.last_step = step;
  if (confirmed_at && !at->second.confirmed_at) at->second.confirmed_at = confirmed_at;
  return true;
}

Result<bool> MemoryFactorStore::erase(Tx& tx, const UserId& user, const FactorId& id) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  const auto at = factors_.find({user, id});
  if (at == factors_.end()) return false;
  remove(*unit, at);
  return true;
}

Result<std::size_t> MemoryFactorStore::erase_all(Tx& tx, const UserId& user) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  std::size_t count = 0;
  for (auto at = factors_.lower_bound({user, FactorId{}}); at != factors_.end() && at->first.first == user; ++count) remove(*unit, at++);
  return count;
}

Result<void> MemoryFactorStore::set_recovery_codes(Tx& tx, const UserId& user, const std::vector<std::array<std::uint8_t, 32>>& digests, Time) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  keep_codes(*unit, user);
  codes_[user] = Codes(digests.begin(), digests.end());
  return {};
}

Result<bool> MemoryFactorStore::use_recovery_code(Tx& tx, const UserId& user, const std::array<std::uint8_t, 32>& digest, Time) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  keep_codes(*unit, user);
  return codes_[user].erase(digest) == 1;
}

Result<std::size_t> MemoryFactorStore::purge(Tx& tx, Time before, std::size_t max) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  std::size_t count = 0;
  for (auto at = factors_.begin(); at != factors_.end() && count < max;) {
    const auto here = at++;
    if (here->second.confirmed_at || here->second.created_at >= before) continue;
    remove(*unit, here);
    ++count;
  }
  return count;
}

}  // namespace authkit
