#pragma once

#include "authkit/outbox_store.hpp"

#include "core/memory_work.hpp"

#include <map>

namespace authkit {

/// The outbox in this process' memory, gone with it. Thread safety: any thread.
class MemoryOutboxStore : public OutboxStore {
 public:
  explicit MemoryOutboxStore(std::shared_ptr<MemoryWork> work) : work_(std::move(work)) {}

  Result<void> append(Tx& tx, const OutboxEntry& entry) override;
  Result<std::vector<OutboxEntry>> claim(Tx& tx, std::string_view topic, std::string_view owner, Time now, Time lease_until,
                                         std::size_t max) override;
  Result<bool> settle(Tx& tx, std::int64_t id, std::string_view owner, Time now) override;
  Result<bool> postpone(Tx& tx, std::int64_t id, std::string_view owner, std::optional<Time> next_at, std::string_view error, Time now) override;
  Result<OutboxStatus> status(std::string_view topic, const Context& context) override;
  Result<std::size_t> purge(Tx& tx, Time before, std::size_t max) override;

 private:
  struct Row {
    OutboxEntry entry;
    std::string owner;
    std::optional<Time> lease_until, done_at;
  };
  using Rows = std::map<std::int64_t, Row>;

  /// The row that `owner` holds, with its present state kept for a rollback.
  Row* held(MemoryTx& unit, std::int64_t id, std::string_view owner);
  void keep(MemoryTx& unit, const Row& row);

  std::shared_ptr<MemoryWork> work_;
  Rows rows_;
  std::int64_t last_id_ = 0;
};

}  // namespace authkit
