#include "account/account_cache.hpp"

namespace authkit {
namespace {

std::size_t slot_of(const UserId& id) { return id.bytes.back(); }

}  // namespace

std::shared_ptr<const Account> AccountCache::find(const UserId& id, Time now) {
  const std::lock_guard lock(mutex_);
  const auto at = by_id_.find(id);
  if (at == by_id_.end()) return nullptr;
  const Duration age = now - at->second->as_of;
  if (age < Duration{0} || age > max_age_) {  // below zero: the clock was set back, the age is not known
    erase(id);
    return nullptr;
  }
  order_.splice(order_.begin(), order_, at->second);
  return at->second->account;
}

AccountCache::Fill AccountCache::begin_fill(const UserId& id, Time now) const {
  const std::lock_guard lock(mutex_);
  return {id, drops_[slot_of(id)], now};
}

void AccountCache::put(const Fill& fill, std::shared_ptr<const Account> account) {
  const std::lock_guard lock(mutex_);
  if (capacity_ == 0 || drops_[slot_of(fill.id)] != fill.drops) return;
  if (const auto held = by_id_.find(fill.id); held != by_id_.end() && held->second->account->version > account->version) return;
  erase(fill.id);
  if (by_id_.size() >= capacity_) erase(order_.back().account->id);
  order_.push_front({std::move(account), fill.as_of});
  by_id_[fill.id] = order_.begin();
}

void AccountCache::drop(const UserId& id) {
  const std::lock_guard lock(mutex_);
  ++drops_[slot_of(id)];
  erase(id);
}

std::size_t AccountCache::size() const {
  const std::lock_guard lock(mutex_);
  return by_id_.size();
}

void AccountCache::erase(const UserId& id) {
  const auto at = by_id_.find(id);
  if (at == by_id_.end()) return;
  order_.erase(at->second);
  by_id_.erase(at);
}

}  // namespace authkit
