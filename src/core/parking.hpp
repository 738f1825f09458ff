#pragma once

#include <atomic>
#include <chrono>

namespace authkit {

/// Where one thread waits for another, once. A condition variable does the same in three times as many system calls, which is what such waits
/// spend most of their time in.
///
/// Thread safety: one thread waits, another signals. Ownership: must outlive both calls.
class Parking {
 public:
  /// False: `deadline` came first.
  bool wait_until(std::chrono::steady_clock::time_point deadline) noexcept;
  void signal() noexcept;

 private:
  enum : int { empty, waiting, signalled };
  std::atomic<int> state_{empty};
};

}  // namespace authkit
