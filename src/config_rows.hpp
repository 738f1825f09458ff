#pragma once

#include "config_options.hpp"
#include "config_values.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What rows of the option table are made with, and the groups of rows that have a file of their own.
namespace authkit::config {

// The field of an option, in a Config that may be const.
#define AUTHKIT_FIELD(path) \
  [](auto& config) -> auto& { return config.path; }

inline constexpr Duration second{1000}, minute{60'000}, hour{3'600'000}, day{86'400'000};

template <class Field>
Row duration(std::string name, Field field, Duration min, Duration max, std::string help, std::string aliases = {}) {
  Row row{std::move(name), fmt::format("duration from {} to {}", format_duration(min), format_duration(max)), std::move(help), std::move(aliases)};
  row.set = [field, min, max](Config& config, std::string_view text) -> Result<void> {
    const auto value = parse_duration(text);
    if (!value || *value < min || *value > max) return Errc::config_invalid;
    field(config) = *value;
    return {};
  };
  row.get = [field](const Config& config) { return format_duration(field(config)); };
  return row;
}

template <class Field>
Row number(std::string name, Field field, std::uint64_t min, std::uint64_t max, std::string help, std::string aliases = {}) {
  Row row{std::move(name), fmt::format("whole number from {} to {}", min, max), std::move(help), std::move(aliases)};
  row.set = [field, min, max](Config& config, std::string_view text) -> Result<void> {
    const auto value = parse_number(text);
    if (!value || *value < min || *value > max) return Errc::config_invalid;
    field(config) = static_cast<std::decay_t<decltype(field(config))>>(*value);
    return {};
  };
  row.get = [field](const Config& config) { return fmt::format("{}", field(config)); };
  return row;
}

template <class Field>
Row flag(std::string name, Field field, std::string help) {
  Row row{std::move(name), "true or false", std::move(help), {}};
  row.set = [field](Config& config, std::string_view text) -> Result<void> {
    const auto value = parse_flag(text);
    if (!value) return Errc::config_invalid;
    field(config) = *value;
    return {};
  };
  row.get = [field](const Config& config) { return std::string(field(config) ? "true" : "false"); };
  return row;
}

template <class Field>
Row rule(std::string name, Field field, std::string help) {
  Row row{std::move(name), "count/duration, such as 5/15m", std::move(help), {}};
  row.set = [field](Config& config, std::string_view text) -> Result<void> {
    const auto value = parse_rule(text);
    if (!value) return Errc::config_invalid;
    field(config) = *value;
    return {};
  };
  row.get = [field](const Config& config) { return format_rule(field(config)); };
  return row;
}

/// A text that `fits`.
template <class Field, class Check>
Row text(std::string name, Field field, std::string takes, Check fits, std::string help, std::string aliases = {}) {
  Row row{std::move(name), std::move(takes), std::move(help), std::move(aliases)};
  row.set = [field, fits](Config& config, std::string_view value) -> Result<void> {
    if (!fits(value)) return Errc::config_invalid;
    field(config) = value;
    return {};
  };
  row.get = [field](const Config& config) { return field(config); };
  return row;
}

inline bool plain_text(std::string_view value) { return !value.empty() && value.size() <= 256 && valid_utf8(value) && !has_control(value); }
inline bool path_or_nothing(std::string_view value) { return value.size() <= 4096 && value.find('\0') == std::string_view::npos; }

std::vector<Row> password_rows();
std::vector<Row> account_rows();
std::vector<Row> mail_rows();

}  // namespace authkit::config
