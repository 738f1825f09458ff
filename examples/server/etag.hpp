#pragma once

#include "http.hpp"

namespace authkit::server {

/// Adds an ETag made from the body, and answers 304 when the client holds it already (RFC 9110 section 13.1.2).
Response with_etag(const Request& request, Response response);
/// Adds the ETag alone.
void add_etag(Response& response);
/// Whether the client's If-Match names that answer (RFC 9110 section 13.1.1: strong comparison).
bool matches(const Request& request, const Response& response);

}  // namespace authkit::server
