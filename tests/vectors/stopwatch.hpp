#pragma once

#include <algorithm>
#include <chrono>

namespace authkit::test {

/// Seconds that `call` takes: the shortest of three tries, of which the second and third are made only while `bound` is not met.
template <class Call>
double shortest_of_three(double bound, const Call& call) {
  double shortest = 1e9;
  for (int i = 0; i < 3 && shortest >= bound; ++i) {
    const auto from = std::chrono::steady_clock::now();
    call();
    shortest = std::min(shortest, std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count());
  }
  return shortest;
}

}  // namespace authkit::test
