#include "db/sql_pool.hpp"

#include "core/try.hpp"

#include <algorithm>

namespace authkit {

SqlLease::SqlLease(std::shared_ptr<SqlPool> pool, std::unique_ptr<SqlSession> session, std::uint64_t generation) noexcept
    : pool_(std::move(pool)), session_(std::move(session)), generation_(generation) {}

SqlLease& SqlLease::operator=(SqlLease&& other) noexcept {
  if (this == &other) return *this;
  give_back();
  pool_ = std::move(other.pool_);
  session_ = std::move(other.session_);
  generation_ = other.generation_;
  token_ = std::move(other.token_);
  return *this;
}

void SqlLease::give_back() noexcept {
  if (!session_) return;
  pool_->give_back(std::move(session_), generation_);
  token_.reset();
}

void SqlLease::discard() noexcept {
  if (!session_) return;
  session_.reset();
  pool_->give_back(nullptr, generation_);
  token_.reset();
}

SqlPool::SqlPool(std::size_t limit, Connect connect) : free_(limit), connect_(std::move(connect)) { idle_.reserve(limit); }

Result<SqlLease> SqlPool::acquire(Deadline deadline) {
  std::unique_lock lock(mutex_);
  if (waiting_.empty() && free_ > 0) {
    --free_;
    ++lent_;
  } else {
    const auto me = std::make_shared<Waiter>();
    waiting_.push_back(me);
    lock.unlock();
    me->parking.wait_until(deadline);
    lock.lock();
    if (!me->served) {
      waiting_.erase(std::find(waiting_.begin(), waiting_.end(), me));
      Error error{Errc::store_unavailable, "no database connection became free in time"};
      error.retry_after = std::chrono::seconds(1);
      return error;
    }
    if (me->session && me->generation == generation_ && me->session->is_alive())
      return SqlLease(shared_from_this(), std::move(me->session), generation_);
  }
  while (!idle_.empty()) {
    auto session = std::move(idle_.back());
    idle_.pop_back();
    if (session->is_alive()) return SqlLease(shared_from_this(), std::move(session), generation_);
  }
  const std::uint64_t generation = generation_;
  lock.unlock();
  return connect(deadline, generation);
}

Result<SqlLease> SqlPool::connect(Deadline deadline, std::uint64_t generation) {
  std::unique_ptr<SqlPool, void (*)(SqlPool*)> slot(this, [](SqlPool* pool) { pool->free_slot(); });
  AUTHKIT_TRY_ASSIGN(auto session, connect_(deadline));
  slot.release();
  return SqlLease(shared_from_this(), std::move(session), generation);
}

void SqlPool::flush() noexcept {
  const std::lock_guard lock(mutex_);
  ++generation_;
  idle_.clear();
}

/// With the lock held: who gets the slot that has become free; null when nobody waits, and the slot is free.
std::shared_ptr<SqlPool::Waiter> SqlPool::next_waiter() noexcept {
  if (waiting_.empty()) {
    ++free_;
    --lent_;
    return nullptr;
  }
  auto next = std::move(waiting_.front());
  waiting_.pop_front();
  next->served = true;
  return next;
}

void SqlPool::free_slot() noexcept { give_back(nullptr, 0); }

void SqlPool::give_back(std::unique_ptr<SqlSession> session, std::uint64_t generation) noexcept {
  if (session && !session->reset()) session.reset();
  std::shared_ptr<Waiter> next;
  {
    const std::lock_guard lock(mutex_);
    next = next_waiter();
    if (session && generation == generation_) {
      if (next) {
        next->session = std::move(session);
        next->generation = generation;
      } else {
        idle_.push_back(std::move(session));
      }
    }
  }
  if (next) next->parking.signal();
}

}  // namespace authkit
