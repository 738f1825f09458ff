#include "cookie.hpp"

#include <optional>

namespace authkit::server {
namespace {

constexpr std::string_view attributes = "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=";

}  // namespace

Result<std::string_view> session_cookie(const Request& request) {
  std::optional<std::string_view> found;
  bool twice = false;
  for (const Field& field : request.fields) {
    if (!same_token(field.name, "cookie")) continue;
    split(field.value, ';', [&](std::string_view pair) {
      const std::size_t equals = pair.find('=');
      if (equals == std::string_view::npos || pair.substr(0, equals) != session_cookie_name) return;
      twice = twice || found.has_value();
      found = pair.substr(equals + 1);
    });
  }
  if (twice) return Error{Errc::malformed_request, "The session cookie is there twice"};
  return found.value_or(std::string_view{});
}

std::string make_session_cookie(std::string_view value, std::int64_t max_age) {
  return std::string(session_cookie_name).append("=").append(value).append(attributes).append(std::to_string(max_age));
}

std::string clear_session_cookie() { return make_session_cookie("", 0); }

}  // namespace authkit::server
