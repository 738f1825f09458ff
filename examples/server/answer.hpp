#pragma once

#include "app.hpp"

#include <string>
#include <string_view>

namespace authkit::server {

/// The client's X-Request-Id where it is short and plain, else a fresh one.
std::string request_id_of(const Request& request);

/// What every answer carries: request id, security headers, caching, Vary, HSTS over TLS, and CORS for listed origins.
void add_common_headers(const App& app, const Request& request, bool https, Response& response);

/// The answer to OPTIONS: `allow` is the path's methods.
Response preflight(const App& app, const Request& request, std::string_view allow);

}  // namespace authkit::server
