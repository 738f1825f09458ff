#include "authkit/config.hpp"

#include "config_options.hpp"
#include "config_values.hpp"
#include "core/secret.hpp"
#include "core/try.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>

namespace authkit {
namespace {

using config::Row;

Error invalid(std::string detail) { return {Errc::config_invalid, std::move(detail)}; }

std::string_view variable(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  return value == nullptr ? std::string_view() : std::string_view(value);
}

/// The alias says its unit by its name, and its value is a bare number.
Result<std::string> with_unit(std::string_view alias, std::string_view value) {
  const std::string_view unit = alias.ends_with("_MINUTES") ? "m" : alias.ends_with("_DAYS") ? "d" : "";
  if (!unit.empty() && !config::parse_number(value)) return invalid("a whole number is expected");
  return std::string(value) + std::string(unit);
}

Result<void> adopt(const Row& row, std::string_view alias, std::string_view raw, Config& config) {
  AUTHKIT_TRY_ASSIGN(std::string value, with_unit(alias, raw));
  const Wiper wiper(value);
  return row.adopt ? row.adopt(config, value) : row.set(config, value);
}

Result<void> blame(std::string_view variable, Result<void> outcome) {
  if (outcome) return {};
  return invalid(fmt::format("{} is not valid: {}", variable, outcome.error().detail));
}

/// The value of the row's variable, else of the first alias that is set.
Result<void> load_variable(const Row& row, Config& config) {
  if (const auto value = variable(row.env); !value.empty()) return blame(row.env, row.assign(config, value));
  for (std::string_view rest = row.aliases; !rest.empty();) {
    const std::string_view alias = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(alias.size() + 1, rest.size()));
    if (const auto value = variable(alias); !value.empty()) return blame(alias, row.named(adopt(row, alias, value, config)));
  }
  return {};
}

/// The value of a line: in double quotes as it is, else without its comment.
Result<std::string_view> line_value(std::string_view text) {
  if (text.starts_with('"')) {
    const std::size_t end = text.find('"', 1);
    const std::string_view rest = end == std::string_view::npos ? "" : config::trim(text.substr(end + 1));
    if (end == std::string_view::npos || (!rest.empty() && rest.front() != '#')) return invalid("a value in quotes must end with its line");
    return text.substr(1, end - 1);
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '#' && (i == 0 || text[i - 1] == ' ' || text[i - 1] == '\t')) return config::trim(text.substr(0, i));
  }
  return text;
}

Result<void> load_line(std::string_view line, std::set<std::string>& seen, Config& config) {
  line = config::trim(line);
  if (line.empty() || line.front() == '#') return {};
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return invalid("a line is name = value");
  const std::string name(config::trim(line.substr(0, equals)));
  AUTHKIT_TRY_ASSIGN(const std::string_view value, line_value(config::trim(line.substr(equals + 1))));
  AUTHKIT_TRY(config.set(name, value));
  if (!seen.insert(name).second) return invalid(name + " is there twice");
  return {};
}

Result<void> check_token_secret(const Config& config) {
  if (config.token_secret.empty()) return {};
  if (!config::is_hmac(config.token_algorithm))
    return invalid(fmt::format("token.secret: only with an HS algorithm, token.algorithm is {}", to_text(config.token_algorithm)));
  const std::size_t least = config.token_allow_short_secret ? 16 : config::digest_size(config.token_algorithm);
  if (config.token_secret.size() < least)
    return invalid(fmt::format("token.secret: {} takes at least {} bytes (RFC 7518 section 3.2); token.allow_short_secret admits 16",
                               to_text(config.token_algorithm), config::digest_size(config.token_algorithm)));
  return {};
}

}  // namespace

Result<void> Config::set(std::string_view name, std::string_view value) {
  const Row* row = config::find(name);
  if (row == nullptr) return invalid("no option has this name");
  return row->assign(*this, value);
}

Result<std::string> Config::get(std::string_view name) const {
  const Row* row = config::find(name);
  if (row == nullptr) return invalid("no option has this name");
  std::string value = row->get(*this);
  if (row->secret) return std::string(value.empty() ? "" : "***");
  return row->show ? row->show(value) : value;
}

Result<void> Config::load_env() {
  Config next = *this;
  for (const Row& row : config::table()) AUTHKIT_TRY(load_variable(row, next));
  *this = std::move(next);
  return {};
}

Result<Config> Config::from_env() {
  Config config;
  AUTHKIT_TRY(config.load_env());
  return config;
}

Result<void> Config::load_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return invalid(path + " cannot be read");
  Config next = *this;
  std::set<std::string> seen;
  std::string line;
  const Wiper wiper(line);
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    if (auto done = load_line(line, seen, next); !done) return invalid(fmt::format("{}:{}: {}", path, number, done.error().detail));
  }
  if (file.bad()) return invalid(path + " cannot be read");
  *this = std::move(next);
  return {};
}

Result<void> Config::validate() const {
  Config scratch;
  const Wiper key(scratch.master_key), secret(scratch.token_secret);
  for (const Row& row : config::table()) {
    std::string value = row.get(*this);
    const Wiper wiper(value);
    AUTHKIT_TRY(row.assign(scratch, value));
  }
  AUTHKIT_TRY(check_token_secret(*this));
  if (session.idle_lifetime > session.absolute_lifetime) return invalid("session.idle_lifetime: it takes at most session.absolute_lifetime");
  if (session.touch_interval >= session.idle_lifetime) return invalid("session.touch_interval: it takes less than session.idle_lifetime");
  if (token.access_lifetime > session.idle_lifetime) return invalid("token.access_lifetime: it takes at most session.idle_lifetime");
  if (revocation.staleness_bound < 2 * revocation.poll_interval)
    return invalid("revocation.staleness_bound: it takes at least twice revocation.poll_interval");
  if (password.memory_budget != 0 && password.memory_budget / 1024 < password.memory_kib)
    return invalid("password.memory_budget: it takes at least password.memory_kib x 1024");
  if (redis.url.empty() && (redis.sessions == "redis" || redis.limits == "redis" || redis.revocations == "redis"))
    return invalid("redis.url: session.store, limit.store and revocation.store = redis take a URL here");
  if (!clock) return invalid("clock: it takes a function");
  return {};
}

const std::vector<Option>& options() {
  static const std::vector<Option> all = [] {
    std::vector<Option> out;
    for (const Row& row : config::table()) out.push_back({row.name, row.env, row.aliases, row.takes, row.help, row.secret});
    return out;
  }();
  return all;
}

}  // namespace authkit
