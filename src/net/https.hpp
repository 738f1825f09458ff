#pragma once

#include "authkit/types.hpp"

#include <string>

namespace authkit::net {

struct HttpsGet {
  std::string url;        ///< https://, or http:// to localhost, 127.0.0.0/8 or [::1]; no user, no password
  std::string ca_file{};  ///< PEM; empty = the system's list
  std::string accept{};   ///< the Accept header; empty = none
  Duration connect_timeout{2000};
  Duration timeout{5000};  ///< for all of it: names, connecting, TLS, the answer
  std::size_t max_bytes = 256 * 1024;
};

/// Whether the URL is one that get() takes. Errors: Errc::config_invalid, which never repeats it.
Result<void> check_url(const std::string& url);

/// The body of a 200 answer. TLS 1.2 or newer and always verified; no redirects, no proxy (that of the environment neither), no cookies, no
/// compression. Thread safety: any thread; blocking. Errors: Errc::peer_unavailable, Errc::config_invalid for the URL.
Result<std::string> get(const HttpsGet& request);

}  // namespace authkit::net
