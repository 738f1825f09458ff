#pragma once

#include "authkit/types.hpp"

#include <algorithm>

namespace authkit {

/// One moment by two clocks: the injected wall clock and the machine's steady one.
struct Moment {
  Duration steady{0};
  Duration wall{0};
};

/// How long ago `then` was, by the clock that says longer. So setting the wall clock back does not make anything look newer than it is, and a
/// machine that was suspended, whose steady clock stood still, does not either.
constexpr Duration age(const Moment& then, const Moment& now) noexcept { return std::max(now.steady - then.steady, now.wall - then.wall); }

/// The wall clock was set back since `then`; a step of a second is what time synchronisation does.
constexpr bool set_back(const Moment& then, const Moment& now) noexcept { return now.wall < then.wall - Duration{1000}; }

}  // namespace authkit
