#pragma once

#include "authkit/result.hpp"

#include "http.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace authkit::server {

inline constexpr std::string_view session_cookie_name = "__Host-ak_session", read_after_cookie_name = "__Host-ak_read_after";

/// The value of the session cookie, empty when there is none. Names are compared byte by byte: no decoding, so no second spelling, and a
/// cookie without a name is none (CVE-2020-8184, CVE-2023-23934). Errors: malformed_request when there are two, since one is planted.
Result<std::string_view> session_cookie(const Request& request);

/// The same of the cookie that says what the client has seen (AuthKit-Read-After); empty also when there are two.
std::string_view read_after_cookie(const Request& request);

/// Set-Cookie values. `max_age`: seconds.
std::string make_session_cookie(std::string_view value, std::int64_t max_age);
std::string clear_session_cookie();
std::string make_read_after_cookie(std::string_view value);

}  // namespace authkit::server
