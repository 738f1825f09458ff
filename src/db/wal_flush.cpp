#include "db/wal_flush.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace authkit {
namespace {

bool same_file(const struct stat& a, const struct stat& b) noexcept { return a.st_ino == b.st_ino && a.st_dev == b.st_dev; }

Error refused() { return {Errc::store_unavailable, "the disk refused to flush the database: what was written last may not survive a power failure"}; }

Error not_now() {
  return {Errc::store_unavailable, "the log of the database cannot be opened: what was written last may not survive a power failure"};
}

}  // namespace

WalFlush::~WalFlush() {
  if (file_ >= 0) ::close(file_);
}

/// Keeps its descriptor, so that a process out of them goes on; asks each time whether the log is still that file, for it can be replaced when its
/// last connection goes. A log that is not there was written back to the database, and flushed, by the connection that removed it.
WalFlush::Outcome WalFlush::flush_file() noexcept {
  struct stat named {
  }, held{};
  if (::stat(wal_.c_str(), &named) != 0) return errno == ENOENT ? Outcome::flushed : Outcome::not_tried;
  if (file_ >= 0 && (::fstat(file_, &held) != 0 || !same_file(named, held))) {
    ::close(file_);
    file_ = -1;
  }
  if (file_ < 0) file_ = ::open(wal_.c_str(), O_RDONLY | O_CLOEXEC);
  if (file_ < 0) return errno == ENOENT ? Outcome::flushed : Outcome::not_tried;
  return ::fdatasync(file_) == 0 ? Outcome::flushed : Outcome::refused;
}

Result<void> WalFlush::flush() {
  const std::uint64_t mine = asked_.fetch_add(1) + 1;
  for (;;) {
    const std::uint32_t round = round_.load();
    if (flushed_.load() >= mine) return {};
    if (failed_.load()) return refused();
    if (flushing_.exchange(true)) {
      round_.wait(round);
      continue;
    }
    const std::uint64_t newest = asked_.load();
    const Outcome outcome = flush_file();
    ++count_;
    if (outcome == Outcome::flushed) flushed_ = newest;
    if (outcome == Outcome::refused) failed_ = true;
    flushing_ = false;
    ++round_;
    round_.notify_all();
    if (outcome == Outcome::not_tried) return not_now();  // the others try for themselves
  }
}

Result<void> WalFlush::check() const {
  if (failed_) return refused();
  return {};
}

}  // namespace authkit
