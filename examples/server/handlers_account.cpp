#include "body.hpp"
#include "cookie.hpp"
#include "credentials.hpp"
#include "etag.hpp"
#include "grant.hpp"
#include "guard.hpp"
#include "routes.hpp"

#include <algorithm>

namespace authkit::server {

namespace {

/// The account as its owner sees it.
Response shown(const Call& call, const Account& account) {
  std::string body = to_json(account);
  if (call.carrier == Transport::cookie) {
    body = with_member(std::move(body), "csrf_token", json_quote(call.app.auth.sessions().csrf_token(call.identity.session)));
  }
  Response response = json_response(200, std::move(body));
  response.add("Cache-Control", "private, no-store");
  return response;
}

}  // namespace

Result<Response> me(Call& call) {
  Result<std::shared_ptr<const Account>> account = call.app.auth.accounts().me(call.identity, call.context);
  if (!account) return refused(account.error(), call.carrier);
  return with_etag(call.request, shown(call, **account));
}

Result<Response> change_me(Call& call) {
  Result<JsonReader> body = json_body(call.request);
  if (!body) return std::move(body).error();
  const std::optional<std::string> patch = body->optional_object("profile");
  if (!patch && !body->has("profile")) body->reject("profile", "missing", "Send the members of the profile to change");
  body->allow_only({"profile"});
  if (Result<void> read = body->finish(); !read) return std::move(read).error();

  const Accounts& accounts = call.app.auth.accounts();
  std::optional<std::uint64_t> version;
  if (call.request.field("if-match")) {
    Result<Account> account = accounts.find(to_text(call.identity.user), call.context);
    if (!account) return refused(account.error(), call.carrier);
    if (!matches(call.request, shown(call, *account))) return Errc::precondition_failed;
    version = account->version;
  }
  Result<Account> changed = accounts.update_profile(call.identity, patch.value_or("{}"), version, call.context);
  if (!changed) return refused(changed.error(), call.carrier);
  Response response = shown(call, *changed);
  add_etag(response);
  return response;
}

Result<Response> close_me(Call& call) {
  Result<JsonReader> body = optional_json_body(call.request);
  if (!body) return std::move(body).error();
  const std::string password = body->optional_text("password", max_body_bytes).value_or("");
  if (Result<void> read = body->finish(); !read) return std::move(read).error();
  if (Result<void> done = call.app.auth.accounts().close(call.identity, password, call.context); !done) return refused(done.error(), call.carrier);
  Response response = json_response(202, R"({"status":"accepted"})");
  if (call.carrier == Transport::cookie) response.add("Set-Cookie", clear_session_cookie());
  return response;
}

Result<Response> change_password(Call& call) {
  Result<JsonReader> body = json_body(call.request);
  if (!body) return std::move(body).error();
  PasswordChange change;
  change.current_password = body->text("current_password", max_body_bytes);
  change.new_password = body->text("new_password", max_body_bytes);
  change.revoke_other_sessions = body->optional_flag("revoke_other_sessions").value_or(true);
  if (Result<void> read = body->finish(); !read) return std::move(read).error();
  Result<Grant> grant = call.app.auth.accounts().change_password(call.identity, change, call.context);
  if (!grant) return refused(grant.error(), call.carrier);
  return granted(call, *grant);
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
