#include "parameters.hpp"

#include "http.hpp"

#include <charconv>
#include <chrono>

namespace authkit::server {
namespace {

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i] == '+' ? ' ' : text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const auto first = hex_digit(text[i + 1]), second = hex_digit(text[i + 2]);
      if (!first || !second) return std::nullopt;
      c = static_cast<char>(*first << 4U | *second);
      i += 2;
    }
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) return std::nullopt;
    out.push_back(c);
  }
  return out;
}

/// Two (or four) digits at `at`.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + count, value);
  if (error != std::errc{} || end != text.data() + at + count || text[at] == '-') return std::nullopt;
  return value;
}

}  // namespace

std::optional<Time> parse_time(std::string_view text) {
  constexpr std::string_view shape = "0000-00-00T00:00:00";
  if (text.size() < shape.size() + 1 || !text.ends_with('Z')) return std::nullopt;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (shape[i] != '0' && text[i] != shape[i]) return std::nullopt;
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2), hour = digits(text, 11, 2),
             minute = digits(text, 14, 2), second = digits(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  std::string_view fraction = text.substr(shape.size(), text.size() - shape.size() - 1);
  int milliseconds = 0;
  if (!fraction.empty()) {
    if (fraction.size() != 4 || fraction[0] != '.' || !digits(fraction, 1, 3)) return std::nullopt;
    milliseconds = *digits(fraction, 1, 3);
  }
  return Time{std::chrono::sys_days{date}} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} + std::chrono::seconds{*second} +
         Duration{milliseconds};
}

Parameters::Parameters(std::string_view query) {
  if (query.empty()) return;
  split(query, '&', [&](std::string_view pair) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto name = decoded(pair.substr(0, equals));
    const auto value = decoded(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || name->empty() || name->size() > 64 || !value || value->size() > 1024) return reject("query", "Not readable");
    if (!values_.emplace(*name, Value{*value}).second) reject(*name, "Send it once");
  });
}

std::optional<std::string> Parameters::text(std::string_view name) {
  const auto at = values_.find(name);
  if (at == values_.end()) return std::nullopt;
  at->second.read = true;
  return at->second.text.empty() ? std::nullopt : std::optional(at->second.text);
}

std::optional<std::size_t> Parameters::number(std::string_view name, std::size_t min, std::size_t max) {
  const auto value = text(name);
  if (!value) return std::nullopt;
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
  if (error == std::errc{} && end == value->data() + value->size() && number >= min && number <= max) return number;
  reject(name, std::string("A whole number from ").append(std::to_string(min)).append(" to ").append(std::to_string(max)));
  return std::nullopt;
}

std::optional<Time> Parameters::time(std::string_view name) {
  const auto value = text(name);
  if (!value) return std::nullopt;
  const auto parsed = parse_time(*value);
  if (!parsed) reject(name, "A time in UTC, such as 2026-01-31T12:00:00Z");
  return parsed;
}

void Parameters::reject(std::string_view name, std::string_view detail) {
  error_.fields.push_back({std::string("/").append(name), "invalid", std::string(detail)});
}

Result<void> Parameters::finish() {
  for (const auto& [name, value] : values_)
    if (!value.read) reject(name, "There is no such parameter here");
  if (error_.fields.empty()) return {};
  return error_;
}

}  // namespace authkit::server
