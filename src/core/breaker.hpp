#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace authkit {

using SteadyTime = std::chrono::steady_clock::time_point;

/// Whether a server is worth calling. It opens when half of the last ten seconds' calls failed (of twenty at least), or when it is told that a call
/// hung, and only probes close it again: callers are never the ones who find out.
///
/// Only faults of the server are failures: no connection, a lost one, no answer in time. A refused statement is an answer.
/// Thread safety: none; the owner's lock. Time is passed in.
class Breaker {
 public:
  enum class State : std::uint8_t { closed, open };

  /// How a call ended.
  void succeeded(SteadyTime now) noexcept;
  void failed(SteadyTime now) noexcept;
  /// A call got no answer in time: opens at once, for one good probe.
  void hung() noexcept;

  /// How a probe ended. Two bad ones in a row open it.
  void probe_succeeded() noexcept;
  void probe_failed() noexcept;

  State state() const noexcept { return state_; }

 private:
  struct Bucket {
    std::int64_t second = 0;
    std::uint32_t calls = 0, failures = 0;
  };
  Bucket& bucket(SteadyTime now) noexcept;
  void open(std::uint8_t probes_needed) noexcept;

  std::array<Bucket, 10> buckets_{};
  State state_ = State::closed;
  std::uint8_t probes_needed_ = 0;  ///< good ones in a row until it closes
  std::uint8_t probes_good_ = 0, probes_bad_ = 0;
};

/// Bounds the retries that go to one server to a tenth of the calls that succeed, plus a few.
///
/// Thread safety: none; the owner's lock.
class RetryBudget {
 public:
  void succeeded() noexcept;
  /// Takes one retry. False: none is left.
  bool take() noexcept;

 private:
  std::uint32_t tenths_ = 100;
};

}  // namespace authkit
