#pragma once

#include "authkit/result.hpp"

#include "http.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace authkit::server {

inline constexpr std::size_t max_head_bytes = 8 * 1024;
inline constexpr std::size_t max_body_bytes = 16 * 1024;
inline constexpr std::size_t max_fields = 100;
/// A chunked body may take this much on the wire, so that one-byte chunks cannot multiply its size without end.
inline constexpr std::size_t max_chunked_bytes = 4 * max_body_bytes;

/// One message as it came off the wire.
struct Incoming {
  Request request;
  std::string decoded;            ///< the body, where it came in chunks
  std::size_t size = 0;           ///< bytes that the whole message takes
  bool keep_alive = false;        ///< what the client asks for
  bool expects_continue = false;  ///< it waits for "100 Continue" before it sends the body
};

/// What take() found.
enum class Taken : bool { incomplete, whole };

/// Takes one HTTP/1 request from the front of `bytes`, the only parser between the socket and the routes.
///
/// It knows one spelling of everything (RFC 9112) and refuses the rest, because two parties that read a message differently are how
/// requests are smuggled: Transfer-Encoding next to Content-Length, every coding but exactly "chunked", chunks on HTTP/1.0, chunk extensions
/// and trailers, lists and signs in Content-Length, any framing field twice, no Host or an odd one, folded lines, bare CR or LF, control bytes,
/// a space before the colon, odd start lines, dot segments and encoded slashes in the path.
///
/// Pure. Ownership: the request's views point into `bytes` and into `incoming`; they are good only with Taken::whole. `incoming` may be used again.
/// Errors: malformed_request, payload_too_large. After either, nothing that follows on the connection may be read as a request.
Result<Taken> take(std::string_view bytes, Incoming& incoming);

}  // namespace authkit::server
