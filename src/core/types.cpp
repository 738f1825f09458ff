#include "authkit/types.hpp"

#include "core/base64url.hpp"
#include "core/hex.hpp"

#include <algorithm>
#include <array>

namespace authkit {
namespace {

template <class IdType>
std::optional<IdType> parse_base64url(std::string_view text) noexcept {
  IdType id;
  if (text.size() != base64url::encoded_size(id.bytes.size()) || !base64url::decode_to(text, id.bytes.data())) return std::nullopt;
  return id;
}

/// The digits of a UUID between its dashes (RFC 9562 section 4).
struct Group {
  std::size_t at, size;
};
constexpr Group groups[] = {{0, 8}, {9, 4}, {14, 4}, {19, 4}, {24, 12}};

}  // namespace

Time system_now() noexcept { return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

std::string to_text(const UserId& id) {
  const std::string digits = hex::encode(id.bytes);
  std::string out(36, '-');
  std::size_t from = 0;
  for (const Group& group : groups) {
    digits.copy(out.data() + group.at, group.size, from);
    from += group.size;
  }
  return out;
}

std::string to_text(const SessionId& id) { return base64url::encode(id.bytes); }
std::string to_text(const TokenId& id) { return base64url::encode(id.bytes); }

std::optional<UserId> parse_user_id(std::string_view text) noexcept {
  if (text.size() != 36) return std::nullopt;
  std::array<char, 32> digits;
  char* to = digits.data();
  for (const Group& group : groups) {
    if (group.at > 0 && text[group.at - 1] != '-') return std::nullopt;
    to = std::copy_n(text.data() + group.at, group.size, to);
  }
  char common = 0x20;  // the bit that upper-case letters lack: one spelling only
  for (const char c : text) common = static_cast<char>(common & c);
  UserId id;
  if (common == 0 || !hex::decode({digits.data(), digits.size()}, id.bytes)) return std::nullopt;
  return id;
}

std::optional<SessionId> parse_session_id(std::string_view text) noexcept { return parse_base64url<SessionId>(text); }

}  // namespace authkit
