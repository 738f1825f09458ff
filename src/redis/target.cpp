#include "redis/target.hpp"

#include "core/try.hpp"
#include "core/url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace authkit::redis {
namespace {

constexpr std::string_view default_port = "6379", sentinel_port = "26379";
constexpr std::size_t most_endpoints = 64;
constexpr unsigned most_databases = 65'536;

Error bad(std::string_view why) { return {Errc::config_invalid, fmt::format("Redis URL: {}", why)}; }

Result<unsigned> parse_number(std::string_view text, unsigned most, std::string_view what) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > most) return bad(fmt::format("{} must be a number up to {}", what, most));
  return number;
}

Result<void> take_database(std::string_view text, Target& target) {
  if (text.empty()) return {};
  AUTHKIT_TRY_ASSIGN(target.database, parse_number(text, most_databases, "its database"));
  if (target.cluster && target.database != 0) return bad("a cluster has database 0 only");
  return {};
}

Result<void> take_query(const Url& url, Target& target) {
  for (const auto& [name, value] : url.query) {
    if (name == "db" && target.endpoints.front().host.empty()) {
      AUTHKIT_TRY(take_database(value, target));
    } else if (name == "sentinel_user" && !target.master_name.empty()) {
      target.sentinel_user = value;
    } else if (name == "sentinel_password" && !target.master_name.empty()) {
      target.sentinel_password = value;
    } else if (!target.tls) {
      return bad("its query has a parameter that is not taken here");
    } else if (name == "ca_file") {
      target.ca_file = value;
    } else if (name == "cert_file") {
      target.cert_file = value;
    } else if (name == "key_file") {
      target.key_file = value;
    } else if (name == "sentinel_tls" && !target.master_name.empty() && (value == "on" || value == "off")) {
      target.sentinel_tls = value == "on";
    } else if (name == "verify" && (value == "full" || value == "none")) {
      target.verify = value == "full";
    } else {
      return bad("its query may name ca_file, cert_file, key_file and verify (full or none)");
    }
  }
  if (!target.sentinel_user.empty() && target.sentinel_password.empty()) return bad("sentinel_user needs sentinel_password");
  if (target.cert_file.empty() != target.key_file.empty()) return bad("cert_file and key_file go together");
  return {};
}

Result<Endpoint> endpoint_of(std::string_view text, std::string_view usual_port) {
  std::string_view host = text, port = usual_port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || (end + 1 < text.size() && text[end + 1] != ':')) return bad("a '[' of an IPv6 address is not closed");
    host = text.substr(1, end - 1);
    if (end + 1 < text.size()) port = text.substr(end + 2);
  } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  if (host.empty() || host.find_first_of("[]") != std::string_view::npos) return bad("a host has no name");
  AUTHKIT_TRY_ASSIGN(const unsigned number, parse_number(port, 65535, "a port"));
  return Endpoint{std::string(host), std::to_string(number), {}};
}

Result<void> take_hosts(const Url& url, bool several, std::string_view usual_port, Target& target) {
  if (url.host.find(',') == std::string::npos) {
    target.endpoints.push_back({url.host.empty() ? "127.0.0.1" : url.host, std::string(url.port.empty() ? usual_port : url.port), {}});
    return {};
  }
  if (!several) return bad("it must name one server (redis+cluster:// and redis+sentinel:// take several)");
  for (std::string_view rest = url.host; !rest.empty();) {
    const std::string_view one = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    AUTHKIT_TRY_ASSIGN(Endpoint endpoint, endpoint_of(one, usual_port));
    target.endpoints.push_back(std::move(endpoint));
  }
  if (target.endpoints.size() > most_endpoints) return bad(fmt::format("it names more than {} servers", most_endpoints));
  return {};
}

/// "/master-name" or "/master-name/database".
Result<void> take_master(std::string_view path, Target& target) {
  path.remove_prefix(std::min<std::size_t>(1, path.size()));
  const std::size_t end = std::min(path.find('/'), path.size());
  target.master_name = path.substr(0, end);
  if (target.master_name.empty()) return bad("it must name the master as the sentinels do: redis+sentinel://host/name");
  return take_database(path.substr(std::min(end + 1, path.size())), target);
}

bool is_one_of(std::string_view scheme, std::string_view kind) {
  return scheme == fmt::format("redis{}", kind) || scheme == fmt::format("rediss{}", kind);
}

}  // namespace

std::string Endpoint::text() const {
  if (!socket.empty()) return socket;
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

Result<Endpoint> parse_endpoint(std::string_view text) { return endpoint_of(text, default_port); }

Result<Target> parse_target(std::string_view text) {
  AUTHKIT_TRY_ASSIGN(const Url url, Url::parse(text));
  Target target;
  target.user = url.user;
  target.password = url.password;
  if (!target.user.empty() && target.password.empty()) return bad("it names a user without a password");
  target.cluster = url.scheme.ends_with("+cluster");
  target.tls = url.scheme.starts_with("rediss");
  if (url.scheme == "unix") {
    if (url.path.empty()) return bad("it must name a socket: unix:/path");
    target.endpoints.push_back({{}, {}, url.path});
  } else if (is_one_of(url.scheme, "+sentinel")) {
    AUTHKIT_TRY(take_hosts(url, true, sentinel_port, target));
    AUTHKIT_TRY(take_master(url.path, target));
  } else if (is_one_of(url.scheme, "") || is_one_of(url.scheme, "+cluster")) {
    AUTHKIT_TRY(take_hosts(url, target.cluster, default_port, target));
    AUTHKIT_TRY(take_database(std::string_view(url.path).substr(std::min<std::size_t>(1, url.path.size())), target));
  } else {
    return bad("it must start with redis://, rediss://, unix:, redis+cluster://, redis+sentinel:// or one of the last two as rediss+");
  }
  AUTHKIT_TRY(take_query(url, target));
  return target;
}

}  // namespace authkit::redis
