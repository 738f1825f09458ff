#include "authkit/types.hpp"

#include "core/base64url.hpp"
#include "core/hex.hpp"

namespace authkit {
namespace {

template <class IdType>
std::optional<IdType> parse_base64url(std::string_view text) noexcept {
  IdType id;
  if (text.size() != base64url::encoded_size(id.bytes.size()) || !base64url::decode_to(text, id.bytes.data())) return std::nullopt;
  return id;
}

}  // namespace

Time system_now() noexcept { return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

std::string to_text(const UserId& id) {
  const std::string digits = hex::encode(id.bytes);
  std::string out;
  out.reserve(36);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out.push_back('-');
    out.push_back(digits[i]);
  }
  return out;
}

std::string to_text(const SessionId& id) { return base64url::encode(id.bytes); }
std::string to_text(const TokenId& id) { return base64url::encode(id.bytes); }

std::optional<UserId> parse_user_id(std::string_view text) noexcept {
  if (text.size() != 36) return std::nullopt;
  char digits[32];
  std::size_t n = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i] != '-') return std::nullopt;
    } else {
      if (text[i] >= 'A' && text[i] <= 'F') return std::nullopt;  // one spelling only
      digits[n++] = text[i];
    }
  }
  UserId id;
  if (!hex::decode({digits, n}, id.bytes)) return std::nullopt;
  return id;
}

std::optional<SessionId> parse_session_id(std::string_view text) noexcept { return parse_base64url<SessionId>(text); }

}  // namespace authkit
