#include "guard.hpp"

#include "lexer.hpp"

#include <charconv>
#include <initializer_list>

namespace authkit::server {
namespace {

/// Fields that say something once; a second one is somebody trying to be read in two ways.
constexpr std::string_view singletons[] = {"host",   "content-length", "transfer-encoding", "content-type",      "content-encoding",
                                           "origin", "sec-fetch-site", "x-csrf-token",      "x-forwarded-proto", "expect"};

/// How the body is delimited.
struct Framing {
  bool http11 = false;
  bool chunked = false;
  std::size_t length = 0;
};

Error refuse(const char* why) { return {Errc::malformed_request, why}; }

/// What can be said of a head that is not complete: refused early, because bytes with bare line feeds would never complete.
Result<Taken> incomplete_head(std::string_view bytes) {
  if (bytes.size() >= max_head_bytes) return refuse("The header is larger than 8 KiB");
  if (!lexer::is_upper(bytes.front())) return refuse("The request does not begin with a method");
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (bytes[at] == '\0') return refuse("The header holds a NUL byte");
    if (bytes[at] == '\n' && (at == 0 || bytes[at - 1] != '\r')) return refuse("A line of the header does not end with CR LF");
  }
  return Taken::incomplete;
}

/// RFC 9112 section 3.2: origin-form, or absolute-form naming the same authority as Host.
Result<void> read_target(std::string_view target, Request& request, std::string_view& authority) {
  if (!target.starts_with('/')) {
    const std::size_t scheme = target.starts_with("http://") ? 7 : target.starts_with("https://") ? 8 : 0;
    const std::size_t slash = target.find('/', scheme);
    if (scheme == 0 || slash == std::string_view::npos) return refuse("The request target is no path");
    authority = target.substr(scheme, slash - scheme);
    target.remove_prefix(slash);
  }
  const std::size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  request.query = mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
  if (!lexer::is_plain_path(request.path)) return refuse("The path is not in its plain form");
  if (!lexer::is_query(request.query)) return refuse("The query holds a character that must be percent-encoded");
  return {};
}

Result<void> read_start_line(std::string_view line, Request& request, std::string_view& authority, Framing& framing) {
  const std::size_t first = line.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) return refuse("The request line is not a method, a target and a version");
  request.method = line.substr(0, first);
  const std::string_view version = line.substr(second + 1);
  if (!lexer::is_method(request.method)) return refuse("The method is not one");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return refuse("The version is neither HTTP/1.1 nor HTTP/1.0");
  framing.http11 = version == "HTTP/1.1";
  return read_target(line.substr(first + 1, second - first - 1), request, authority);
}

Result<void> read_field(std::string_view line, std::vector<Field>& fields) {
  if (fields.size() == max_fields) return refuse("The header holds more than 100 fields");
  if (line.empty() || line.front() == ' ' || line.front() == '\t') return refuse("The header holds a folded line");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return refuse("A line of the header has no colon");
  const Field field{line.substr(0, colon), trimmed(line.substr(colon + 1))};
  if (!lexer::is_token(field.name)) return refuse("A field name holds a character that it must not");
  if (!lexer::is_field_value(field.value)) return refuse("A field value holds a control character");
  for (const std::string_view name : singletons) {
    if (!same_token(field.name, name)) continue;
    for (const Field& other : fields) {
      if (same_token(other.name, name)) return refuse("A field that may be there once is there twice");
    }
  }
  fields.push_back(field);
  return {};
}

Result<void> read_host(const Request& request, std::string_view authority, bool http11) {
  const std::optional<std::string_view> host = request.field("host");
  if (!host) return http11 || !authority.empty() ? Result<void>(refuse("There is no Host")) : Result<void>();
  if (!lexer::is_host(*host)) return refuse("The Host is not a host name or address with an optional port");
  if (!authority.empty() && !same_token(authority, *host)) return refuse("The Host and the target name different hosts");
  return {};
}

/// RFC 9112 section 6.3, of which only the two forms remain that nobody reads differently.
Result<void> read_framing(const Request& request, Framing& framing) {
  const std::optional<std::string_view> coding = request.field("transfer-encoding");
  const std::optional<std::string_view> length = request.field("content-length");
  if (coding && length) return refuse("Transfer-Encoding and Content-Length are both there");
  if (coding && (!framing.http11 || *coding != "chunked")) return refuse("The only transfer coding is chunked, and only in HTTP/1.1");
  framing.chunked = coding.has_value();
  if (!length) return {};
  if (length->empty() || !lexer::is_digits(*length)) return refuse("The Content-Length is not a number");
  const auto [end, error] = std::from_chars(length->data(), length->data() + length->size(), framing.length);
  if (error != std::errc{} || framing.length > max_body_bytes) return Errc::payload_too_large;
  return {};
}

