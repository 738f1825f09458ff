#include "body.hpp"
#include "cookie.hpp"
#include "credentials.hpp"
#include "etag.hpp"
#include "routes.hpp"

#include <algorithm>

namespace authkit::server {

Result<Response> me(Call& call) {
  Result<std::shared_ptr<const Account>> account = call.app.auth.accounts().me(call.identity, call.context);
  if (!account) return refused(account.error(), call.carrier);
  std::string body = to_json(**account);
  if (call.carrier == Transport::cookie) {
    body = with_member(std::move(body), "csrf_token", json_quote(call.app.auth.sessions().csrf_token(call.identity.session)));
  }
  Response response = json_response(200, std::move(body));
  response.add("Cache-Control", "private, no-store");
  return with_etag(call.request, std::move(response));
}

Result<Response> list_sessions(Call& call) {
  Result<std::vector<SessionRecord>> sessions = call.app.auth.accounts().sessions(call.identity.user, call.context);
  if (!sessions) return std::move(sessions).error();
  return json_response(200, to_json(*sessions, call.identity.session));
}

Result<Response> end_session(Call& call) {
  const std::optional<SessionId> id = parse_session_id(call.parameter);
  if (!id) return Errc::not_found;
  Result<std::vector<SessionRecord>> sessions = call.app.auth.accounts().sessions(call.identity.user, call.context);
  if (!sessions) return std::move(sessions).error();
  const bool own = std::any_of(sessions->begin(), sessions->end(), [&](const SessionRecord& session) { return session.id == *id; });
  if (!own) return Errc::not_found;

  const bool current = *id == call.identity.session;
  Identity ended = call.identity;
  ended.session = *id;
  if (!current) ended.token = TokenId{};
  if (Result<void> done = call.app.auth.accounts().log_out(ended, LogoutScope::current, call.context); !done) return std::move(done).error();
  Response response;
  response.status = 204;
  if (current && call.carrier == Transport::cookie) response.add("Set-Cookie", clear_session_cookie());
  return response;
}

}  // namespace authkit::server
