#pragma once

#include <algorithm>
#include <ctime>

namespace authkit::test {

/// Seconds of this thread's processor time that `call` takes: what it costs, whatever else the machine does.
template <class Call>
double processor_seconds(const Call& call) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  };
  const double from = now();
  call();
  return now() - from;
}

/// The shortest of three tries, of which the second and third are made only while `bound` is not met.
template <class Call>
double shortest_of_three(double bound, const Call& call) {
  double shortest = 1e9;
  for (int i = 0; i < 3 && shortest >= bound; ++i) shortest = std::min(shortest, processor_seconds(call));
  return shortest;
}

}  // namespace authkit::test