/// What the client asks of the connection (RFC 9112 section 9.3, RFC 9110 section 10.1.1).
Result<void> read_wishes(const Request& request, bool http11, Incoming& incoming) {
  incoming.keep_alive = http11;
  for (const Field& field : request.fields) {
    if (!same_token(field.name, "connection")) continue;
    split(field.value, ',', [&](std::string_view option) {
      if (same_token(option, "close")) incoming.keep_alive = false;
      if (!http11 && same_token(option, "keep-alive")) incoming.keep_alive = true;
    });
  }
  const std::optional<std::string_view> expect = request.field("expect");
  incoming.expects_continue = http11 && expect && same_token(*expect, "100-continue");
  if (expect && !incoming.expects_continue && http11) return refuse("The only expectation is 100-continue");
  return {};
}

Result<void> read_head(std::string_view head, Incoming& incoming, Framing& framing) {
  Request& request = incoming.request;
  request.fields.clear();
  std::string_view authority;
  for (bool first = true; !head.empty(); first = false) {
    const std::size_t end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end + 2);
    Result<void> read = first ? read_start_line(line, request, authority, framing) : read_field(line, request.fields);
    if (!read) return read;
  }
  if (Result<void> read = read_host(request, authority, framing.http11); !read) return read;
  if (Result<void> read = read_framing(request, framing); !read) return read;
  return read_wishes(request, framing.http11, incoming);
}

/// RFC 9112 section 7.1 without extensions and trailers, which no client of ours needs. Sets `used` when the last chunk is there.
Result<Taken> read_chunks(std::string_view bytes, std::string& body, std::size_t& used) {
  body.clear();
  for (std::size_t at = 0;;) {
    const std::string_view rest = bytes.substr(at);
    std::size_t digits = 0;
    while (digits < rest.size() && lexer::is_hex(rest[digits])) ++digits;
    if (digits > 8) return refuse("A chunk size is too long");
    if (digits == rest.size()) return Taken::incomplete;
    if (digits == 0 || rest[digits] != '\r') return refuse("A chunk size is not a plain hexadecimal number");
    if (rest.size() < digits + 2) return Taken::incomplete;
    if (rest[digits + 1] != '\n') return refuse("A chunk size does not end with CR LF");

    std::size_t size = 0;
    std::from_chars(rest.data(), rest.data() + digits, size, 16);
    if (size > max_body_bytes - body.size() || at > max_chunked_bytes) return Errc::payload_too_large;
    const std::string_view data = rest.substr(digits + 2);
    const std::string_view tail = data.size() < size ? std::string_view{} : data.substr(size, 2);
    if (tail != std::string_view("\r\n").substr(0, tail.size())) {
      return refuse(size == 0 ? "Trailers are not accepted" : "A chunk does not end where its size says");
    }
    if (tail.size() < 2) return Taken::incomplete;
    body.append(data.substr(0, size));
    at += digits + 2 + size + 2;
    if (size != 0) continue;
    used = at;
    return Taken::whole;
  }
}

}  // namespace

Result<Taken> take(std::string_view bytes, Incoming& incoming) {
  incoming.expects_continue = false;
  if (bytes.empty()) return Taken::incomplete;
  const std::size_t end = bytes.substr(0, max_head_bytes).find("\r\n\r\n");
  if (end == std::string_view::npos) return incomplete_head(bytes);

  Framing framing;
  if (Result<void> read = read_head(bytes.substr(0, end + 2), incoming, framing); !read) return std::move(read).error();
  const std::string_view rest = bytes.substr(end + 4);
  incoming.size = end + 4 + framing.length;
  incoming.request.body = rest.substr(0, framing.length);
  if (!framing.chunked) return rest.size() < framing.length ? Taken::incomplete : Taken::whole;

  std::size_t used = 0;
  Result<Taken> taken = read_chunks(rest, incoming.decoded, used);
  if (!taken) return taken;
  incoming.size = end + 4 + used;
  incoming.request.body = incoming.decoded;
  return taken;
}

}  // namespace authkit::server
