#include "notify/templates.hpp"

#include "authkit/json.hpp"

#include "core/json.hpp"
#include "core/text.hpp"
#include "core/try.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace authkit {
namespace {

struct BuiltIn {
  std::string_view kind, subject, body;
};

constexpr std::string_view not_you = "\nIf this was not you, reset your password at once.\n";

// clang-format off
constexpr BuiltIn built_in[] = {
    {"verify_email", "Confirm your e-mail address",
     "Somebody signed up at {{service}} with this address. To confirm that it is yours:\n\n"
     "{{#link}}{{link}}{{/link}}\n{{^link}}Token: {{token}}{{/link}}\n\nor enter the code {{code}} where you signed up.\n\n"
     "It is good until {{expires_at}}. If you did not sign up, do nothing: without this step the account cannot be used.\n"},
    {"reset_password", "Reset your password",
     "Somebody asked to reset the password of your account at {{service}}. To choose a new one:\n\n"
     "{{#link}}{{link}}{{/link}}\n{{^link}}Token: {{token}}{{/link}}\n\nIt is good once, until {{expires_at}}. If you did not ask, do nothing.\n"},
    {"change_email", "Confirm your new e-mail address",
     "To make this the address of your account at {{service}}:\n\n{{#link}}{{link}}{{/link}}\n{{^link}}Token: {{token}}{{/link}}\n\n"
     "It is good once, until {{expires_at}}. If you did not ask for it, do nothing.\n"},
    {"email_changed", "Your e-mail address was changed",
     "Your account at {{service}} has another e-mail address from now on. If this was not you, contact the service.\n"},
    {"password_changed", "Your password was changed", "The password of your account at {{service}} was changed.\n{{not_you}}"},
    {"account_exists", "You already have an account",
     "Somebody tried to use this address at {{service}}, where it belongs to your account. If it was you, log in, or reset your password.\n"},
    {"account_closed", "Your account was closed", "Your account at {{service}} was closed. It will be removed after a while.\n"},
    {"mfa_enabled", "A second factor was added", "An authenticator app was added to your account at {{service}}.\n{{not_you}}"},
    {"mfa_disabled", "A second factor was removed", "An authenticator app was removed from your account at {{service}}.\n{{not_you}}"},
    {"recovery_code_used", "A recovery code was used", "A recovery code of your account at {{service}} was used.\n{{not_you}}"},
};
// clang-format on

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}

std::string value_of(const Message& message, std::string_view name, std::string_view service) {
  if (name == "service") return std::string(service);
  if (name == "link") return message.link;
  if (name == "token") return message.token;
  if (name == "code") return message.code;
  if (name == "to") return message.to;
  if (name == "expires_at") return message.expires_at == Time{} ? std::string() : to_rfc3339(message.expires_at);
  const auto data = json::parse(message.data);
  const json::Value* member = data ? data->find(name.substr(5)) : nullptr;
  return member == nullptr ? std::string() : member->kind == json::Kind::text ? member->text : json::write(*member);
}

bool is_known(std::string_view name) {
  constexpr std::string_view names[] = {"service", "link", "token", "code", "to", "expires_at"};
  return std::find(std::begin(names), std::end(names), name) != std::end(names) || (name.starts_with("data.") && name.size() > 5);
}

/// Calls `each(name)` for what stands in double braces and puts its answer there; false where braces do not close.
template <class Each>
std::optional<std::string> substitute(std::string_view text, Each each) {
  std::string out;
  for (std::size_t open = text.find("{{"); open != text.npos; open = text.find("{{")) {
    const std::size_t close = text.find("}}", open);
    if (close == text.npos) return std::nullopt;
    out.append(text.substr(0, open)).append(each(text.substr(open + 2, close - open - 2)));
    text.remove_prefix(close + 2);
  }
  return out.append(text);
}

/// Leaves out what is meant for the other case.
std::string choose(std::string text, bool has_link) {
  for (const auto& [open, wanted] : {std::pair{std::string_view("{{#link}}"), has_link}, {"{{^link}}", !has_link}}) {
    for (std::size_t at = text.find(open); at != std::string::npos; at = text.find(open)) {
      constexpr std::string_view end = "{{/link}}";
      const std::size_t close = text.find(end, at);
      if (close == std::string::npos) break;
      std::string inner = wanted ? text.substr(at + open.size(), close - at - open.size()) : std::string();
      std::size_t size = close + end.size() - at;
      if (!wanted && at + size < text.size() && text[at + size] == '\n') ++size;  // the line itself
      text.replace(at, size, inner);
    }
  }
  return text;
}

