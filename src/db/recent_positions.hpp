#pragma once

#include "authkit/read_after.hpp"
#include "authkit/types.hpp"

#include <list>
#include <mutex>
#include <unordered_map>

namespace authkit {

/// The newest commit that concerned each user, as far as this process knows, for the users that were last at it. For one that was forgotten it
/// remembers the latest of all that it forgot: what was promised stays true when many users write at once, at the price of reads that wait for more
/// than they need.
///
/// Thread safety: any thread.
class RecentPositions {
 public:
  explicit RecentPositions(std::size_t capacity) : capacity_(capacity) {}

  void join(const UserId& user, LogPosition position);
  LogPosition find(const UserId& user) const;
  /// Drops what was committed on timelines before that one.
  void forget_before(std::uint32_t timeline);

 private:
  struct Entry {
    UserId user;
    LogPosition position;
  };
  using Order = std::list<Entry>;  // the one written last first

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  Order order_;
  std::unordered_map<UserId, Order::iterator> by_user_;
  LogPosition forgotten_;
};

}  // namespace authkit
