#pragma once

#include "authkit/types.hpp"

#include <algorithm>
#include <random>

namespace authkit::redis {

/// Waits between attempts: anything up to a bound that doubles each time, so that those who failed together do not come back together.
class Backoff {
 public:
  Backoff(Duration first, Duration most, std::uint32_t seed) : first_(first), most_(most), bound_(first), random_(seed) {}

  Duration next() {
    const Duration bound = bound_;
    bound_ = std::min(bound_ * 2, most_);
    return Duration{std::uniform_int_distribution<Duration::rep>(0, bound.count())(random_)};
  }
  void reset() noexcept { bound_ = first_; }

 private:
  Duration first_, most_, bound_;
  std::minstd_rand random_;
};

}  // namespace authkit::redis
