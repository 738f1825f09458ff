#pragma once

#include "authkit/revocation.hpp"

#include "core/memory_work.hpp"

#include <map>
#include <set>

namespace authkit {

/// The revocation feed in this process' memory, gone with it. A cursor is the sequence number of the last entry seen.
/// Grows until purge(): about 160 bytes an entry. Thread safety: any thread.
class MemoryRevocationStore : public RevocationStore {
 public:
  explicit MemoryRevocationStore(std::shared_ptr<MemoryWork> work) : work_(std::move(work)) {}

  Result<void> add(Tx& tx, const RevocationEntry& entry) override;
  Result<RevocationBatch> since(const std::string& cursor, std::size_t max, const Context& context) override;
  Result<std::size_t> purge(Tx& tx, Time now, std::size_t max) override;

 private:
  void put(std::uint64_t seq, const RevocationEntry& entry);
  void drop(std::uint64_t seq);

  std::shared_ptr<MemoryWork> work_;
  std::uint64_t last_seq_ = 0;
  std::map<std::uint64_t, RevocationEntry> feed_;
  std::set<std::pair<Time, std::uint64_t>> by_end_;
};

}  // namespace authkit
