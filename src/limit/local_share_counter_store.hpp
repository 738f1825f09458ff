#pragma once

#include "limit/memory_counter_store.hpp"

#include <memory>

namespace authkit {

/// Counters that all servers share, and this process' own while the shared ones cannot be reached: its share of every rule, one over the number of
/// servers, never less than one. So the loss of a store neither opens a door nor shuts everybody out.
///
/// Thread safety: any thread.
class LocalShareCounterStore : public CounterStore {
 public:
  LocalShareCounterStore(std::shared_ptr<CounterStore> shared, std::uint32_t servers) : shared_(std::move(shared)), servers_(servers) {}

  Result<LimitDecision> take(std::span<const LimitRequest> requests, Time now, const Context& context) override;
  Result<void> give_back(std::span<const LimitRequest> requests, Time now, const Context& context) override;
  Result<std::size_t> purge(Time now, std::size_t max) override;

 private:
  std::vector<LimitRequest> share_of(std::span<const LimitRequest> requests) const;

  const std::shared_ptr<CounterStore> shared_;
  const std::uint32_t servers_;
  MemoryCounterStore own_;
};

}  // namespace authkit
