#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace authkit::server {

/// One field of a request's header.
struct Field {
  std::string_view name;
  std::string_view value;
};

/// A request that passed the guard. Ownership: views into bytes that whoever made it keeps.
struct Request {
  std::string_view method;
  std::string_view path;   ///< as sent, without the query; begins with '/'
  std::string_view query;  ///< without '?'; never logged
  std::vector<Field> fields;
  std::string_view body;  ///< without its framing
  std::string_view peer;  ///< numeric address of the other end of the connection

  /// The value of the first field of that name, in any case; nothing when there is none.
  std::optional<std::string_view> field(std::string_view name) const noexcept;
  /// All values of that name, in order.
  std::vector<std::string_view> all(std::string_view name) const;
};

struct Header {
  std::string_view name;  ///< a constant
  std::string value;
};

/// An answer. Values are checked when it is written: one with a control character turns the whole answer into a 500 (response splitting).
struct Response {
  int status = 200;
  std::vector<Header> headers;  ///< without Content-Length, Connection and Date
  std::string body;
  bool omit_body = false;        ///< HEAD: the length is told, the bytes are not sent
  std::string_view route = "-";  ///< pattern of the route that answered, for the access log
  std::string_view code = {};    ///< of the error, for the access log; empty = none
  std::string request_id;        ///< as in X-Request-Id
  std::string client;            ///< the client's address, for the access log

  /// Replaces the header.
  void set(std::string_view name, std::string value);
  /// Adds one more of that name.
  void add(std::string_view name, std::string value) { headers.push_back({name, std::move(value)}); }
  /// The first value of that name (exact case), or nothing.
  std::optional<std::string_view> header(std::string_view name) const noexcept;
};

Response json_response(int status, std::string body);

/// ASCII case-insensitive equality, as header names and tokens need it.
bool same_token(std::string_view a, std::string_view b) noexcept;
/// Without spaces and tabs at both ends.
std::string_view trimmed(std::string_view text) noexcept;
/// Calls `each` with every trimmed part of `text` between separators, empty parts included.
template <class Each>
void split(std::string_view text, char separator, Each each) {
  for (;;) {
    const std::size_t at = text.find(separator);
    each(trimmed(text.substr(0, at)));
    if (at == std::string_view::npos) return;
    text.remove_prefix(at + 1);
  }
}

}  // namespace authkit::server
