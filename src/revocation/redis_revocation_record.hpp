#pragma once

#include "authkit/revocation.hpp"

#include "redis/resp.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// How entries lie in Redis: in the stream `authkit:{rev:TENANT}`, each 33 bytes in its field `r`: kind, id, value and not_after, both numbers
/// big-endian. Beside the stream lies its epoch, a random text: another epoch, or none, means that Redis lost what it had.
namespace authkit {

std::string stream_key_of(std::string_view tenant);
std::string epoch_key_of(std::string_view stream);

using StreamRecord = std::array<char, 33>;
StreamRecord to_record(const RevocationEntry& entry) noexcept;

struct StreamItem {
  std::string id;                        ///< "milliseconds-number"
  std::optional<RevocationEntry> entry;  ///< nothing for what is none of ours
};
/// Of what XRANGE answers, or XREAD of one stream.
std::vector<StreamItem> stream_items(const redis::Reply& reply);

}  // namespace authkit
