#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <shared_mutex>

namespace authkit {

/// A lock for what is read all the time and written now and then. A reader takes the stripe of its thread, so readers on different cores
/// share no cache line; a writer takes all stripes.
///
/// Thread safety: any thread; not recursive.
class StripedLock {
 public:
  /// Shared: for std::shared_lock<std::shared_mutex>.
  std::shared_mutex& mine() noexcept { return stripes_[stripe_of_this_thread()].mutex; }

  /// Exclusive: for std::lock_guard<StripedLock>.
  void lock() {
    for (auto& stripe : stripes_) stripe.mutex.lock();
  }
  void unlock() noexcept {
    for (auto& stripe : stripes_) stripe.mutex.unlock();
  }

 private:
  static constexpr std::size_t count = 16;
  struct alignas(64) Stripe {
    std::shared_mutex mutex;
  };

  static std::size_t stripe_of_this_thread() noexcept {
    static std::atomic<std::size_t> next{0};
    thread_local const std::size_t own = next.fetch_add(1, std::memory_order_relaxed) % count;
    return own;
  }

  std::array<Stripe, count> stripes_;
};

}  // namespace authkit
