#pragma once

#include "authkit/config.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace authkit::config {

/// The text forms of option values: each parse_x() gives nothing for any other text, and reads back what format_x() writes.

std::string_view trim(std::string_view text) noexcept;

/// Digits only.
std::optional<std::uint64_t> parse_number(std::string_view text) noexcept;
/// "250ms", "30s", "15m", "1h", "7d"; a plain number is seconds.
std::optional<Duration> parse_duration(std::string_view text) noexcept;
std::string format_duration(Duration value);
/// true, yes, on, 1 and false, no, off, 0 in any case.
std::optional<bool> parse_flag(std::string_view text);
/// "5/15m": five at once, and five in 15 minutes.
std::optional<LimitRule> parse_rule(std::string_view text) noexcept;
std::string format_rule(const LimitRule& rule);

}  // namespace authkit::config
