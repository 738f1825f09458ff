#pragma once

#include "authkit/account_store.hpp"

#include <array>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace authkit {

/// Records that were read lately, bounded in number and age; the least recently used one goes first. What it holds carries no password hash.
///
/// A read that was under way when its user changed must not bring the older record back, so a fill announces itself before it reads:
///
///     const auto fill = cache.begin_fill(id, now);
///     ... read the store ...
///     cache.put(fill, record);   // does nothing when drop(id) was called in between
///
/// Thread safety: any thread.
class AccountCache {
 public:
  struct Fill {
    UserId id;
    std::uint64_t drops = 0;
    Time as_of;
  };

  AccountCache(std::size_t capacity, Duration max_age) : capacity_(capacity), max_age_(max_age) {}

  /// Null unless a record is held that was read at most max_age before `now`.
  std::shared_ptr<const Account> find(const UserId& id, Time now);
  Fill begin_fill(const UserId& id, Time now) const;
  void put(const Fill& fill, std::shared_ptr<const Account> account);
  void drop(const UserId& id);
  std::size_t size() const;

 private:
  struct Entry {
    std::shared_ptr<const Account> account;
    Time as_of;
  };
  using Order = std::list<Entry>;  // most recently used first

  void erase(const UserId& id);

  const std::size_t capacity_;
  const Duration max_age_;
  mutable std::mutex mutex_;
  Order order_;
  std::unordered_map<UserId, Order::iterator> by_id_;
  std::array<std::uint64_t, 256> drops_{};  // counted by slot of the id: a neighbour's drop costs one fill, never an old record
};

}  // namespace authkit
