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
    {"PATCH",  "/v1/auth/me",            change_me,        Access::identity, Where::worker,  "Change the profile (merge patch)",   "ProfileChange", "User"},
    {"PUT",    "/v1/auth/me",            change_me,        Access::identity, Where::worker,  "The same as PATCH",                  "ProfileChange", "User"},
    {"DELETE", "/v1/auth/me",            close_me,         Access::identity, Where::hashing, "Close the account",                  "Closing",      "Status",     202},
    {"POST",   "/v1/auth/verify-email",  verify_email,     Access::none,     Where::worker,  "Confirm an e-mail address",          "Verification", "",           204},
    {"POST",   "/v1/auth/verify-email/resend", resend_verification, Access::none, Where::worker, "Have the message sent again",    "Address",      "Status",     202},
    {"POST",   "/v1/auth/password/forgot", forgot_password, Access::none,    Where::worker,  "Have a message sent that resets the password", "Address", "Status", 202},
    {"POST",   "/v1/auth/password/reset", reset_password,  Access::none,     Where::hashing, "Set a new password by such a message", "Reset",      "",           204},
    {"POST",   "/v1/auth/password/change", change_password, Access::identity, Where::hashing, "Set a new password",                "PasswordChange", "Grant"},
    {"POST",   "/v1/auth/email/change",  change_email,     Access::identity, Where::worker,  "Have a message sent to a new address", "Address",    "Status",     202},
    {"POST",   "/v1/auth/email/change/confirm", confirm_email_change, Access::none, Where::worker, "Make it the account's address", "Token",       "",           204},
    {"POST",   "/v1/auth/mfa/verify",    verify_mfa,       Access::none,     Where::worker,  "The second step of a login",         "SecondFactor", "Grant"},
    {"GET",    "/v1/auth/mfa/totp",      list_factors,     Access::identity, Where::worker,  "Own second factors",                 "",             "Factors"},
    {"POST",   "/v1/auth/mfa/totp/enroll", enroll_totp,    Access::identity, Where::worker,  "Begin to set up an authenticator app", "Enrolment",  "TotpSecret", 201},
    {"POST",   "/v1/auth/mfa/totp/verify", confirm_totp,   Access::identity, Where::worker,  "End it by a first code",             "TotpCode",     "TotpConfirmed"},
    {"DELETE", "/v1/auth/mfa/totp/{id}", remove_totp,      Access::identity, Where::worker,  "Remove a second factor",             "",             "Grant"},
    {"POST",   "/v1/auth/mfa/recovery-codes", renew_recovery_codes, Access::identity, Where::worker, "New recovery codes",           "Object",       "RecoveryCodes"},
    {"GET",    "/v1/auth/sessions",      list_sessions,    Access::identity, Where::worker,  "Own sessions, newest first",         "",             "Sessions"},
    {"DELETE", "/v1/auth/sessions/{id}", end_session,      Access::identity, Where::worker,  "End one of the own sessions",        "",             "",           204},
    {"GET",    "/v1/admin/users",        list_users,       Access::identity, Where::worker,  "Accounts, oldest first",             "",             "Users",      200, "users:read"},
    {"POST",   "/v1/admin/users",        create_user,      Access::identity, Where::hashing, "Make an account",                    "NewUser",      "User",       201, "users:write"},
    {"GET",    "/v1/admin/users/{id}",   show_user,        Access::identity, Where::worker,  "One account",                        "",             "User",       200, "users:read"},
    {"PATCH",  "/v1/admin/users/{id}",   change_user,      Access::identity, Where::worker,  "Change status or roles",             "UserChange",   "User",       200, "users:write"},
    {"DELETE", "/v1/admin/users/{id}",   close_user,       Access::identity, Where::worker,  "Close an account",                   "",             "Status",     202, "users:write"},
    {"POST",   "/v1/admin/users/{id}/revoke-sessions", revoke_user_sessions, Access::identity, Where::worker, "End all sessions of an account", "Object", "", 204, "users:write"},
    {"POST",   "/v1/admin/users/{id}/reset-mfa", reset_user_mfa, Access::identity, Where::worker, "Remove the second factors of an account", "Object", "", 204, "users:write"},
    {"GET",    "/v1/admin/audit-logs",   list_audit_logs,  Access::identity, Where::worker,  "The audit log, newest first",        "",             "Events",     200, "audit:read"},
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
  const std::string_view behind = pattern.substr(pattern.find('}') + 1);
  if (path.size() <= brace + behind.size() || path.substr(0, brace) != pattern.substr(0, brace) || !path.ends_with(behind)) return false;
  parameter = path.substr(brace, path.size() - brace - behind.size());
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
