#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

/// The characters and small forms of HTTP (RFC 9110, RFC 9112, RFC 3986), each in one spelling.
namespace authkit::server::lexer {

enum Class : std::uint8_t { token = 1, value = 2, path = 4, query = 8, host = 16, hex = 32, digit = 64, upper = 128 };

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  const auto mark = [&](std::string_view characters, int bits) {
    for (const char c : characters) {
      auto& entry = classes[static_cast<unsigned char>(c)];
      entry = static_cast<std::uint8_t>(entry | bits);
    }
  };
  mark("0123456789", token | path | host | hex | digit);
  mark("ABCDEFGHIJKLMNOPQRSTUVWXYZ", token | path | host | upper);
  mark("abcdefghijklmnopqrstuvwxyz", token | path | host);
  mark("ABCDEFabcdef", hex);
  mark("!#$%&'*+-.^_`|~", token);
  mark("-._~", path | host);
  mark("!$&'()*+,;=:@/", path);
  for (int c = 0x20; c < 0x100; ++c) {
    auto& entry = classes[static_cast<std::size_t>(c)];
    if (c != 0x7f) entry = static_cast<std::uint8_t>(entry | value);
    if (c > 0x20 && c < 0x7f && c != '#') entry = static_cast<std::uint8_t>(entry | query);
  }
  classes['\t'] = static_cast<std::uint8_t>(classes['\t'] | value);
  return classes;
}

inline constexpr std::array<std::uint8_t, 256> classes = make_classes();

constexpr bool is(char c, Class kind) noexcept { return (classes[static_cast<unsigned char>(c)] & kind) != 0; }
constexpr bool all(std::string_view text, Class kind) noexcept {
  for (const char c : text) {
    if (!is(c, kind)) return false;
  }
  return true;
}

constexpr bool is_upper(char c) noexcept { return is(c, upper); }
constexpr bool is_hex(char c) noexcept { return is(c, hex); }
constexpr bool is_digits(std::string_view text) noexcept { return all(text, digit); }
constexpr bool is_token(std::string_view text) noexcept { return !text.empty() && all(text, token); }
constexpr bool is_field_value(std::string_view text) noexcept { return all(text, value); }
constexpr bool is_query(std::string_view text) noexcept { return all(text, query); }
/// Methods are case-sensitive, and all that exist are capitals.
constexpr bool is_method(std::string_view text) noexcept { return !text.empty() && text.size() <= 16 && all(text, upper); }

/// A path whose segments mean what they say: no "." or ".." (encoded or not), no encoded slash, backslash or control character.
constexpr bool is_plain_path(std::string_view text) noexcept {
  std::size_t dots = 0;
  std::size_t others = 0;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    const bool ends = at == text.size() || text[at] == '/';
    if (ends && others == 0 && (dots == 1 || dots == 2)) return false;
    if (ends) {
      dots = others = 0;
      continue;
    }
    char c = text[at];
    if (c == '%') {
      if (text.size() - at < 3 || !is_hex(text[at + 1]) || !is_hex(text[at + 2])) return false;
      unsigned code = 0;
      for (const char h : text.substr(at + 1, 2)) code = code * 16 + static_cast<unsigned>(is(h, digit) ? h - '0' : (h | 0x20) - 'a' + 10);
      if (code < 0x20 || code == 0x7f || code == '/' || code == '\\') return false;
      c = static_cast<char>(code);
      at += 2;
    } else if (!is(c, path)) {
      return false;
    }
    ++(c == '.' ? dots : others);
  }
  return true;
}

/// A host name, IPv4 address or bracketed IPv6 address, with an optional port.
constexpr bool is_host(std::string_view text) noexcept {
  std::size_t end = 0;
  if (text.starts_with('[')) {
    end = text.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    for (const char c : text.substr(1, end - 1)) {
      if (!is_hex(c) && c != ':' && c != '.') return false;
    }
    ++end;
  } else {
    end = text.find(':');
    if (end == std::string_view::npos) end = text.size();
    if (end == 0 || end > 255 || !all(text.substr(0, end), host)) return false;
  }
  const std::string_view port = text.substr(end);
  return port.empty() || (port.size() >= 2 && port.size() <= 6 && port.front() == ':' && is_digits(port.substr(1)));
}

}  // namespace authkit::server::lexer
