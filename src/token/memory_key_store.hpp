#pragma once

#include "authkit/key.hpp"

#include "core/memory_work.hpp"

namespace authkit {

/// Sealed keys in this process' memory, gone with it. Thread safety: any thread.
class MemoryKeyStore : public KeyStore {
 public:
  explicit MemoryKeyStore(std::shared_ptr<MemoryWork> work) : work_(std::move(work)) {}

  Result<std::vector<StoredKey>> list(const Context& context) override;
  Result<bool> insert(Tx& tx, const StoredKey& key) override;
  Result<bool> set_state(Tx& tx, std::string_view id, KeyState from, KeyState to, Time now) override;
  Result<std::size_t> purge(Tx& tx, Time before) override;

 private:
  Result<MemoryTx*> open(Tx& tx);
  std::vector<StoredKey>::iterator find(std::string_view id);

  std::shared_ptr<MemoryWork> work_;
  std::vector<StoredKey> keys_;
};

}  // namespace authkit
