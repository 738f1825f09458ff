#pragma once

#include "authkit/error.hpp"

#include "http.hpp"

#include <string_view>

namespace authkit::server {

inline constexpr std::string_view bare_challenge = R"(Bearer realm="authkit")";
inline constexpr std::string_view two_credentials_challenge = R"(Bearer realm="authkit", error="invalid_request")";

/// Every error as application/problem+json (RFC 9457), with Retry-After and the challenge of RFC 6750 where they belong.
/// `instance`: the request's path, empty = unknown. What went wrong inside (5xx) is told by code and title alone; its detail is for the log.
Response problem(const Error& error, std::string_view instance, std::string_view request_id);

}  // namespace authkit::server
