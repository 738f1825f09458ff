#include "token/memory_key_store.hpp"

#include "core/storable.hpp"
#include "core/try.hpp"

#include <algorithm>

namespace authkit {

Result<std::vector<StoredKey>> MemoryKeyStore::list(const Context&) {
  const std::lock_guard lock(work_->mutex());
  auto keys = keys_;
  std::sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) { return std::tie(a.created_at, a.id) < std::tie(b.created_at, b.id); });
  return keys;
}

Result<bool> MemoryKeyStore::insert(Tx& tx, const StoredKey& key) {
  AUTHKIT_TRY(require_storable({key.id, key.algorithm, key.sealed}));
  AUTHKIT_TRY(open(tx));
  if (find(key.id) != keys_.end()) return false;
  keys_.push_back(key);
  return true;
}

Result<bool> MemoryKeyStore::set_state(Tx& tx, std::string_view id, KeyState from, KeyState to, Time now) {
  AUTHKIT_TRY(open(tx));
  const auto key = find(id);
  if (key == keys_.end() || key->state != from) return false;
  key->state = to;
  key->changed_at = now;
  return true;
}

Result<std::size_t> MemoryKeyStore::purge(Tx& tx, Time before) {
  AUTHKIT_TRY(open(tx));
  return std::erase_if(keys_, [&](const StoredKey& key) { return key.state == KeyState::retired && key.changed_at < before; });
}

/// The keys are few, so the undo is all of them.
Result<MemoryTx*> MemoryKeyStore::open(Tx& tx) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  unit->on_rollback([this, before = keys_] { keys_ = before; });
  return unit;
}

std::vector<StoredKey>::iterator MemoryKeyStore::find(std::string_view id) {
  return std::find_if(keys_.begin(), keys_.end(), [&](const StoredKey& key) { return key.id == id; });
}

}  // namespace authkit
