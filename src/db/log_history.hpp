#pragma once

#include "authkit/types.hpp"

#include "core/breaker.hpp"

#include <array>
#include <optional>

namespace authkit {

/// How far the primary's log was at which time, as far back as a replica may lag. A replica's own clock cannot tell its lag: on an idle primary it
/// would grow for ever.
class LogHistory {
 public:
  void add(std::uint64_t lsn, SteadyTime at) noexcept {
    if (size_ > 0) {
      const Sample& newest = samples_[(next_ + samples_.size() - 1) % samples_.size()];
      if (lsn < newest.lsn)
        size_ = 0;  // another primary's log
      else if (at - newest.at < spacing)
        return;
    }
    samples_[next_] = {lsn, at};
    next_ = (next_ + 1) % samples_.size();
    if (size_ < samples_.size()) ++size_;
  }

  /// Since when at most the log is longer than `replayed`; nothing when it was never seen that short.
  std::optional<Duration> lag(std::uint64_t replayed, SteadyTime now) const noexcept {
    for (std::size_t back = 1; back <= size_; ++back) {
      const std::size_t at = (next_ + samples_.size() - back) % samples_.size();
      if (samples_[at].lsn > replayed) continue;
      if (back == 1) return Duration{0};
      return std::chrono::duration_cast<Duration>(now - samples_[at].at);
    }
    return std::nullopt;
  }
  bool empty() const noexcept { return size_ == 0; }

 private:
  struct Sample {
    std::uint64_t lsn = 0;
    SteadyTime at;
  };
  static constexpr std::chrono::milliseconds spacing{190};
  std::array<Sample, 512> samples_{};
  std::size_t next_ = 0, size_ = 0;
};

}  // namespace authkit
