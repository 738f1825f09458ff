#pragma once

#include "authkit/types.hpp"

#include <span>

namespace authkit {

/// Fills `out` from the system's random source (RAND_bytes). Errors: Errc::random_unavailable, and `out` is then all zero.
Result<void> random_bytes(std::span<std::uint8_t> out);

template <class IdType>
Result<IdType> random_id() {
  IdType id;
  if (auto filled = random_bytes(id.bytes); !filled) return std::move(filled).error();
  return id;
}

/// RFC 9562 UUIDv7 of `now`: 48 bits of milliseconds, the rest random.
Result<UserId> new_user_id(Time now);

/// For tests: the next `failures` calls of random_bytes fail.
void fail_random_for_tests(unsigned failures) noexcept;

}  // namespace authkit
