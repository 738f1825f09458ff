#pragma once

#include "authkit/result.hpp"

#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace authkit::redis {

/// Where one server listens.
struct Endpoint {
  std::string host;    ///< a name or an address; IPv6 without brackets
  std::string port;    ///< digits
  std::string socket;  ///< path of a Unix socket; host and port are then empty

  bool operator==(const Endpoint&) const = default;
  bool operator<(const Endpoint& other) const { return std::tie(host, port, socket) < std::tie(other.host, other.port, other.socket); }
  /// For people: "host:port", "[::1]:6379" or the path.
  std::string text() const;
};

/// "host", "host:port", "[::1]:port", with 6379 where no port is named. Errors: Errc::config_invalid, which never repeats the text.
Result<Endpoint> parse_endpoint(std::string_view text);

/// What a URL names, and how to get in.
struct Target {
  std::vector<Endpoint> endpoints;  ///< one, or with `cluster` those to ask for the others, or with `master_name` the sentinels
  bool cluster = false;
  std::string master_name;  ///< what Redis Sentinel calls the master to go to; empty = no sentinels
  bool tls = false;
  bool verify = true;                            ///< the certificate and its name
  std::string ca_file;                           ///< PEM; empty = the system's list
  std::string cert_file;                         ///< PEM, the client's own; empty = none
  std::string key_file;                          ///< PEM
  std::string user;                              ///< empty = the default user
  std::string password;                          ///< empty = no AUTH
  std::string sentinel_user, sentinel_password;  ///< of the sentinels themselves
  bool sentinel_tls = true;                      ///< with `tls`: whether the sentinels speak it, too
  unsigned database = 0;
};

/// redis://[user:password@]host[:port][/database], rediss:// for TLS, unix:/path, redis+cluster://host,host and rediss+cluster://,
/// redis+sentinel://host,host/master-name[/database] and rediss+sentinel://, whose user and password are those of the master. In the query: ca_file,
/// cert_file, key_file, verify=none; for unix: db; for sentinels sentinel_user and sentinel_password, and sentinel_tls=off where only the
/// servers have TLS. Errors: Errc::config_invalid that names what is wrong and never repeats a value.
Result<Target> parse_target(std::string_view url);

}  // namespace authkit::redis
