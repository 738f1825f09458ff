#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

/// Rounds that take turns, so that a busy moment of the machine hits all contenders alike; the figure is the median.
namespace measure {

inline double seconds_of(const auto& call) {
  const auto from = std::chrono::steady_clock::now();
  call();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count();
}

struct Series {
  std::vector<double> values;

  double median() const {
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    return sorted[sorted.size() / 2];
  }
  void print(const char* name, const char* unit) const {
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    std::printf("%-44s %10.2f %s (%.2f to %.2f)\n", name, median(), unit, *least, *most);
  }
};

/// Keeps the compiler from leaving out what only makes `value`.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

}  // namespace measure
