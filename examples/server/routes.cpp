#include "routes.hpp"

namespace authkit::server {
namespace {

// clang-format off
constexpr Route table[] = {
    {"POST",   "/v1/auth/register",      register_account, Access::none,     Where::hashing, "Make an account",                    "Registration", "Registered", 201},
    {"POST",   "/v1/auth/login",         log_in,           Access::none,     Where::hashing, "Log in",                             "Login",        "Grant"},
    {"POST",   "/v1/auth/refresh",       refresh,          Access::none,     Where::worker,  "Exchange a refresh token",           "Refresh",      "Grant"},
    {"POST",   "/v1/auth/logout",        log_out,          Access::none,     Where::worker,  "End sessions",                       "Logout",       "",           204},
    {"GET",    "/v1/auth/me",            me,               Access::identity, Where::io,      "The account that is logged in",      "",             "User"},
    {"GET",    "/v1/auth/sessions",      list_sessions,    Access::identity, Where::worker,  "Own sessions, newest first",         "",             "Sessions"},
    {"DELETE", "/v1/auth/sessions/{id}", end_session,      Access::identity, Where::worker,  "End one of the own sessions",        "",             "",           204},
    {"GET",    "/health",                health,           Access::none,     Where::io,      "Whether the process answers",        "",             "Health"},
    {"GET",    "/ready",                 ready,            Access::none,     Where::worker,  "Whether the stores answer",          "",             "Readiness"},
    {"GET",    "/live",                  live,             Access::none,     Where::io,      "Whether the I/O threads turn",       "",             "Status"},
    {"GET",    "/.well-known/jwks.json", jwks,             Access::none,     Where::io,      "The public keys of access tokens",   "",             "KeySet"},
    {"GET",    "/openapi.json",          openapi,          Access::none,     Where::io,      "This description",                   "",             "Object"},
};
// clang-format on

bool fits(std::string_view pattern, std::string_view path, std::string_view& parameter) {
  const std::size_t brace = pattern.find('{');
  if (brace == std::string_view::npos) return pattern == path;
  if (path.size() <= brace || path.substr(0, brace) != pattern.substr(0, brace)) return false;
  parameter = path.substr(brace);
  return parameter.find('/') == std::string_view::npos;
}

}  // namespace

std::span<const Route> routes() noexcept { return table; }

Match match(std::string_view method, std::string_view path) {
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  Match result;
  for (const Route& route : table) {
    std::string_view parameter;
    if (!fits(route.path, path, parameter)) continue;
    if (route.method == wanted) return {&route, parameter, {}};
    result.allow.append(route.method).append(route.method == "GET" ? ", HEAD, " : ", ");
  }
  if (!result.allow.empty()) result.allow.append("OPTIONS");
  return result;
}

}  // namespace authkit::server
