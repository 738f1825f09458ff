#include "core/parking.hpp"

#include <climits>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace authkit {
namespace {

static_assert(sizeof(std::atomic<int>) == sizeof(int) && std::atomic<int>::is_always_lock_free);

int* address(std::atomic<int>& state) noexcept { return reinterpret_cast<int*>(&state); }

/// Since FUTEX_WAIT_BITSET takes a moment of CLOCK_MONOTONIC, which steady_clock is.
timespec to_timespec(std::chrono::steady_clock::time_point moment) noexcept {
  const auto since = moment.time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
  return {static_cast<time_t>(seconds.count()), static_cast<long>(std::chrono::nanoseconds(since - seconds).count())};
}

}  // namespace

bool Parking::wait_until(std::chrono::steady_clock::time_point deadline) noexcept {
  const timespec until = to_timespec(deadline);
  for (;;) {
    int state = empty;
    if (!state_.compare_exchange_strong(state, waiting) && state == signalled) return true;
    ::syscall(SYS_futex, address(state_), FUTEX_WAIT_BITSET_PRIVATE, waiting, &until, nullptr, FUTEX_BITSET_MATCH_ANY);
    if (state_ == signalled) return true;
    if (std::chrono::steady_clock::now() >= deadline) return false;
  }
}

void Parking::signal() noexcept {
  if (state_.exchange(signalled) == waiting) ::syscall(SYS_futex, address(state_), FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace authkit
