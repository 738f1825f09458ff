#include "core/hex.hpp"

#include <array>

namespace authkit::hex {
namespace {

constexpr std::string_view digits = "0123456789abcdef";
constexpr std::uint8_t bad = 0x80;

constexpr auto values = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(bad);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const auto digit = static_cast<unsigned char>(digits[i]);
    table[digit] = static_cast<std::uint8_t>(i);
    if (digit >= 'a') table[digit - 'a' + 'A'] = table[digit];
  }
  return table;
}();

std::uint8_t value_of(char c) noexcept { return values[static_cast<unsigned char>(c)]; }

}  // namespace

void encode_to(std::span<const std::uint8_t> bytes, char* out) noexcept {
  for (const std::uint8_t byte : bytes) {
    *out++ = digits[byte >> 4];
    *out++ = digits[byte & 15];
  }
}

std::string encode(std::span<const std::uint8_t> bytes) {
  std::string out(bytes.size() * 2, '\0');
  encode_to(bytes, out.data());
  return out;
}

bool decode(std::string_view text, std::span<std::uint8_t> out) noexcept {
  if (text.size() != out.size() * 2) return false;
  std::uint8_t seen = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint8_t high = value_of(text[2 * i]), low = value_of(text[2 * i + 1]);
    seen = static_cast<std::uint8_t>(seen | high | low);
    out[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return (seen & bad) == 0;
}

}  // namespace authkit::hex
