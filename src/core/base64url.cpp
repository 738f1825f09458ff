#include "core/base64url.hpp"

#include "core/base64url_avx2.hpp"
#include "core/digest.hpp"
#include "core/secret.hpp"

#include <algorithm>
#include <array>

namespace authkit::base64url {
namespace {

constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The two characters of each 12 bits.
constexpr auto pairs = [] {
  std::array<std::array<char, 2>, 4096> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = {alphabet[i >> 6], alphabet[i & 63]};
  return table;
}();

constexpr std::uint32_t bad = 1U << 31;

/// What a character stands for, at each of its four places in 24 bits.
constexpr auto places = [] {
  std::array<std::array<std::uint32_t, 256>, 4> table{};
  for (auto& place : table) place.fill(bad);
  for (std::uint32_t i = 0; i < 64; ++i)
    for (std::size_t place = 0; place < 4; ++place) table[place][static_cast<unsigned char>(alphabet[i])] = i << (18 - 6 * place);
  return table;
}();

std::uint32_t value_of(char c, std::size_t place) noexcept { return places[place][static_cast<unsigned char>(c)]; }

}  // namespace

void encode_to(std::span<const std::uint8_t> in, char* out) noexcept {
  const Progress done = encode_wide(in.data(), in.size(), out);
  std::size_t i = done.read;
  out += done.written;
  for (; i + 3 <= in.size(); i += 3) {
    const std::uint32_t v = static_cast<std::uint32_t>(in[i]) << 16 | static_cast<std::uint32_t>(in[i + 1]) << 8 | in[i + 2];
    out = std::copy_n(pairs[v >> 12].data(), 2, out);
    out = std::copy_n(pairs[v & 0xfff].data(), 2, out);
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
  bool good = true;
  const Progress done = decode_wide(in.data(), in.size(), out, good);
  std::size_t i = done.read;
  out += done.written;
  std::uint32_t seen = 0;  // one test at the end instead of one a character
  for (; i + 4 <= in.size(); i += 4) {
    const std::uint32_t v = value_of(in[i], 0) | value_of(in[i + 1], 1) | value_of(in[i + 2], 2) | value_of(in[i + 3], 3);
    seen |= v;
    *out++ = static_cast<std::uint8_t>(v >> 16);
    *out++ = static_cast<std::uint8_t>(v >> 8);
    *out++ = static_cast<std::uint8_t>(v);
  }
  if (in.size() - i >= 2) {
    std::uint32_t v = value_of(in[i], 0) | value_of(in[i + 1], 1);
    *out++ = static_cast<std::uint8_t>(v >> 16);
    if (in.size() - i == 3) {
      v |= value_of(in[i + 2], 2);
      *out = static_cast<std::uint8_t>(v >> 8);
    }
    seen |= v;
    if ((v & (in.size() - i == 3 ? 0xffU : 0xffffU)) != 0) return false;
  }
  return good && (seen & bad) == 0;
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
