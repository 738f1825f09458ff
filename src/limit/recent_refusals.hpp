#pragma once

#include "authkit/types.hpp"

#include <mutex>
#include <string>
#include <unordered_map>

namespace authkit {

/// What the store refused a moment ago, so that a flood on an exhausted counter does not reach it. A refusal is remembered for a second at
/// most and never beyond its own wait; any success here clears all, since it may have freed any of them. Only a place that another instance gives
/// back can be missed, for that second.
///
/// Thread safety: any number of threads. Bounded: 10,000 keys.
class RecentRefusals {
 public:
  /// How much longer `key` is known to be refused; 0 = ask the store.
  Duration wait(const std::string& key, Time now) const;

  /// Read it before asking the store, and hand it to remember(): an answer from before a success is not kept.
  std::uint64_t generation() const;
  void remember(const std::string& key, Time now, Duration retry_after, std::uint64_t seen_generation);
  void forget_all();

 private:
  struct Refusal {
    Time since;
    Time until;
  };
  mutable std::mutex mutex_;
  std::uint64_t generation_ = 0;
  std::unordered_map<std::string, Refusal> refusals_;
};

}  // namespace authkit
