#include "config_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace authkit::config {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};

// Largest first: a duration is written in the largest unit that divides it. "ms" ends in "s" too, so it is looked for before.
constexpr std::array<Unit, 5> units{{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"ms", 1}, {"s", 1000}}};

}  // namespace

std::string_view trim(std::string_view text) noexcept {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::optional<std::uint64_t> parse_number(std::string_view text) noexcept {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, value);
  if (failure != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::optional<Duration> parse_duration(std::string_view text) noexcept {
  std::int64_t scale = 1000;
  for (const Unit& unit : units) {
    if (!text.ends_with(unit.name)) continue;
    text.remove_suffix(unit.name.size());
    scale = unit.milliseconds;
    break;
  }
  const auto number = parse_number(text);
  if (!number || *number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max() / scale)) return std::nullopt;
  return Duration{static_cast<std::int64_t>(*number) * scale};
}

std::string format_duration(Duration value) {
  const std::int64_t count = value.count();
  if (count == 0) return "0s";
  for (const std::string_view name : {"d", "h", "m", "s"}) {
    const Unit& unit = *std::find_if(units.begin(), units.end(), [name](const Unit& u) { return u.name == name; });
    if (count % unit.milliseconds == 0) return fmt::format("{}{}", count / unit.milliseconds, name);
  }
  return fmt::format("{}ms", count);
}

std::optional<bool> parse_flag(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (lower == "true" || lower == "yes" || lower == "on" || lower == "1") return true;
  if (lower == "false" || lower == "no" || lower == "off" || lower == "0") return false;
  return std::nullopt;
}

std::optional<LimitRule> parse_rule(std::string_view text) noexcept {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto burst = parse_number(text.substr(0, slash));
  const auto period = parse_duration(text.substr(slash + 1));
  if (!burst || !period || *burst < 1 || *burst > 1'000'000 || *period < Duration{1000} || *period > Duration{30 * 86'400'000LL}) return std::nullopt;
  return LimitRule{static_cast<std::uint32_t>(*burst), *period};
}

std::string format_rule(const LimitRule& rule) { return fmt::format("{}/{}", rule.burst, format_duration(rule.period)); }

}  // namespace authkit::config
