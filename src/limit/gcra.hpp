#pragma once

#include "authkit/limit.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

/// The generic cell rate algorithm (ITU-T I.371) in integers. A counter is one number, its theoretical arrival time (TAT) in microseconds since
/// 1970: the moment when it is full again. Every store keeps that number and does this arithmetic.
///
/// Defined everywhere: a burst of 0 allows nothing; a period of 0 or less never limits; periods are cut at 100 years, times far outside of
/// history too, so that nothing overflows; when the clock steps back, a counter owes at most one full period.
namespace authkit::gcra {

/// The TAT of a counter that does not exist: full.
inline constexpr std::int64_t unused = std::numeric_limits<std::int64_t>::min();

struct Step {
  bool allowed = false;
  std::int64_t tat = unused;  ///< to be stored; unchanged when not allowed
  Duration retry_after{0};    ///< more than 0 when not allowed
};

inline std::int64_t microseconds(Time time) noexcept {
  constexpr std::int64_t bound = std::int64_t{1} << 51;  // 71,000 years
  return std::clamp<std::int64_t>(time.time_since_epoch().count(), -bound, bound) * 1000;
}

/// What one take costs: the time between two steady ones.
inline std::int64_t interval(const LimitRule& rule) noexcept {
  constexpr std::int64_t century = std::int64_t{100} * 366 * 24 * 3600'000;
  const std::int64_t period = std::clamp<std::int64_t>(rule.period.count(), 0, century) * 1000;
  if (period == 0 || rule.burst == 0) return 0;
  return std::max<std::int64_t>(period / rule.burst, 1);
}

/// The TAT seen from `now`: not before it (full), nor further ahead than a full burst costs.
inline std::int64_t settle(const LimitRule& rule, std::int64_t tat, std::int64_t now) noexcept {
  return std::clamp(tat, now, now + interval(rule) * rule.burst);
}

inline Step take(const LimitRule& rule, std::int64_t tat, Time time) noexcept {
  const std::int64_t now = microseconds(time);
  if (rule.burst == 0) return {false, tat, std::clamp(rule.period, Duration{1000}, Duration{3600'000})};
  const std::int64_t next = settle(rule, tat, now) + interval(rule);
  const std::int64_t wait = next - (now + interval(rule) * rule.burst);
  if (wait <= 0) return {true, next, Duration{0}};
  return {false, tat, Duration{(wait + 999) / 1000}};
}

/// The TAT after one take is given back; `unused` when the counter is then full.
inline std::int64_t give_back(const LimitRule& rule, std::int64_t tat, Time time) noexcept {
  const std::int64_t now = microseconds(time);
  const std::int64_t before = settle(rule, tat, now) - interval(rule);
  return before > now ? before : unused;
}

/// Whether the counter may be forgotten at `now`.
inline bool full_again(std::int64_t tat, Time now) noexcept { return tat <= microseconds(now); }

}  // namespace authkit::gcra
