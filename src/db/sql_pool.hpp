#pragma once

#include "authkit/result.hpp"

#include "core/parking.hpp"
#include "db/sql_session.hpp"

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace authkit {

class SqlPool;

/// A connection, lent; goes back when the lease goes.
class SqlLease {
 public:
  SqlLease() noexcept = default;
  SqlLease(std::shared_ptr<SqlPool> pool, std::unique_ptr<SqlSession> session, std::uint64_t generation) noexcept;
  SqlLease(SqlLease&&) noexcept = default;
  SqlLease& operator=(SqlLease&& other) noexcept;
  ~SqlLease() { give_back(); }

  explicit operator bool() const noexcept { return session_ != nullptr; }
  SqlSession& operator*() const noexcept { return *session_; }
  SqlSession* operator->() const noexcept { return session_.get(); }
  void give_back() noexcept;
  /// Closes it instead.
  void discard() noexcept;

  const SqlPool* pool() const noexcept { return pool_.get(); }
  /// Kept as long as the lease.
  void keep(std::shared_ptr<void> token) noexcept { token_ = std::move(token); }

 private:
  std::shared_ptr<SqlPool> pool_;
  std::unique_ptr<SqlSession> session_;
  std::uint64_t generation_ = 0;
  std::shared_ptr<void> token_;
};

/// At most `limit` connections to one node, made when needed. Callers are served in the order they came, with the connection used last; a pool
/// of one is a fair lock. A connection that cannot be brought out of a transaction is closed, not lent again, nor is one that was lent
/// before flush().
///
/// Thread safety: any thread. Ownership: leases keep it alive.
class SqlPool : public std::enable_shared_from_this<SqlPool> {
 public:
  using Connect = std::function<Result<std::unique_ptr<SqlSession>>(Deadline)>;
  SqlPool(std::size_t limit, Connect connect);

  /// Errors: Errc::store_unavailable after the deadline, and those of connecting.
  Result<SqlLease> acquire(Deadline deadline);
  /// Closes what is idle now and, when it comes back, what is lent.
  void flush() noexcept;
  /// How many are lent, or being made to be lent.
  std::uint32_t lent() const noexcept { return lent_.load(std::memory_order_relaxed); }

 private:
  friend class SqlLease;
  /// Served with a slot, and with a connection where one came back. Shared, as it is woken when the lock is free again.
  struct Waiter {
    Parking parking;
    bool served = false;
    std::unique_ptr<SqlSession> session;
    std::uint64_t generation = 0;
  };
  std::shared_ptr<Waiter> next_waiter() noexcept;
  void free_slot() noexcept;
  Result<SqlLease> connect(Deadline deadline, std::uint64_t generation);
  void give_back(std::unique_ptr<SqlSession> session, std::uint64_t generation) noexcept;

  std::mutex mutex_;
  std::size_t free_;  ///< connections that may still be lent
  std::deque<std::shared_ptr<Waiter>> waiting_;
  std::vector<std::unique_ptr<SqlSession>> idle_;
  std::uint64_t generation_ = 0;  ///< connections of an older one are closed
  std::atomic<std::uint32_t> lent_{0};
  Connect connect_;
};

}  // namespace authkit
