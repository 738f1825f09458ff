#include "db/wal_flush.hpp"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace authkit {
namespace {

/// A descriptor of its own each time: the log can be replaced by a new file when its last connection goes. A log that is not there was written
/// back to the database, and flushed, by the connection that removed it.
bool flush_file(const std::string& path) noexcept {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return errno == ENOENT;
  const bool flushed = ::fdatasync(file) == 0;
  ::close(file);
  return flushed;
}

Error refused() { return {Errc::store_unavailable, "the disk refused to flush the database: what was written last may not survive a power failure"}; }

}  // namespace

Result<void> WalFlush::flush() {
  std::unique_lock lock(mutex_);
  const std::uint64_t mine = ++asked_;
  while (flushed_ < mine && !failed_) {
    if (flushing_) {
      done_.wait(lock);
      continue;
    }
    flushing_ = true;
    const std::uint64_t newest = asked_;
    lock.unlock();
    const bool flushed = flush_file(wal_);
    lock.lock();
    flushing_ = false;
    ++count_;
    if (flushed) flushed_ = newest;
    failed_ = failed_ || !flushed;
    done_.notify_all();
  }
  if (flushed_ < mine) return refused();
  return {};
}

Result<void> WalFlush::check() const {
  const std::lock_guard lock(mutex_);
  if (failed_) return refused();
  return {};
}

std::uint64_t WalFlush::flushes() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

}  // namespace authkit
