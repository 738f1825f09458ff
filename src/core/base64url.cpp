#include "core/base64url.hpp"

#include "core/digest.hpp"
#include "core/secret.hpp"

#include <array>

namespace authkit::base64url {
namespace {

constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::uint8_t bad = 0x80;

constexpr std::array<std::uint8_t, 256> reverse = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(bad);
  for (std::uint8_t i = 0; i < 64; ++i) table[static_cast<unsigned char>(alphabet[i])] = i;
  return table;
}();

std::uint8_t value_of(char c) noexcept { return reverse[static_cast<unsigned char>(c)]; }

}  // namespace

void encode_to(std::span<const std::uint8_t> in, char* out) noexcept {
  std::size_t i = 0;
  for (; i + 3 <= in.size(); i += 3) {
    const std::uint32_t v = static_cast<std::uint32_t>(in[i]) << 16 | static_cast<std::uint32_t>(in[i + 1]) << 8 | in[i + 2];
    *out++ = alphabet[v >> 18];
    *out++ = alphabet[v >> 12 & 63];
    *out++ = alphabet[v >> 6 & 63];
    *out++ = alphabet[v & 63];
  }
  if (in.size() - i == 1) {
    *out++ = alphabet[in[i] >> 2];
    *out = alphabet[(in[i] & 3) << 4];
  } else if (in.size() - i == 2) {
    const std::uint32_t v = static_cast<std::uint32_t>(in[i]) << 8 | in[i + 1];
    *out++ = alphabet[v >> 10];
    *out++ = alphabet[v >> 4 & 63];
    *out = alphabet[(v & 15) << 2];
  }
}

std::string encode(std::span<const std::uint8_t> in) {
  std::string out(encoded_size(in.size()), '\0');
  encode_to(in, out.data());
  return out;
}

std::string encode(std::string_view in) { return encode(as_bytes(in)); }

bool decode_to(std::string_view in, std::uint8_t* out) noexcept {
  if (in.size() % 4 == 1) return false;
  std::size_t i = 0;
  std::uint8_t seen = 0;  // one test at the end instead of one a character
  for (; i + 4 <= in.size(); i += 4) {
    const std::uint8_t a = value_of(in[i]), b = value_of(in[i + 1]), c = value_of(in[i + 2]), d = value_of(in[i + 3]);
    seen = static_cast<std::uint8_t>(seen | a | b | c | d);
    *out++ = static_cast<std::uint8_t>(a << 2 | b >> 4);
    *out++ = static_cast<std::uint8_t>(b << 4 | c >> 2);
    *out++ = static_cast<std::uint8_t>(c << 6 | d);
  }
  if (in.size() - i >= 2) {
    const std::uint8_t a = value_of(in[i]), b = value_of(in[i + 1]);
    seen = static_cast<std::uint8_t>(seen | a | b);
    *out++ = static_cast<std::uint8_t>(a << 2 | b >> 4);
    if (in.size() - i == 2) {
      if ((b & 15) != 0) return false;
    } else {
      const std::uint8_t c = value_of(in[i + 2]);
      seen = static_cast<std::uint8_t>(seen | c);
      *out = static_cast<std::uint8_t>(b << 4 | c >> 2);
      if ((c & 3) != 0) return false;
    }
  }
  return (seen & bad) == 0;
}

std::optional<std::string> decode(std::string_view in) {
  std::string out(decoded_size(in.size()), '\0');
  if (!decode_to(in, reinterpret_cast<std::uint8_t*>(out.data()))) return std::nullopt;
  return out;
}

std::optional<std::string> decode_lenient(std::string_view in) {
  while (!in.empty() && in.back() == '=') in.remove_suffix(1);
  std::string url(in);
  const Wiper wiper(url);
  for (char& c : url) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return decode(url);
}

}  // namespace authkit::base64url
