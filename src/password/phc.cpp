#include "password/phc.hpp"

#include "core/base64url.hpp"
#include "core/hex.hpp"

#include <algorithm>
#include <limits>

namespace authkit::password::phc {

bool take(std::string_view& rest, std::string_view literal) noexcept {
  if (!rest.starts_with(literal)) return false;
  rest.remove_prefix(literal.size());
  return true;
}

std::optional<std::uint32_t> take_number(std::string_view& rest) noexcept {
  std::uint64_t value = 0;
  std::size_t digits = 0;
  for (; digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9'; ++digits) {
    value = value * 10 + static_cast<std::uint64_t>(rest[digits] - '0');
    if (value > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  }
  if (digits == 0 || (digits > 1 && rest[0] == '0')) return std::nullopt;
  rest.remove_prefix(digits);
  return static_cast<std::uint32_t>(value);
}

std::optional<std::string> take_base64(std::string_view& rest) {
  const std::string_view field = rest.substr(0, rest.find('$'));
  if (field.find_first_of("-_") != std::string_view::npos) return std::nullopt;
  std::string text(field);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  auto bytes = base64url::decode(text);
  if (bytes) rest.remove_prefix(field.size());
  return bytes;
}

std::optional<std::string_view> take_field(std::string_view& rest, char delimiter) noexcept {
  const std::size_t end = rest.find(delimiter);
  if (end == rest.npos || end == 0) return std::nullopt;
  const std::string_view field = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return field;
}

std::optional<std::string> from_base64(std::string_view text) {
  const std::size_t padding = text.size() - std::min(text.size(), text.find_last_not_of('=') + 1);
  if (text.size() % 4 != 0 || padding > 2) return std::nullopt;
  text.remove_suffix(padding);
  auto bytes = take_base64(text);
  return text.empty() ? bytes : std::nullopt;
}

std::optional<std::string> from_hex(std::string_view text) {
  std::string bytes(text.size() / 2, '\0');
  if (!hex::decode(text, {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()})) return std::nullopt;
  return bytes;
}

std::string base64(std::string_view bytes) {
  std::string text = base64url::encode(bytes);
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  return text;
}

}  // namespace authkit::password::phc
