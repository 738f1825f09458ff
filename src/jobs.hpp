#pragma once

#include "authkit/types.hpp"

#include <chrono>
#include <functional>
#include <mutex>
#include <random>
#include <string_view>
#include <vector>

namespace authkit {

/// Background work in slices: each job has its interval, and run() does what is due. The intervals count on the injected clock (so that tests
/// move it), the budget on the steady one.
///
/// Thread safety: any; while one thread is in run(), others return at once.
class Jobs {
 public:
  using Deadline = std::chrono::steady_clock::time_point;
  /// Works until it is done or the deadline passed; true = there is more, come back at once.
  using Work = std::function<Result<bool>(Deadline)>;

  explicit Jobs(Clock clock) : clock_(std::move(clock)) {}

  /// Only before the first run(). Due at once, then after four fifths of `every` to the whole of it, so that instances do not march in step.
  void add(std::string_view name, Duration every, Work work) { jobs_.push_back({name, every, std::move(work), Time::min()}); }

  /// Runs what is due, in the order of add(), until `budget` is spent; what is left goes first the next time. Errors: the first job's that
  /// failed, with its name; a failing (or throwing) job is tried again after its interval and stops no other.
  Result<void> run(Duration budget);

 private:
  struct Job {
    std::string_view name;
    Duration every;
    Work work;
    Time due;
  };
  Result<void> run_job(Job& job, Time now, Deadline deadline);
  Duration jittered(Duration every);

  Clock clock_;
  std::mutex mutex_;
  std::vector<Job> jobs_;
  std::size_t first_ = 0;  // where the last run() ran out of its budget
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace authkit
