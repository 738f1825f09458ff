#pragma once

#include "authkit/result.hpp"

#include <atomic>
#include <cstdint>
#include <string>

namespace authkit {

/// Makes commits to a SQLite write-ahead log survive a power failure, many with one flush of the disk. The connections run with
/// synchronous = NORMAL, which writes a commit to the log and does not wait for the disk; whoever commits then flushes the log here, after the
/// write lock is free for the next one. Those who come while a flush runs share the next.
///
/// Thread safety: any thread. Errors: Errc::store_unavailable when the log cannot be opened, for want of descriptors perhaps; and when the disk
/// refuses, from then on always: what a failed flush left on the disk is not known.
class WalFlush {
 public:
  /// `wal`: path of the log.
  explicit WalFlush(std::string wal) : wal_(std::move(wal)) {}
  WalFlush(const WalFlush&) = delete;
  WalFlush& operator=(const WalFlush&) = delete;
  ~WalFlush();

  /// Returns when everything committed before the call is on the disk.
  Result<void> flush();

  /// Whether every flush so far succeeded.
  Result<void> check() const;

  std::uint64_t flushes() const noexcept { return count_; }  ///< how often the disk was asked

 private:
  enum class Outcome : std::uint8_t { flushed, refused, not_tried };
  Outcome flush_file() noexcept;

  std::string wal_;
  int file_ = -1;                          ///< of whoever flushes
  std::atomic<std::uint64_t> asked_{0};    ///< number of the newest call
  std::atomic<std::uint64_t> flushed_{0};  ///< calls up to this one are on the disk
  std::atomic<std::uint64_t> count_{0};
  std::atomic<std::uint32_t> round_{0};  ///< goes on whenever somebody has stopped flushing; those who wait, wait for that
  std::atomic<bool> flushing_{false};    ///< the right to flush
  std::atomic<bool> failed_{false};
};

}  // namespace authkit
