#pragma once

#include "http.hpp"

namespace authkit::server {

/// Adds an ETag made from the body, and answers 304 when the client holds it already (RFC 9110 section 13.1.2).
Response with_etag(const Request& request, Response response);

}  // namespace authkit::server
