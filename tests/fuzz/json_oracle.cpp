#include "json_oracle.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace authkit::fuzz {
namespace {

bool is_strict_below(const json::Value& value) {
  if (value.kind == json::Kind::number) return std::isfinite(number_of(value));
  const bool items = std::all_of(value.items.begin(), value.items.end(), is_strict_below);
  return items && std::all_of(value.members.begin(), value.members.end(), [](const json::Member& member) {
           return member.name.size() <= 128 && member.name.find('\0') == std::string::npos && is_strict_below(member.value);
         });
}

}  // namespace

bool is_strict(const json::Value& document) { return document.kind == json::Kind::object && is_strict_below(document); }

double number_of(const json::Value& value) { return std::strtod(value.text.c_str(), nullptr); }

bool has_extreme_number(const json::Value& value) {
  if (value.kind == json::Kind::number) {
    // Also a zero: that of "0e400" comes out of a reader as no number.
    const std::size_t exponent = value.text.find_first_of("eE");
    const bool is_far = exponent != std::string::npos && std::strtol(value.text.c_str() + exponent + 1, nullptr, 10) > 307;
    return is_far || std::abs(number_of(value)) > 1e307;
  }
  return std::any_of(value.items.begin(), value.items.end(), has_extreme_number) ||
         std::any_of(value.members.begin(), value.members.end(), [](const json::Member& member) { return has_extreme_number(member.value); });
}

}  // namespace authkit::fuzz
