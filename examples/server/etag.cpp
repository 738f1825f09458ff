#include "etag.hpp"

#include <cstdint>

namespace authkit::server {
namespace {

/// FNV-1a over 64 bits: names a version of our own document, nothing is secured by it.
std::string tag_of(std::string_view body) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : body) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  constexpr char digits[] = "0123456789abcdef";
  std::string tag = "\"";
  for (int shift = 60; shift >= 0; shift -= 4) tag.push_back(digits[(hash >> shift) & 15]);
  return tag + '"';
}

bool holds(const Request& request, std::string_view tag) {
  bool found = false;
  for (const std::string_view value : request.all("if-none-match")) {
    split(value, ',', [&](std::string_view held) {
      if (held.starts_with("W/")) held.remove_prefix(2);
      found = found || held == tag || held == "*";
    });
  }
  return found;
}

}  // namespace

void add_etag(Response& response) { response.set("ETag", tag_of(response.body)); }

bool matches(const Request& request, const Response& response) {
  const std::string tag = tag_of(response.body);
  bool found = false;
  for (const std::string_view value : request.all("if-match")) {
    split(value, ',', [&](std::string_view held) { found = found || held == tag || held == "*"; });
  }
  return found;
}

Response with_etag(const Request& request, Response response) {
  std::string tag = tag_of(response.body);
  if (holds(request, tag)) {
    response.status = 304;
    response.body.clear();
  }
  response.set("ETag", std::move(tag));
  return response;
}

}  // namespace authkit::server
