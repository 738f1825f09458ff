#include "grant.hpp"

#include "authkit/json.hpp"

#include "body.hpp"
#include "cookie.hpp"

#include <chrono>

namespace authkit::server {

Response granted(const Call& call, const Grant& grant, const std::string& member) {
  const Sessions& sessions = call.app.auth.sessions();
  const Time now = call.app.auth.config().clock();
  const SessionRecord& session = grant.session;
  const bool bearer = session.transport == Transport::bearer;
  std::string body;
  if (bearer) {
    body = to_json(grant, now, sessions);
  } else {
    JsonObject object;
    object.text("csrf_token", sessions.csrf_token(session.id)).text("session_id", to_text(session.id)).raw("user", to_json(grant.account));
    if (!grant.device_token.empty()) object.text("device_token", grant.device_token);
    body = object.finish();
  }
  if (!member.empty()) body.replace(body.size() - 1, 1, "," + member + "}");
  Response response = json_response(200, std::move(body));
  if (bearer) return response;
  const auto left = std::chrono::duration_cast<std::chrono::seconds>(session.absolute_expires_at - now);
  response.add("Set-Cookie", make_session_cookie(grant.session_secret, left.count()));
  return response;
}

}  // namespace authkit::server
