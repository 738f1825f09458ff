#include "core/url.hpp"

#include "core/hex.hpp"
#include "core/text.hpp"
#include "core/try.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace authkit {
namespace {

Error bad(std::string_view why) { return {Errc::config_invalid, fmt::format("URL: {}", why)}; }

bool is_alpha(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

Result<std::string> decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    std::array<std::uint8_t, 1> byte{};
    if (!hex::decode(text.substr(i + 1, 2), byte)) return bad("a '%' is not followed by two hexadecimal digits (write '%' itself as %25)");
    out.push_back(static_cast<char>(byte[0]));
    i += 2;
  }
  if (!valid_utf8(out) || has_control(out)) return bad("it holds control characters or no UTF-8");
  return out;
}

/// Leaves what reads the same in every part of a URL, and `also`.
std::string encode(std::string_view text, std::string_view also) {
  std::string out;
  for (const char c : text) {
    const bool plain = is_alpha(c) || is_digit(c) || std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain || also.find(c) != std::string_view::npos) {
      out.push_back(c);
    } else {
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

Result<std::string> parse_scheme(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool fits = is_alpha(c) || (!out.empty() && (is_digit(c) || c == '+' || c == '-' || c == '.'));
    if (!fits) return bad("it must start with a scheme such as \"sqlite:\"");
    out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
  }
  if (out.empty()) return bad("it must start with a scheme such as \"sqlite:\"");
  return out;
}

Result<void> parse_query(std::string_view text, std::map<std::string, std::string>& out) {
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
    const std::size_t equals = pair.find('=');
    if (equals == 0 || equals == std::string_view::npos) return bad("its query must be name=value, joined by '&'");
    AUTHKIT_TRY_ASSIGN(std::string name, decode(pair.substr(0, equals)));
    AUTHKIT_TRY_ASSIGN(std::string value, decode(pair.substr(equals + 1)));
    if (!out.emplace(std::move(name), std::move(value)).second) return bad("its query names one thing twice");
  }
  return {};
}

/// An address as it stands between '[' and ']', with a zone or without.
bool is_ipv6(std::string_view host) noexcept {
  const std::string_view address = host.substr(0, host.find('%'));
  return address.find(':') != std::string_view::npos && address.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
}

Result<void> parse_host(std::string_view text, Url& url) {
  if (text.find(',') != std::string_view::npos) {  // each with a port of its own
    AUTHKIT_TRY_ASSIGN(url.host, decode(text));
    return {};
  }
  std::string_view host = text, rest;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return bad("a '[' of an IPv6 address is not closed");
    host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
  } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    rest = text.substr(colon);
  }
  if (!rest.empty()) {
    url.port = rest.substr(1);
    const bool digits = std::all_of(url.port.begin(), url.port.end(), is_digit);
    if (rest.front() != ':' || !digits || url.port.size() > 5 || (!url.port.empty() && std::stoul(url.port) > 65535))
      return bad("its port must be a number up to 65535 (in a user or password, write ':' as %3A and '/' as %2F)");
  }
  AUTHKIT_TRY_ASSIGN(url.host, decode(host));
  const bool has_marks = text.starts_with('[') || url.host.find_first_of(",:[]") != std::string::npos;
  if (has_marks && !is_ipv6(url.host)) return bad("only an IPv6 address stands between '[' and ']', and no other host holds one of \",:[]\"");
  return {};
}

Result<void> parse_authority(std::string_view text, Url& url) {
  const std::size_t at = text.find('@');
  if (at != text.rfind('@')) return bad("it has more than one '@' (in a user or password, write it as %40)");
  if (at != std::string_view::npos) {
    const std::string_view user = text.substr(0, at);
    const std::size_t colon = std::min(user.find(':'), user.size());
    AUTHKIT_TRY_ASSIGN(url.user, decode(user.substr(0, colon)));
    AUTHKIT_TRY_ASSIGN(url.password, decode(user.substr(std::min(colon + 1, user.size()))));
    text.remove_prefix(at + 1);
  }
  return parse_host(text, url);
}

/// Query values that people need to see and that can never be a secret.
bool harmless(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 11> names{"application_name", "connect_timeout",      "db",     "gssencmode", "host", "mode", "port", "role",
                                                   "sslmode",          "target_session_attrs", "timeout"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
  if (text.find('#') != std::string_view::npos) return bad("it has a '#' (write it as %23)");
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return bad("it must start with a scheme such as \"sqlite:\"");

  Url url;
  AUTHKIT_TRY_ASSIGN(url.scheme, parse_scheme(text.substr(0, colon)));
  text.remove_prefix(colon + 1);
  if (const std::size_t question = text.find('?'); question != std::string_view::npos) {
    AUTHKIT_TRY(parse_query(text.substr(question + 1), url.query));
    text = text.substr(0, question);
  }
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    const std::size_t slash = std::min(text.find('/'), text.size());
    AUTHKIT_TRY(parse_authority(text.substr(0, slash), url));
    text.remove_prefix(slash);
  }
  AUTHKIT_TRY_ASSIGN(url.path, decode(text));
  return url;
}

std::string Url::redacted() const {
  std::string out = scheme + ':';
  const bool with_authority = !host.empty() || !user.empty() || !password.empty() || !port.empty() || path.starts_with("//");
  if (with_authority) {
    out += "//" + encode(user, "");
    if (!password.empty()) out += ":***";
    if (!user.empty() || !password.empty()) out.push_back('@');
    out += is_ipv6(host) ? '[' + encode(host, ":") + ']' : encode(host, ",:[]");
    if (!port.empty()) out += ':' + port;
  }
  out += encode(path, "/:@");
  char separator = '?';
  for (const auto& [name, value] : query) {
    out += std::exchange(separator, '&') + encode(name, "") + '=' + (harmless(name) ? encode(value, "/:") : "***");
  }
  return out;
}

}  // namespace authkit
