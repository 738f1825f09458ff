#pragma once

#include "authkit/result.hpp"

#include <map>
#include <string>
#include <string_view>

namespace authkit {

/// A URL that names a backend: "sqlite:/path", "postgresql://user:password@host:5432/name?sslmode=require", "memory:".
struct Url {
  std::string scheme;  ///< lower-case
  std::string user;    ///< percent-decoded, as the following
  std::string password;
  std::string host;                          ///< IPv6 without its brackets; several are comma-separated, each with its own port
  std::string port;                          ///< digits, or empty
  std::string path;                          ///< for "scheme:rest" all of rest
  std::map<std::string, std::string> query;  ///< after the first "?", each name once

  /// Errors: Errc::config_invalid that names what is wrong and never repeats the URL.
  static Result<Url> parse(std::string_view text);
  /// For people and logs: the password and every query value whose name is not known to be harmless read "***".
  std::string redacted() const;
};

}  // namespace authkit
