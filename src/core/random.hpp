#pragma once

#include "authkit/types.hpp"

#include <span>

namespace authkit {

/// Fills `out` from the system's random source (RAND_bytes). Errors: Errc::random_unavailable, and `out` is then all zero.
Result<void> random_bytes(std::span<std::uint8_t> out);

/// The same for what must be unique and need not be secret, at a tenth of the cost: from a store of this thread, which a forked child does not share.
Result<void> random_id_bytes(std::span<std::uint8_t> out);

template <class IdType>
Result<IdType> random_id() {
  IdType id;
  if (auto filled = random_id_bytes(id.bytes); !filled) return std::move(filled).error();
  return id;
}

/// RFC 9562 UUIDv7 of `now`: 48 bits of milliseconds, the rest random.
Result<UserId> new_user_id(Time now);

/// For tests: after `successes` more calls of either function, the next `failures` calls fail.
void fail_random_for_tests(unsigned failures, unsigned successes = 0) noexcept;

}  // namespace authkit
