#pragma once

#include "authkit/event.hpp"

#include "core/digest.hpp"
#include "core/hex.hpp"

namespace authkit {

/// The `prev_hash` of the first event of a chain.
inline constexpr std::string_view chain_start = "0000000000000000000000000000000000000000000000000000000000000000";

/// The link of `event` behind `prev_hash`: hex SHA-256 of both, the previous hash as its 64 hex characters.
inline std::string chain_hash(std::string_view prev_hash, const Event& event) {
  return hex::encode(sha256(as_bytes(std::string(prev_hash) + canonical_bytes(event))));
}

/// Chains `event` behind `prev_hash`; its own hash is the next one's.
inline void seal_event(Event& event, std::string_view prev_hash) {
  event.prev_hash = prev_hash;
  event.hash = chain_hash(prev_hash, event);
}

/// Whether `event` is what was sealed behind `prev_hash`.
inline bool sealed_behind(const Event& event, std::string_view prev_hash) {
  return event.prev_hash == prev_hash && event.hash == chain_hash(prev_hash, event);
}

}  // namespace authkit
