#pragma once

#include "authkit/key.hpp"

#include "token/jose_header.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace authkit {

/// The three parts of a compact JWS (RFC 7515 section 7.1), still encoded.
struct Compact {
  std::string_view header, payload, signature;
  std::string_view signed_part;  ///< header and payload with their dot
};

/// Exactly three parts, header and signature not empty. Looks at no byte of a token above `max_bytes`, and at none after a third dot.
std::optional<Compact> split_compact(std::string_view token, std::size_t max_bytes) noexcept;

/// What the caller expects of a token besides the signature.
struct CompactRules {
  std::size_t max_bytes = 8192;
  std::optional<Algorithm> only;  ///< the one algorithm allowed; nothing = that of the key
  std::string_view typ;           ///< empty = any
  bool access_header = false;     ///< a header that a key would write for our own access tokens needs no reading
  bool nested_refused = true;     ///< `cty` "JWT": a token in a token
};

/// The payload of a token whose signature one of `keys` made, and that key.
struct VerifiedCompact {
  std::string_view payload;  ///< still encoded
  const Key* key = nullptr;
};

/// Size, format, header, key, signature, typ: in that order, and nothing of the payload is looked at.
/// The key is the one the `kid` names; without a `kid` the only one of that algorithm. Errors: Errc::invalid_token; where that is for want of
/// a key, `missing_kid` (when given) gets the `kid`, which may be empty.
Result<VerifiedCompact> verify_compact(std::string_view token, std::span<const Key> keys, const CompactRules& rules,
                                       std::optional<std::string>* missing_kid = nullptr);

}  // namespace authkit
