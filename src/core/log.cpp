#include "authkit/log.hpp"

#include "authkit/json.hpp"

#include "core/json.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <unistd.h>
#include <utility>

namespace authkit {
namespace {

constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warning", "error"};

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

/// One write() a line: lines of several threads and processes do not mix.
void to_standard_error(LogLevel, std::string_view json) {
  std::string line(json);
  line.push_back('\n');
  while (::write(STDERR_FILENO, line.data(), line.size()) < 0 && errno == EINTR) {
  }
}

void append_value(std::string& out, const decltype(LogField::value)& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    json::quote_to(out, *text);
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    out += std::to_string(*number);
  } else {
    out += std::get<bool>(value) ? "true" : "false";
  }
}

std::string render(LogLevel level, Time now, std::string_view message, std::span<const LogField> fields) {
  std::string out = "{\"time\":";
  json::quote_to(out, to_rfc3339(now));
  out += ",\"level\":";
  json::quote_to(out, level_names[static_cast<std::size_t>(level)]);
  out += ",\"message\":";
  json::quote_to(out, message);
  for (const LogField& field : fields) {
    out.push_back(',');
    json::quote_to(out, field.name);
    out.push_back(':');
    append_value(out, field.value);
  }
  out.push_back('}');
  return out;
}

}  // namespace

std::optional<LogLevel> parse_log_level(std::string_view text) noexcept {
  constexpr std::array<std::pair<std::string_view, LogLevel>, 7> spellings{{{"debug", LogLevel::debug},
                                                                            {"info", LogLevel::info},
                                                                            {"warning", LogLevel::warning},
                                                                            {"warn", LogLevel::warning},
                                                                            {"error", LogLevel::error},
                                                                            {"critical", LogLevel::error},
                                                                            {"fatal", LogLevel::error}}};
  for (const auto& [spelling, level] : spellings) {
    if (std::equal(text.begin(), text.end(), spelling.begin(), spelling.end(), [](char a, char b) { return lower(a) == b; })) return level;
  }
  return std::nullopt;
}

Logger::Logger(LogLevel threshold, LogSink sink, Clock clock)
    : threshold_(threshold), sink_(std::make_shared<const LogSink>(sink ? std::move(sink) : LogSink(to_standard_error))), clock_(std::move(clock)) {}

void Logger::write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) const {
  emit(level, message, {fields.begin(), fields.size()});
}

void Logger::write(LogLevel level, std::string_view message, const std::vector<LogField>& fields) const { emit(level, message, fields); }

void Logger::emit(LogLevel level, std::string_view message, std::span<const LogField> fields) const {
  if (!enabled(level)) return;
  try {
    (*sink_)(level, render(level, clock_(), message, fields));
  } catch (...) {  // a log line is never worth the call it reports on
  }
}

}  // namespace authkit
