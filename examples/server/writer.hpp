#pragma once

#include "http.hpp"

#include <string>

namespace authkit::server {

/// What the connection does after an answer.
enum class After : bool { keep_alive, close };

/// Appends the answer as HTTP/1.1 bytes. One with a header value that holds CR, LF, NUL or another control character becomes a bare 500:
/// better no answer than a split one (CWE-113). Thread safety: any number of threads, each with its own `out`.
void write_response(const Response& response, After after, std::string& out);

inline constexpr std::string_view continue_bytes = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace authkit::server
