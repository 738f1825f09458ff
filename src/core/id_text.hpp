#pragma once

#include "authkit/types.hpp"

#include <cstddef>

namespace authkit {

/// Characters of an id's text form.
template <class IdType>
inline constexpr std::size_t text_size = 22;  // base64url of 16 bytes
template <>
inline constexpr std::size_t text_size<UserId> = 36;  // RFC 9562 section 4

/// Writes that many characters, which is what to_text() returns; where they end.
char* write_text(const UserId& id, char* out) noexcept;
char* write_text(const SessionId& id, char* out) noexcept;
char* write_text(const TokenId& id, char* out) noexcept;

}  // namespace authkit
