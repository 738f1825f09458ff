#include "limit/recent_refusals.hpp"

#include <algorithm>

namespace authkit {
namespace {

constexpr Duration longest{1000};
constexpr std::size_t max_keys = 10'000;

}  // namespace

Duration RecentRefusals::wait(const std::string& key, Time now) const {
  const std::lock_guard lock(mutex_);
  const auto at = refusals_.find(key);
  if (at == refusals_.end()) return Duration{0};
  const auto [since, until] = at->second;
  const bool fresh = now >= since && now - since < longest;
  return fresh ? std::max(until - now, Duration{0}) : Duration{0};
}

std::uint64_t RecentRefusals::generation() const {
  const std::lock_guard lock(mutex_);
  return generation_;
}

void RecentRefusals::remember(const std::string& key, Time now, Duration retry_after, std::uint64_t seen_generation) {
  const std::lock_guard lock(mutex_);
  if (seen_generation != generation_) return;
  if (refusals_.size() >= max_keys) refusals_.clear();
  refusals_.insert_or_assign(key, Refusal{now, now + retry_after});
}

void RecentRefusals::forget_all() {
  const std::lock_guard lock(mutex_);
  ++generation_;
  refusals_.clear();
}

}  // namespace authkit
