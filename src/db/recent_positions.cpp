#include "db/recent_positions.hpp"

#include <algorithm>

namespace authkit {

void RecentPositions::join(const UserId& user, LogPosition position) {
  if (position.is_none()) return;
  const std::lock_guard lock(mutex_);
  if (const auto held = by_user_.find(user); held != by_user_.end()) {
    held->second->position = std::max(held->second->position, position);
    order_.splice(order_.begin(), order_, held->second);
    return;
  }
  order_.push_front({user, position});
  by_user_.emplace(user, order_.begin());
  if (by_user_.size() <= capacity_) return;
  forgotten_ = std::max(forgotten_, order_.back().position);
  by_user_.erase(order_.back().user);
  order_.pop_back();
}

void RecentPositions::forget_before(std::uint32_t timeline) {
  const std::lock_guard lock(mutex_);
  std::erase_if(by_user_, [timeline](const auto& held) { return held.second->position.timeline < timeline; });
  order_.remove_if([timeline](const Entry& entry) { return entry.position.timeline < timeline; });
  if (forgotten_.timeline < timeline) forgotten_ = {};
}

LogPosition RecentPositions::find(const UserId& user) const {
  const std::lock_guard lock(mutex_);
  const auto held = by_user_.find(user);
  return held == by_user_.end() ? forgotten_ : held->second->position;
}

}  // namespace authkit
