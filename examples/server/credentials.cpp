#include "credentials.hpp"

#include "body.hpp"
#include "cookie.hpp"
#include "problem.hpp"

namespace authkit::server {
namespace {

constexpr std::string_view scheme = "bearer";

/// The token of an Authorization value; nothing for other schemes.
std::optional<std::string_view> bearer_token(std::string_view value) {
  if (value.size() < scheme.size() || !same_token(value.substr(0, scheme.size()), scheme)) return std::nullopt;
  const std::string_view rest = value.substr(scheme.size());
  if (!rest.empty() && rest.front() != ' ') return std::nullopt;
  return trimmed(rest);
}

bool is_cross_site(const Request& request) { return request.field("sec-fetch-site") == "cross-site"; }

Error csrf(const char* why) { return {Errc::csrf_refused, why}; }

}  // namespace

bool is_safe(std::string_view method) noexcept { return method == "GET" || method == "HEAD" || method == "OPTIONS"; }

Result<std::optional<Credential>> find_credential(const Request& request) {
  Result<std::string_view> cookie = session_cookie(request);
  if (!cookie) return std::move(cookie).error();
  std::optional<Credential> found;
  if (!cookie->empty()) found = Credential{Transport::cookie, *cookie};

  std::size_t headers = 0;
  for (const Field& field : request.fields) {
    if (!same_token(field.name, "authorization")) continue;
    const std::optional<std::string_view> token = bearer_token(field.value);
    if (++headers > 1 || (token && found)) return Error{Errc::malformed_request, "The request carries two credentials"};
    if (token) found = Credential{Transport::bearer, *token};
  }
  return found;
}

Error refused(const Error& error, Transport carrier) {
  if (info(error.code).http_status != 401 || error.code == Errc::reauthentication_required) return error;
  return {carrier == Transport::bearer ? Errc::invalid_token : Errc::session_revoked, std::string(info(error.code).title)};
}

Result<void> authenticate(Call& call) {
  Result<std::optional<Credential>> credential = find_credential(call.request);
  if (!credential) {
    call.challenge = two_credentials_challenge;
    return std::move(credential).error();
  }
  if (!*credential) return Errc::authentication_required;
  const auto& [carrier, secret] = **credential;
  const Accounts& accounts = call.app.auth.accounts();
  Result<Identity> identity =
      carrier == Transport::bearer ? accounts.authenticate(secret, call.context) : accounts.authenticate_cookie(secret, call.context);
  if (!identity) return refused(identity.error(), carrier);
  call.identity = *std::move(identity);
  call.context.user = call.identity.user;
  call.carrier = carrier;
  if (carrier == Transport::cookie && !is_safe(call.request.method)) return check_cookie_request(call, call.identity.session);
  return {};
}

Result<void> check_cookie_request(const Call& call, const SessionId& session) {
  const Request& request = call.request;
  if (is_cross_site(request)) return csrf("A cross-site request may not use the session cookie");
  const bool bodiless = request.method == "DELETE" && request.body.empty();
  if (!bodiless && !is_json(request)) return Error{Errc::unsupported_media_type, "With the session cookie, send Content-Type: application/json"};
  const std::optional<std::string_view> origin = request.field("origin");
  if (origin && call.app.options.allows_origin(*origin)) return {};
  const std::optional<std::string_view> token = request.field("x-csrf-token");
  if (token && call.app.auth.sessions().csrf_matches(session, *token)) return {};
  return csrf("Send the csrf_token of the login answer as X-CSRF-Token, or list the page's origin in http.cors_origins");
}

Result<void> check_entry_request(const Call& call) {
  const std::optional<std::string_view> origin = call.request.field("origin");
  if (!origin || call.app.options.allows_origin(*origin)) return {};
  if (call.request.field("sec-fetch-site") == "same-origin") return {};
  return csrf("The page's origin is not listed in http.cors_origins");
}

Result<void> check_cookie_login(const Call& call) {
  if (is_cross_site(call.request)) return csrf("A cross-site page may not log in with a session cookie");
  return {};
}

}  // namespace authkit::server
