#pragma once

#include "authkit/limit.hpp"

#include <functional>
#include <mutex>
#include <set>
#include <unordered_map>

namespace authkit {

/// Counters in this process' memory, gone with it. Holds at most `max_counters` (about 200 bytes each): beyond them it forgets the one that is
/// nearest to being full again, so that a flood of new keys cannot free an exhausted one. Thread safety: any thread.
class MemoryCounterStore : public CounterStore {
 public:
  explicit MemoryCounterStore(std::size_t max_counters = 250'000) : max_counters_(max_counters) {}

  Result<LimitDecision> take(std::span<const LimitRequest> requests, Time now, const Context& context) override;
  Result<void> give_back(std::span<const LimitRequest> requests, Time now, const Context& context) override;
  Result<std::size_t> purge(Time now, std::size_t max) override;

  std::size_t size() const;

 private:
  using Counter = std::pair<const std::string, std::int64_t>;
  struct FullFirst {
    bool operator()(const Counter* a, const Counter* b) const noexcept {
      return a->second != b->second ? a->second < b->second : std::less<>()(a, b);
    }
  };

  std::int64_t tat(const std::string& key) const;
  void set(const std::string& key, std::int64_t tat);
  void drop(std::unordered_map<std::string, std::int64_t>::iterator counter);

  mutable std::mutex mutex_;
  std::size_t max_counters_;
  std::unordered_map<std::string, std::int64_t> counters_;
  std::set<const Counter*, FullFirst> by_tat_;
};

}  // namespace authkit
