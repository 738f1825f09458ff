#pragma once

#include "authkit/types.hpp"

#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace authkit {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

/// "debug", "info", "warning" (or "warn"), "error" (or "critical", "fatal"), in any case.
std::optional<LogLevel> parse_log_level(std::string_view text) noexcept;

/// One member of a log line. Values from outside belong here, never into the message text.
struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, bool> value;
};

/// Receives one finished JSON object a call, without a newline. Must be callable from any thread and must not throw.
using LogSink = std::function<void(LogLevel, std::string_view json)>;

/// Writes one JSON object per event: {"time","level","message",...fields}. Control characters are escaped, so nothing can forge a line.
///
/// Thread safety: any. Errors: none; a sink that fails loses its line.
class Logger {
 public:
  /// The default sink writes lines to standard error.
  explicit Logger(LogLevel threshold = LogLevel::info, LogSink sink = {}, Clock clock = system_now);

  bool enabled(LogLevel level) const noexcept { return level >= threshold_; }
  /// `message` is a constant of the program.
  void write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {}) const;
  void write(LogLevel level, std::string_view message, const std::vector<LogField>& fields) const;

 private:
  void emit(LogLevel level, std::string_view message, std::span<const LogField> fields) const;
  LogLevel threshold_;
  std::shared_ptr<const LogSink> sink_;
  Clock clock_;
};

}  // namespace authkit
