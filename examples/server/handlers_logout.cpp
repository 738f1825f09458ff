#include "body.hpp"
#include "cookie.hpp"
#include "credentials.hpp"
#include "problem.hpp"
#include "routes.hpp"

namespace authkit::server {
namespace {

std::optional<LogoutScope> parse_scope(std::string_view text) {
  if (text == "current") return LogoutScope::current;
  if (text == "others") return LogoutScope::others;
  if (text == "all") return LogoutScope::all;
  return std::nullopt;
}

/// Success, also where there is nothing left to end.
Result<void> settled(Result<void> ended) {
  if (ended || ended.error().code == Errc::session_revoked || ended.error().code == Errc::not_found) return {};
  return ended;
}

/// The claims of a token of ours whose time is over: everything else about it is right.
Result<Claims> read_old_token(const Call& call, std::string_view token) {
  return call.app.auth.tokens().verify(token, call.app.auth.config().session.absolute_lifetime);
}

/// An access token that is over still names a session whose refresh token lives: leaving that alive would be a false "logged out". It is
/// proof enough to end its own session, not to end others.
Result<void> end_by_old_token(const Call& call, std::string_view token, LogoutScope scope, const Error& why) {
  Result<Claims> claims = read_old_token(call, token);
  if (!claims || claims->session().is_nil() || scope != LogoutScope::current) return refused(why, Transport::bearer);
  Identity identity;
  identity.user = claims->user();
  identity.session = claims->session();
  identity.token = claims->jti();
  identity.epoch = claims->epoch();
  identity.auth_time = claims->auth_time();
  identity.expires_at = claims->expires_at();
  return settled(call.app.auth.accounts().log_out(identity, scope, call.context));
}

Result<void> end_by_token(const Call& call, std::string_view token, LogoutScope scope) {
  const Accounts& accounts = call.app.auth.accounts();
  Result<Identity> identity = accounts.authenticate(token, call.context);
  if (identity) return settled(accounts.log_out(*identity, scope, call.context));
  const Errc code = identity.error().code;
  if (code == Errc::token_expired || code == Errc::token_revoked) return end_by_old_token(call, token, scope, identity.error());
  return refused(identity.error(), Transport::bearer);
}

Result<void> end_by_cookie(const Call& call, std::string_view cookie, LogoutScope scope) {
  Result<SessionId> session = call.app.auth.sessions().peek(cookie, Transport::cookie);
  if (!session) return refused(session.error(), Transport::cookie);
  if (Result<void> page = check_cookie_request(call, *session); !page) return page;
  return settled(call.app.auth.accounts().log_out_session(cookie, Transport::cookie, scope, call.context));
}

/// Ends what the request names. One identified session is enough; a second credential that holds nothing then does not matter.
Result<void> end_presented(Call& call, const std::optional<std::string>& refresh_token, LogoutScope scope) {
  Result<std::optional<Credential>> credential = find_credential(call.request);
  if (!credential) {
    call.challenge = two_credentials_challenge;
    return std::move(credential).error();
  }
  Result<void> ended = Errc::authentication_required;
  if (*credential) {
    const auto& [carrier, secret] = **credential;
    ended = carrier == Transport::bearer ? end_by_token(call, secret, scope) : end_by_cookie(call, secret, scope);
  }
  const bool undecided = !ended && info(ended.error().code).http_status != 401;
  if (undecided || !refresh_token || (ended && scope != LogoutScope::current)) return ended;
  Result<void> refreshed = settled(call.app.auth.accounts().log_out_session(*refresh_token, Transport::bearer, scope, call.context));
  return ended && !refreshed && refreshed.error().code == Errc::refresh_token_invalid ? ended : refreshed;
}

}  // namespace

Result<Response> log_out(Call& call) {
  Result<JsonReader> body = optional_json_body(call.request);
  if (!body) return std::move(body).error();
  const std::optional<std::string> token = body->first_text({"refresh_token", "refresh"});
  const std::optional<LogoutScope> scope = parse_scope(body->optional_text("scope").value_or("current"));
  if (!scope) body->reject("scope", "not_known", "One of current, others, all");
  if (Result<void> read = body->finish(); !read) return std::move(read).error();

  if (Result<void> ended = end_presented(call, token, *scope); !ended) return std::move(ended).error();
  Response response;
  response.status = 204;
  response.add("Set-Cookie", clear_session_cookie());
  return response;
}

}  // namespace authkit::server
