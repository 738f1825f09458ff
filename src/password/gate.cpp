#include "password/gate.hpp"

#include <algorithm>

namespace authkit::password {

using std::chrono::steady_clock;

Result<Gate::Pass> Gate::enter(std::uint64_t bytes, Duration patience) {
  bytes = std::min(bytes, limits_.bytes);
  std::unique_lock lock(mutex_);
  if (queue_.empty() && fits(bytes)) {
    take(bytes);
    return Pass(*this, bytes);
  }
  if (queue_.size() >= limits_.queue_length) return overloaded();

  Waiter self{bytes, false, {}};
  queue_.push_back(&self);
  const auto until = steady_clock::now() + patience;
  if (self.turn.wait_until(lock, until, [&] { return self.admitted; })) return Pass(*this, bytes);

  queue_.erase(std::find(queue_.begin(), queue_.end(), &self));
  admit_waiting();  // it may have been the large one at the head that kept smaller ones back
  return overloaded();
}

void Gate::take(std::uint64_t bytes) noexcept {
  ++running_;
  bytes_ += bytes;
}

void Gate::leave(std::uint64_t bytes, steady_clock::time_point since) noexcept {
  const std::lock_guard lock(mutex_);
  --running_;
  bytes_ -= bytes;
  typical_run_ += (steady_clock::now() - since - typical_run_) / 8;
  admit_waiting();
}

void Gate::admit_waiting() noexcept {
  while (!queue_.empty() && fits(queue_.front()->bytes)) {
    Waiter& next = *queue_.front();
    queue_.pop_front();
    take(next.bytes);
    next.admitted = true;
    next.turn.notify_one();  // under the lock: the waiter's stack lives until it gets it
  }
}

Error Gate::overloaded() const {
  Error error(Errc::overloaded, "password hashing is at its limit");
  const auto backlog = typical_run_ * static_cast<std::int64_t>(queue_.size() + running_) / limits_.slots;
  error.retry_after = std::clamp(std::chrono::ceil<Duration>(backlog), Duration{100}, Duration{60'000});
  return error;
}

std::size_t Gate::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

}  // namespace authkit::password
