#include "db/call_watchdog.hpp"

#include <algorithm>
#include <pthread.h>
#include <sys/socket.h>

namespace authkit {

CallWatchdog::Call::Call(CallWatchdog& watchdog, int socket) : watchdog_(watchdog), socket_(socket) {
  const std::lock_guard lock(watchdog_.mutex_);
  watchdog_.calls_.push_back(this);
}

CallWatchdog::Call::~Call() {
  const std::lock_guard lock(watchdog_.mutex_);
  std::erase(watchdog_.calls_, this);
}

void CallWatchdog::Call::set_deadline(Deadline deadline) noexcept {
  const std::lock_guard lock(watchdog_.mutex_);
  deadline_ = deadline;
  if (deadline >= watchdog_.next_) return;
  watchdog_.next_ = deadline;
  watchdog_.changed_.notify_one();
}

bool CallWatchdog::Call::ended() const noexcept {
  const std::lock_guard lock(watchdog_.mutex_);
  return ended_;
}

CallWatchdog::CallWatchdog() : thread_([this] { watch(); }) { pthread_setname_np(thread_.native_handle(), "authkit-deadline"); }

CallWatchdog::~CallWatchdog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  thread_.join();
}

void CallWatchdog::watch() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    // A deadline that came in the meantime has lowered next_, and woke this.
    if (next_ == Deadline::max()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, next_);
    }
    if (std::chrono::steady_clock::now() >= next_) next_ = end_late_calls();
  }
}

/// When the next call is late.
Deadline CallWatchdog::end_late_calls() {
  const Deadline now = std::chrono::steady_clock::now();
  Deadline next = Deadline::max();
  for (Call* call : calls_) {
    if (call->deadline_ > now) {
      next = std::min(next, call->deadline_);
      continue;
    }
    ::shutdown(call->socket_, SHUT_RDWR);
    call->ended_ = true;
    call->deadline_ = Deadline::max();
  }
  return next;
}

}  // namespace authkit