Result<void> check(const std::string& text, const std::string& where) {
  std::string unknown;
  const auto done = substitute(choose(text, true) + choose(text, false), [&](std::string_view name) {
    if (!is_known(name) && unknown.empty()) unknown = name;
    return std::string();
  });
  if (!done) return Error{Errc::config_invalid, where + ": a {{ without its }}"};
  if (!unknown.empty()) return Error{Errc::config_invalid, where + ": there is no {{" + unknown + "}}"};
  return {};
}

Result<Templates::Text> read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream content;
  content << file.rdbuf();
  const std::string text = replaced(content.str(), "\r\n", "\n");
  constexpr std::string_view head = "Subject: ";
  const std::size_t end = text.find('\n');
  if (!file || !text.starts_with(head) || end == std::string::npos || end == head.size() || !valid_utf8(text))
    return Error{Errc::config_invalid, path.string() + ": its first line must be \"Subject: ...\", and all of it UTF-8"};
  Templates::Text read{text.substr(head.size(), end - head.size()), text.substr(end + 1)};
  if (read.body.starts_with('\n')) read.body.erase(0, 1);
  AUTHKIT_TRY(check(read.subject, path.string()));
  AUTHKIT_TRY(check(read.body, path.string()));
  return read;
}

std::string base64(std::string_view text) {
  std::string out(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= ' ' && c < 0x7f) || c == '\n'; });
}

/// RFC 2047: one encoded word of at most 75 characters after the other, cut between code points.
std::string header_text(std::string_view text) {
  std::string clean;
  for (const char c : text.substr(0, 512)) clean.push_back(static_cast<unsigned char>(c) < ' ' || c == 0x7f ? ' ' : c);
  if (is_plain(clean) && clean.size() < 900 && clean.find("=?") == std::string::npos) return clean;
  std::string out;
  for (std::string_view rest = clean; !rest.empty();) {
    std::size_t size = std::min<std::size_t>(42, rest.size());
    while (size > 1 && size < rest.size() && (static_cast<unsigned char>(rest[size]) & 0xc0U) == 0x80U) --size;
    out.append(out.empty() ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?").append(base64(rest.substr(0, size))).append("?=");
    rest.remove_prefix(size);
  }
  return out;
}

std::string date_of(Time time) {
  constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
  return fmt::format("{}, {} {} {} {:02}:{:02}:{:02} +0000", days[std::chrono::weekday{day}.c_encoding()], static_cast<unsigned>(date.day()),
                     months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

}  // namespace

Result<Templates> Templates::load(const std::string& directory) {
  Templates templates;
  for (const BuiltIn& one : built_in) {
    Text text{std::string(one.subject), replaced(std::string(one.body), "{{not_you}}", not_you)};
    if (const auto path = std::filesystem::path(directory) / (std::string(one.kind) + ".txt"); !directory.empty() && std::filesystem::exists(path)) {
      AUTHKIT_TRY_ASSIGN(text, read_text(path));
    }
    templates.texts_.emplace(one.kind, std::move(text));
  }
  return templates;
}

Result<Templates::Text> Templates::render(const Message& message, std::string_view service) const {
  const auto text = texts_.find(message.kind);
  if (text == texts_.end()) return Error{Errc::invalid_argument, "there is no text for messages of kind " + message.kind};
  const auto fill = [&](const std::string& part) {
    return substitute(choose(part, !message.link.empty()), [&](std::string_view name) { return value_of(message, name, service); })
        .value_or(std::string());
  };
  return Text{fill(text->second.subject), fill(text->second.body)};
}

std::string mail_of(const Message& message, const Templates::Text& text, std::string_view from, Time now) {
  const std::size_t at = std::min(from.find('@'), from.size());
  const std::string domain(at < from.size() ? from.substr(at + 1) : std::string_view("localhost"));
  std::string mail = fmt::format(
      "Date: {}\r\nFrom: <{}>\r\nTo: <{}>\r\nSubject: {}\r\nMessage-ID: <{}@{}>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: "
      "1.0\r\nContent-Type: text/plain; charset=utf-8\r\n",
      date_of(now), from, message.to, header_text(text.subject), message.id, domain);
  std::size_t longest = 0, start = 0;
  for (std::size_t i = 0; i <= text.body.size(); ++i) {
    if (i < text.body.size() && text.body[i] != '\n') continue;
    longest = std::max(longest, i - start);
    start = i + 1;
  }
  if (is_plain(text.body) && longest < 990) {
    return mail.append("Content-Transfer-Encoding: 7bit\r\n\r\n").append(replaced(text.body, "\n", "\r\n"));
  }
  mail.append("Content-Transfer-Encoding: base64\r\n\r\n");
  const std::string encoded = base64(replaced(text.body, "\n", "\r\n"));
  for (std::size_t i = 0; i < encoded.size(); i += 76) mail.append(encoded, i, 76).append("\r\n");
  return mail;
}

}  // namespace authkit
