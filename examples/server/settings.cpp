#include "options.hpp"

#include <cstdlib>
#include <fstream>
#include <set>

namespace authkit::server {
namespace {

Error invalid(std::string detail) { return {Errc::config_invalid, std::move(detail)}; }

/// The value of a line, in the form that Config::load_file takes: in double quotes as it is, else without its comment.
Result<std::string_view> line_value(std::string_view text) {
  if (text.starts_with('"')) {
    const std::size_t end = text.find('"', 1);
    const std::string_view rest = end == std::string_view::npos ? "" : trimmed(text.substr(end + 1));
    if (end == std::string_view::npos || (!rest.empty() && rest.front() != '#')) return invalid("a value in quotes must end with its line");
    return text.substr(1, end - 1);
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '#' && (at == 0 || text[at - 1] == ' ' || text[at - 1] == '\t')) return trimmed(text.substr(0, at));
  }
  return text;
}

Result<void> load_line(std::string_view line, std::set<std::string>& seen, Settings& settings) {
  line = trimmed(line.substr(0, line.find('\r')));
  if (line.empty() || line.front() == '#') return {};
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return invalid("a line is name = value");
  const std::string name(trimmed(line.substr(0, equals)));
  const Result<std::string_view> value = line_value(trimmed(line.substr(equals + 1)));
  if (!value) return value.error();
  if (Result<void> done = settings.set(name, *value); !done) return done;
  return seen.insert(name).second ? Result<void>() : invalid(name + " is there twice");
}

/// The variable of an option, else its first alias that is set.
const char* variable_of(const Option& option, std::string& name) {
  const char* value = nullptr;
  split(std::string(option.env).append(",").append(option.aliases), ',', [&](std::string_view candidate) {
    if (value != nullptr || candidate.empty()) return;
    name = candidate;
    const char* found = std::getenv(name.c_str());
    if (found != nullptr && *found != '\0') value = found;
  });
  return value;
}

}  // namespace

Result<void> Settings::set(std::string_view name, std::string_view value) {
  Result<void> done = name.starts_with("http.") ? server.set(name, value) : config.set(name, value);
  if (done || done.error().detail.find(name) != std::string::npos) return done;
  return invalid(std::string(name) + ": " + done.error().detail);
}

Result<void> Settings::load_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return invalid("the configuration file " + path + " cannot be read");
  std::set<std::string> seen;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    if (Result<void> done = load_line(line, seen, *this); !done) return invalid(path + ":" + std::to_string(number) + ": " + done.error().detail);
  }
  return file.bad() ? invalid("the configuration file " + path + " cannot be read") : Result<void>();
}

Result<void> Settings::load_environment() {
  if (Result<void> done = config.load_env(); !done) return done;
  for (const Option& option : server_options()) {
    std::string name;
    const char* value = variable_of(option, name);
    if (value == nullptr) continue;
    if (Result<void> done = server.set(option.name, value); !done) return invalid(name + " is not valid: " + done.error().detail);
  }
  return {};
}

}  // namespace authkit::server
