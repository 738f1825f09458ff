#pragma once

#include "authkit/result.hpp"

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace authkit {

class ReadAfter;

/// Wall-clock time in milliseconds since 1970; every store round-trips it exactly.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;
using Duration = std::chrono::milliseconds;

/// Where "now" comes from. Injected everywhere, so that tests never sleep. Must be callable from any thread.
using Clock = std::function<Time()>;

/// The system's clock.
Time system_now() noexcept;

/// Sixteen bytes that name something. The tag keeps a user from being passed where a session is meant.
template <class Tag>
struct Id {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const Id&) const = default;
  bool is_nil() const noexcept { return *this == Id{}; }
};

using UserId = Id<struct UserTag>;        ///< UUIDv7 (RFC 9562 section 5.7); its text form is the lower-case UUID
using SessionId = Id<struct SessionTag>;  ///< 128 random bits; text form base64url, 22 characters
using TokenId = Id<struct TokenTag>;      ///< `jti`: like SessionId

std::string to_text(const UserId& id);
std::string to_text(const SessionId& id);
std::string to_text(const TokenId& id);

/// Characters of the text form of an id.
template <class IdType>
inline constexpr std::size_t text_size = 22;
template <>
inline constexpr std::size_t text_size<UserId> = 36;

/// The same without an allocation: writes text_size characters and no NUL; where they end.
char* write_text(const UserId& id, char* out) noexcept;
char* write_text(const SessionId& id, char* out) noexcept;
char* write_text(const TokenId& id, char* out) noexcept;

/// Exactly the text form above, else nothing.
std::optional<UserId> parse_user_id(std::string_view text) noexcept;
std::optional<SessionId> parse_session_id(std::string_view text) noexcept;

/// What a call carries besides its arguments. Cheap to make; a default one is always right.
struct Context {
  /// Until when the call may wait for a store; nothing = the store's own bound.
  std::optional<std::chrono::steady_clock::time_point> deadline;
  std::string request_id;  ///< goes into log lines and events
  std::string address;     ///< the client's address in text form, empty = unknown
  std::string user_agent;
  UserId user;  ///< in whose name the call is made; its reads show at least what this process knows that user to have changed
  std::shared_ptr<ReadAfter> read_after;  ///< what the caller has seen (read_after.hpp); null = nothing beyond that
};

}  // namespace authkit

template <class Tag>
struct std::hash<authkit::Id<Tag>> {
  /// Ids are random (or end in 62 random bits), so eight of their bytes are a hash.
  std::size_t operator()(const authkit::Id<Tag>& id) const noexcept {
    std::size_t value;
    std::memcpy(&value, id.bytes.data() + 8, sizeof value);
    return value;
  }
};
