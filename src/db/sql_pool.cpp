#include "db/sql_pool.hpp"

#include "core/try.hpp"

#include <algorithm>

namespace authkit {

SqlLease::SqlLease(std::shared_ptr<SqlPool> pool, std::unique_ptr<SqlSession> session) noexcept
    : pool_(std::move(pool)), session_(std::move(session)) {}

SqlLease& SqlLease::operator=(SqlLease&& other) noexcept {
  if (this == &other) return *this;
  give_back();
  pool_ = std::move(other.pool_);
  session_ = std::move(other.session_);
  return *this;
}

void SqlLease::give_back() noexcept {
  if (session_) pool_->give_back(std::move(session_));
}

SqlPool::SqlPool(std::size_t limit, Connect connect) : free_(limit), connect_(std::move(connect)) { idle_.reserve(limit); }

Result<SqlLease> SqlPool::acquire(Deadline deadline) {
  std::unique_lock lock(mutex_);
  if (!take_slot(lock, deadline)) {
    Error error{Errc::store_unavailable, "no database connection became free in time"};
    error.retry_after = std::chrono::seconds(1);
    return error;
  }
  while (!idle_.empty()) {
    auto session = std::move(idle_.back());
    idle_.pop_back();
    if (session->is_alive()) return SqlLease(shared_from_this(), std::move(session));
  }
  lock.unlock();
  return connect(deadline);
}

Result<SqlLease> SqlPool::connect(Deadline deadline) {
  std::unique_ptr<SqlPool, void (*)(SqlPool*)> slot(this, [](SqlPool* pool) {
    const std::lock_guard lock(pool->mutex_);
    pool->free_slot();
  });
  AUTHKIT_TRY_ASSIGN(auto session, connect_(deadline));
  slot.release();
  return SqlLease(shared_from_this(), std::move(session));
}

bool SqlPool::take_slot(std::unique_lock<std::mutex>& lock, Deadline deadline) {
  if (waiting_.empty() && free_ > 0) {
    --free_;
    return true;
  }
  Waiter me;
  waiting_.push_back(&me);
  if (me.ready.wait_until(lock, deadline, [&] { return me.served; })) return true;
  waiting_.erase(std::find(waiting_.begin(), waiting_.end(), &me));
  return false;
}

void SqlPool::free_slot() noexcept {
  if (waiting_.empty()) {
    ++free_;
    return;
  }
  Waiter* next = waiting_.front();
  waiting_.pop_front();
  next->served = true;
  next->ready.notify_one();
}

void SqlPool::give_back(std::unique_ptr<SqlSession> session) noexcept {
  if (!session->reset()) session.reset();
  const std::lock_guard lock(mutex_);
  if (session) idle_.push_back(std::move(session));
  free_slot();
}

}  // namespace authkit
