#include "account/canonical.hpp"

#include "authkit/account.hpp"

#include "core/text.hpp"

#include <utf8proc.h>

#include <algorithm>

namespace authkit {
namespace {

constexpr std::size_t max_email = 254;  // RFC 5321 section 4.5.3.1.3, without the angle brackets
constexpr std::size_t max_local = 64;   // RFC 5321 section 4.5.3.1.1
constexpr std::size_t max_label = 63;   // RFC 1035 section 2.3.4
constexpr std::size_t max_username = 64;

/// Letters, marks, digits, punctuation and symbols: nothing blank, invisible, private or unassigned, which would make two names look alike.
bool visible(char32_t c) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return false;
    default:
      return true;
  }
}

template <class Allowed>
bool all_of_text(std::string_view text, Allowed allowed) {
  for (char32_t c = 0; !text.empty();) {
    const std::size_t size = next_code_point(text, c);
    if (size == 0 || !allowed(c)) return false;
    text.remove_prefix(size);
  }
  return true;
}

/// No quoted strings and none of the characters that structure a header field (RFC 5322 section 3.2.3): one address stays one address.
bool valid_local(std::string_view local) {
  constexpr std::u32string_view special = U"()<>[]:;,\\\"";
  return !local.empty() && all_of_text(local, [&](char32_t c) { return visible(c) && special.find(c) == special.npos; });
}

bool valid_label(std::string_view label) {
  if (label.empty() || label.size() > max_label || label.front() == '-' || label.back() == '-') return false;
  return all_of_text(label, [](char32_t c) {
    const bool letter_digit_hyphen = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    return letter_digit_hyphen || (c >= 0x80 && visible(c));
  });
}

bool valid_domain(std::string_view domain) {
  while (true) {
    const std::size_t dot = domain.find('.');
    if (!valid_label(domain.substr(0, dot))) return false;
    if (dot == domain.npos) return true;
    domain.remove_prefix(dot + 1);
  }
}

}  // namespace

Result<std::string> canonical_email(std::string_view email) {
  if (email.size() > max_email || email.substr(0, email.find('@')).size() > max_local) return Errc::email_invalid;
  auto key = fold(email);  // the domain with the rest: folding lower-cases it
  if (!key || std::count(key->begin(), key->end(), '@') != 1) return Errc::email_invalid;
  const std::size_t at = key->find('@');
  if (!valid_local(std::string_view(*key).substr(0, at)) || !valid_domain(std::string_view(*key).substr(at + 1))) return Errc::email_invalid;
  return *std::move(key);
}

Result<std::string> canonical_username(std::string_view username) {
  const auto length = count_code_points(username);
  if (!length || *length == 0 || *length > max_username) return Errc::username_invalid;
  auto key = fold(username);
  if (!key || !all_of_text(*key, [](char32_t c) { return visible(c) && c != '@'; })) return Errc::username_invalid;
  if (parse_user_id(*key)) return Errc::username_invalid;  // it would name two accounts
  return *std::move(key);
}

std::optional<std::string> canonical_login(std::string_view login) {
  auto key = login.find('@') == login.npos ? canonical_username(login) : canonical_email(login);
  return key ? std::optional(*std::move(key)) : std::nullopt;
}

}  // namespace authkit
