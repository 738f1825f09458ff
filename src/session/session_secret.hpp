#pragma once

#include "authkit/key.hpp"
#include "authkit/session_store.hpp"

#include "core/digest.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace authkit {

/// What a refresh token or a session cookie says: `kind | key_id | session | generation | secret | MAC`, the cookie without generation,
/// in strict base64url. Each kind has a MAC key of its own, so neither can pass for the other.
///
/// Thread safety: as a value. Wiped when it goes.
struct SessionSecret {
  Transport transport = Transport::bearer;
  std::array<std::uint8_t, 4> key_id{};
  SessionId session;
  std::uint32_t generation = 0;           ///< of a refresh token; 0 in a cookie
  std::array<std::uint8_t, 16> secret{};  ///< the same in every generation, so that a successor can be made again

  SessionSecret() = default;
  SessionSecret(const SessionSecret&) = default;
  SessionSecret& operator=(const SessionSecret&) = default;
  ~SessionSecret();

  /// Nothing unless `text` is exactly what encode() makes under a key of `keys`. No I/O.
  static std::optional<SessionSecret> decode(std::string_view text, Transport transport, std::span<const MacKey> keys);

  /// `key`: the one named by key_id.
  std::string encode(const MacKey& key) const;

  /// What a store keeps in place of the secret; bound to the session, so a row's digest is of no use in another row.
  Digest256 digest(const MacKey& key) const;
};

/// The key of that id, or null.
const MacKey* find_key(std::span<const MacKey> keys, const std::array<std::uint8_t, 4>& id) noexcept;

/// The CSRF token of a cookie session.
std::string csrf_token_of(const SessionId& id, const MacKey& key);
/// Whether `token` is that one. What is compared is never encoded: encoding looks secret bits up in a table.
bool is_csrf_token_of(const SessionId& id, const MacKey& key, std::string_view token);

}  // namespace authkit
