#pragma once

#include "authkit/types.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <utility>

namespace authkit::password {

/// Lets a bounded number of callers, holding a bounded number of bytes together, compute at once; the others wait in order of arrival.
/// Nobody is overtaken, so that a large one cannot starve behind small ones.
///
/// Thread safety: any number of threads. Ownership: must outlive its passes.
class Gate {
 public:
  struct Limits {
    std::uint32_t slots = 1;
    std::uint64_t bytes = 0;
    std::uint32_t queue_length = 0;
  };

  explicit Gate(Limits limits) noexcept : limits_(limits) {}
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  /// The right to compute; given back when it goes.
  class Pass {
   public:
    Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)), bytes_(other.bytes_), since_(other.since_) {}
    Pass& operator=(Pass&&) = delete;
    ~Pass() {
      if (gate_ != nullptr) gate_->leave(bytes_, since_);
    }

   private:
    friend class Gate;
    Pass(Gate& gate, std::uint64_t bytes) noexcept : gate_(&gate), bytes_(bytes) {}
    Gate* gate_;
    std::uint64_t bytes_;
    std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
  };

  /// Waits for a slot and `bytes` of the budget; one that wants more than all of it gets all of it, alone.
  /// Errors: Errc::overloaded with retry_after, at once when the queue is full, else after `patience`.
  Result<Pass> enter(std::uint64_t bytes, Duration patience);

  std::size_t waiting() const;

 private:
  struct Waiter {
    std::uint64_t bytes;
    bool admitted = false;
    std::condition_variable turn;
  };

  bool fits(std::uint64_t bytes) const noexcept { return running_ < limits_.slots && bytes <= limits_.bytes - bytes_; }
  void take(std::uint64_t bytes) noexcept;
  void leave(std::uint64_t bytes, std::chrono::steady_clock::time_point since) noexcept;
  void admit_waiting() noexcept;
  Error overloaded() const;

  const Limits limits_;
  mutable std::mutex mutex_;
  std::deque<Waiter*> queue_;  // the waiters live on their threads' stacks
  std::uint32_t running_ = 0;
  std::uint64_t bytes_ = 0;
  std::chrono::nanoseconds typical_run_{std::chrono::milliseconds{50}};  // a moving average; a guess until the first has run
};

}  // namespace authkit::password
