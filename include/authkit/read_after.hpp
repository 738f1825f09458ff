#pragma once

#include <compare>
#include <cstdint>
#include <mutex>

namespace authkit {

/// A place in the write-ahead log of a PostgreSQL server; zero = none. A later timeline began at a failover, and orders before everything else.
struct LogPosition {
  std::uint32_t timeline = 0;
  std::uint64_t lsn = 0;

  auto operator<=>(const LogPosition&) const = default;
  bool is_none() const noexcept { return *this == LogPosition{}; }
};

/// What one caller has seen of a database with replicas: reads that carry it (Context::read_after) show nothing older, and commits that carry it add
/// themselves. One per client, request or job, whoever must not be shown the past; Auth::sign() and Auth::read_after() take it to another process.
///
/// Thread safety: any thread.
class ReadAfter {
 public:
  ReadAfter() = default;
  explicit ReadAfter(LogPosition position) : position_(position) {}

  LogPosition position() const {
    const std::lock_guard lock(mutex_);
    return position_;
  }
  /// Keeps the later one.
  void join(LogPosition position) {
    const std::lock_guard lock(mutex_);
    if (position > position_) position_ = position;
  }

 private:
  mutable std::mutex mutex_;
  LogPosition position_;
};

}  // namespace authkit
