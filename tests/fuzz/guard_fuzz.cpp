#include "cookie.hpp"
#include "fuzz.hpp"
#include "guard.hpp"

#include <algorithm>

namespace authkit::fuzz {
namespace {

using namespace authkit::server;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

void check_head(std::string_view head) {
  for (std::size_t i = 0; i < head.size(); ++i) {
    require(head[i] != '\0', "a head holds no NUL");
    require(head[i] != '\n' || (i != 0 && head[i - 1] == '\r'), "LF only after CR");
    require(head[i] != '\r' || (i + 1 < head.size() && head[i + 1] == '\n'), "CR only before LF");
  }
}

void check_request(const Request& request, bool is_http11) {
  require(!request.method.empty() && std::all_of(request.method.begin(), request.method.end(), [](char c) { return c >= 'A' && c <= 'Z'; }),
          "a method is capitals");
  require(request.path.starts_with('/') && request.path.find_first_of("?# ") == std::string_view::npos, "a path is a path");
  require(std::none_of(request.path.begin(), request.path.end(), is_control), "without control characters");
  for (const char* hidden : {"/../", "/./", "%2f", "%2F", "%5c", "%5C", "%00", "%0a", "%0A", "%0d", "%0D"})
    require((std::string(request.path) + "/").find(hidden) == std::string::npos, "no step and no separator hides in it");
  require(request.query.find_first_of("# \r\n") == std::string_view::npos, "a query is a query");

  require(request.fields.size() <= max_fields, "fields are bounded");
  for (const Field& field : request.fields) {
    require(!field.name.empty() && field.name.find_first_of(" \t:\r\n\"(),/;<=>?@[\\]{}") == std::string_view::npos, "a field name is a token");
    require(std::none_of(field.value.begin(), field.value.end(), [](char c) { return is_control(c) && c != '\t'; }), "a field value is text");
    require(field.value == trimmed(field.value), "and trimmed");
  }
  for (const char* single : {"host", "content-length", "transfer-encoding", "content-type", "origin", "x-csrf-token", "expect"})
    require(request.all(single).size() <= 1, "what says something once is there once");
  require(!is_http11 || request.field("host").has_value(), "HTTP/1.1 names its host");
  require(!(request.field("transfer-encoding") && request.field("content-length")), "a body has one framing");
  require(is_http11 || !request.field("transfer-encoding"), "HTTP/1.0 has no chunks");
  const auto length = request.field("content-length");
  require(!length || (!length->empty() && length->find_first_not_of("0123456789") == std::string_view::npos), "a length is digits");
  require(!length || std::strtoull(std::string(*length).c_str(), nullptr, 10) == request.body.size(), "and that of the body");
  require(length || request.field("transfer-encoding") || request.body.empty(), "no framing, no body");
  require(request.body.size() <= max_body_bytes, "a body is bounded");
}

struct Outcome {
  bool refused = false;
  bool whole = false;
  std::size_t size = 0;
};

Outcome outcome_of(std::string_view bytes) {
  Incoming incoming;
  const auto taken = take(bytes, incoming);
  if (!taken) return {true, false, 0};
  return {false, *taken == Taken::whole, *taken == Taken::whole ? incoming.size : 0};
}

void check_whole(std::string_view input) {
  Incoming incoming;
  const auto taken = take(input, incoming);
  require(taken && incoming.size <= input.size(), "a message is no longer than what came");
  const std::string_view message = input.substr(0, incoming.size);
  const std::string_view head = message.substr(0, message.find("\r\n\r\n") + 4);
  require(head.size() <= max_head_bytes, "a head is bounded");
  check_head(head);
  check_request(incoming.request, head.substr(0, head.find("\r\n")).ends_with("HTTP/1.1"));

  const Outcome alone = outcome_of(std::string(message));
  require(alone.whole && alone.size == message.size(), "what follows a message does not change it");
  for (const std::size_t size : {message.size() - 1, message.size() / 2, head.size() - 1, head.size() / 2}) {
    const Outcome part = outcome_of(std::string(message.substr(0, size)));
    require(!part.refused && (!part.whole || size == message.size()), "a message is waited for until its last byte");
  }
}

void run(std::string_view input) {
  const Outcome outcome = outcome_of(input);
  if (outcome.whole) return check_whole(input);
  if (!outcome.refused) return;
  for (const char* more : {"\r\n\r\n", "\r\nHost: a\r\n\r\n", "0"})
    require(outcome_of(std::string(input) + more).refused, "what was refused stays so, whatever follows");
}

std::vector<std::string> seeds() {
  return {"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
          "POST /v1/login?x=%20 HTTP/1.1\r\nHost: a.example:8080\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}",
          "POST /a HTTP/1.1\r\nHost: [::1]\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET / HTTP/1.1\r\n",
          "GET http://a/b HTTP/1.1\r\nHost: A\r\nConnection: close, x\r\nCookie: __Host-ak_session=x\r\n\r\n",
          "HEAD /%41/b HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          "GET /../x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"};
}

// Cookies: one Cookie field a line of the input.

/// The values of the session cookie, found by another way: the pairs between semicolons.
std::vector<std::string> session_values(std::string_view line) {
  constexpr std::string_view wanted = "__Host-ak_session=";
  std::vector<std::string> out;
  std::string pair;
  for (const char c : std::string(line) + ";") {
    if (c != ';') {
      pair.push_back(c);
      continue;
    }
    pair.erase(0, std::min(pair.find_first_not_of(" \t"), pair.size()));
    pair.erase(pair.find_last_not_of(" \t") + 1);
    if (pair.compare(0, wanted.size(), wanted) == 0) out.push_back(pair.substr(wanted.size()));
    pair.clear();
  }
  return out;
}

void run_cookie(std::string_view input) {
  Request request;
  std::vector<std::string> expected;
  for (std::string_view rest = input; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    request.fields.push_back({request.fields.size() % 2 == 0 ? "Cookie" : "cookie", line});
    for (std::string& value : session_values(line)) expected.push_back(std::move(value));
  }
  const auto found = session_cookie(request);
  require(found.has_value() == (expected.size() <= 1), "two session cookies are refused, and nothing else is");
  if (found) require(*found == (expected.empty() ? "" : expected.front()), "the value is that of the one that is named so, byte by byte");
}

std::vector<std::string> cookie_seeds() {
  return {"__Host-ak_session=abc",
          "a=b; __Host-ak_session=abc; c",
          "__Host-ak_session=a; __Host-ak_session=b",
          "x=1\n__Host-ak_session=a",
          "=__Host-ak_session=a; __%48ost-ak_session=b",
          " ; ;=; __host-ak_session=x"};
}

}  // namespace

constexpr Target guard_target{"guard", run, seeds};
constexpr Target cookie_target{"cookie", run_cookie, cookie_seeds};

}  // namespace authkit::fuzz
