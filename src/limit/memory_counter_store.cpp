#include "limit/memory_counter_store.hpp"

#include "limit/gcra.hpp"

namespace authkit {

Result<LimitDecision> MemoryCounterStore::take(std::span<const LimitRequest> requests, Time now, const Context&) {
  const std::lock_guard lock(mutex_);
  LimitDecision decision;
  std::vector<std::int64_t> after;
  for (const auto& request : requests) {
    const auto step = gcra::take(request.rule, tat(request.key), now);
    decision.allowed = decision.allowed && step.allowed;
    decision.retry_after = std::max(decision.retry_after, step.retry_after);
    after.push_back(step.tat);
  }
  if (!decision.allowed) return decision;
  for (std::size_t i = 0; i < requests.size(); ++i) set(requests[i].key, after[i]);
  while (counters_.size() > max_counters_) drop(counters_.find((*by_tat_.begin())->first));
  return decision;
}

Result<void> MemoryCounterStore::give_back(std::span<const LimitRequest> requests, Time now, const Context&) {
  const std::lock_guard lock(mutex_);
  for (const auto& request : requests) set(request.key, gcra::give_back(request.rule, tat(request.key), now));
  return {};
}

Result<std::size_t> MemoryCounterStore::purge(Time now, std::size_t max) {
  const std::lock_guard lock(mutex_);
  std::size_t removed = 0;
  for (; removed < max && !by_tat_.empty() && gcra::full_again((*by_tat_.begin())->second, now); ++removed) {
    drop(counters_.find((*by_tat_.begin())->first));
  }
  return removed;
}

std::size_t MemoryCounterStore::size() const {
  const std::lock_guard lock(mutex_);
  return counters_.size();
}

std::int64_t MemoryCounterStore::tat(const std::string& key) const {
  const auto at = counters_.find(key);
  return at == counters_.end() ? gcra::unused : at->second;
}

void MemoryCounterStore::set(const std::string& key, std::int64_t tat) {
  if (const auto at = counters_.find(key); at != counters_.end()) drop(at);
  if (tat == gcra::unused) return;
  by_tat_.insert(&*counters_.emplace(key, tat).first);
}

void MemoryCounterStore::drop(std::unordered_map<std::string, std::int64_t>::iterator counter) {
  by_tat_.erase(&*counter);
  counters_.erase(counter);
}

}  // namespace authkit
