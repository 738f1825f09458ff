#pragma once

#include "redis/resp.hpp"
#include "redis/target.hpp"

#include <optional>
#include <string_view>
#include <vector>

/// Which keys belong where in a cluster (Redis Cluster specification, "Key distribution model"). Pure.
namespace authkit::redis {

inline constexpr unsigned slot_count = 16'384;

/// CRC16 (XMODEM) of the key, or of what stands in its first "{...}" unless that is empty, modulo 16,384.
unsigned slot_of(std::string_view key) noexcept;

struct SlotRange {
  unsigned first = 0, last = 0;
  Endpoint master;
};

/// Reads the reply to CLUSTER SLOTS. A host without a name is the one that was `asked`. Nothing when the reply is of another shape.
std::optional<std::vector<SlotRange>> parse_slots(const Reply& reply, const Endpoint& asked);

}  // namespace authkit::redis
