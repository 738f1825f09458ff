#include "answer.hpp"

#include <algorithm>
#include <cstdint>
#include <random>

namespace authkit::server {
namespace {

constexpr std::size_t max_request_id = 128;

bool is_plain_id(std::string_view id) {
  return !id.empty() && id.size() <= max_request_id && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.';
  });
}

/// Names a request in logs; nothing is secured by it.
std::string fresh_id() {
  thread_local std::mt19937_64 engine = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  constexpr char digits[] = "0123456789abcdef";
  std::string id;
  id.reserve(32);
  for (int word = 0; word < 2; ++word) {
    std::uint64_t bits = engine();
    for (int i = 0; i < 16; ++i, bits >>= 4) id.push_back(digits[bits & 15]);
  }
  return id;
}

/// Which page may read the answer. Never "*": it would have to give up credentials, and then it gives nothing.
void add_cors(const App& app, const Request& request, Response& response) {
  const std::optional<std::string_view> origin = request.field("origin");
  if (!origin || !app.options.allows_origin(*origin)) return;
  response.add("Access-Control-Allow-Origin", std::string(*origin));
  response.add("Access-Control-Allow-Credentials", "true");
  response.add("Access-Control-Expose-Headers", "AuthKit-Read-After, ETag, Location, Retry-After, WWW-Authenticate, X-Request-Id");
}

}  // namespace

std::string request_id_of(const Request& request) {
  const std::optional<std::string_view> given = request.field("x-request-id");
  return given && is_plain_id(*given) ? std::string(*given) : fresh_id();
}

void add_common_headers(const App& app, const Request& request, bool https, Response& response) {
  response.add("X-Request-Id", response.request_id);
  if (!response.header("Cache-Control")) response.add("Cache-Control", "no-store");
  response.add("Vary", "Authorization, Cookie, Origin");
  response.add("X-Content-Type-Options", "nosniff");
  response.add("X-Frame-Options", "DENY");
  response.add("X-XSS-Protection", "0");
  response.add("Referrer-Policy", "no-referrer");
  response.add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  if (https) response.add("Strict-Transport-Security", "max-age=31536000; includeSubDomains");
  add_cors(app, request, response);
}

Response preflight(const App& app, const Request& request, std::string_view allow) {
  Response response;
  response.status = 204;
  response.headers.reserve(16);
  response.add("Allow", std::string(allow));
  const std::optional<std::string_view> origin = request.field("origin");
  if (origin && app.options.allows_origin(*origin) && request.field("access-control-request-method")) {
    response.add("Access-Control-Allow-Methods", std::string(allow));
    response.add("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match, If-None-Match, X-CSRF-Token, X-Request-Id");
    response.add("Access-Control-Max-Age", "600");
  }
  return response;
}

}  // namespace authkit::server
