#include "cookie.hpp"

#include <optional>

namespace authkit::server {
namespace {

constexpr std::string_view attributes = "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=";

/// For how long a client is not shown what was before its last change: longer than a replica may lag.
constexpr std::int64_t read_after_seconds = 60;

struct Found {
  std::optional<std::string_view> value;
  bool twice = false;
};

Found find_cookie(const Request& request, std::string_view name) {
  Found found;
  for (const Field& field : request.fields) {
    if (!same_token(field.name, "cookie")) continue;
    split(field.value, ';', [&](std::string_view pair) {
      const std::size_t equals = pair.find('=');
      if (equals == std::string_view::npos || pair.substr(0, equals) != name) return;
      found.twice = found.twice || found.value.has_value();
      found.value = pair.substr(equals + 1);
    });
  }
  return found;
}

std::string make_cookie(std::string_view name, std::string_view value, std::int64_t max_age) {
  return std::string(name).append("=").append(value).append(attributes).append(std::to_string(max_age));
}

}  // namespace

Result<std::string_view> session_cookie(const Request& request) {
  const Found found = find_cookie(request, session_cookie_name);
  if (found.twice) return Error{Errc::malformed_request, "The session cookie is there twice"};
  return found.value.value_or(std::string_view{});
}

std::string_view read_after_cookie(const Request& request) {
  const Found found = find_cookie(request, read_after_cookie_name);
  return found.twice ? std::string_view() : found.value.value_or(std::string_view{});
}

std::string make_session_cookie(std::string_view value, std::int64_t max_age) { return make_cookie(session_cookie_name, value, max_age); }

std::string clear_session_cookie() { return make_session_cookie("", 0); }

std::string make_read_after_cookie(std::string_view value) { return make_cookie(read_after_cookie_name, value, read_after_seconds); }

}  // namespace authkit::server
