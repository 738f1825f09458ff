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

template <class IdType>
char* write_base64url(const IdType& id, char* out) noexcept {
  base64url::encode_to(id.bytes, out);
  return out + text_size<IdType>;
}

template <class IdType>
std::string text_of(const IdType& id) {
  std::string out(text_size<IdType>, '\0');
  write_text(id, out.data());
  return out;
}

/// The digits of a UUID between its dashes (RFC 9562 section 4).
struct Group {
  std::size_t at, size;
};
constexpr Group groups[] = {{0, 8}, {9, 4}, {14, 4}, {19, 4}, {24, 12}};

}  // namespace

Time system_now() noexcept { return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

char* write_text(const UserId& id, char* out) noexcept {
  std::array<char, 2 * std::tuple_size_v<decltype(id.bytes)>> digits;
  hex::encode_to(id.bytes, digits.data());
  const char* from = digits.data();
  for (const Group& group : groups) {
    if (group.at > 0) *out++ = '-';
    out = std::copy_n(from, group.size, out);
    from += group.size;
  }
  return out;
}

char* write_text(const SessionId& id, char* out) noexcept { return write_base64url(id, out); }
char* write_text(const TokenId& id, char* out) noexcept { return write_base64url(id, out); }

std::string to_text(const UserId& id) { return text_of(id); }
std::string to_text(const SessionId& id) { return text_of(id); }
std::string to_text(const TokenId& id) { return text_of(id); }

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
