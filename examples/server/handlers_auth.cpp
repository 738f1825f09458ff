#include "body.hpp"
#include "credentials.hpp"
#include "grant.hpp"
#include "guard.hpp"
#include "problem.hpp"
#include "routes.hpp"

namespace authkit::server {
namespace {

std::optional<Transport> parse_transport(std::string_view text) {
  if (text == "bearer") return Transport::bearer;
  if (text == "cookie") return Transport::cookie;
  return std::nullopt;
}

}  // namespace

Result<Response> register_account(Call& call) {
  if (Result<void> page = check_entry_request(call); !page) return std::move(page).error();
  Result<JsonReader> body = json_body(call.request);
  if (!body) return std::move(body).error();

  Registration registration;
  registration.email = body->text("email");
  registration.password = body->text("password", max_body_bytes);
  registration.username = body->optional_text("username").value_or("");
  registration.profile = body->optional_object("profile").value_or("{}");
  if (Result<void> read = body->finish(); !read) return std::move(read).error();

  Result<Account> account = call.app.auth.accounts().sign_up(registration, call.context);
  if (!account) return std::move(account).error();
  // The same for a known address as for a new one.
  if (account->status == AccountStatus::pending) return json_response(202, R"({"status":"verification_required"})");
  Response response = json_response(201, JsonObject().raw("user", to_json(*account)).finish());
  response.add("Location", "/v1/auth/me");
  return response;
}

Result<Response> log_in(Call& call) {
  if (Result<void> page = check_entry_request(call); !page) return std::move(page).error();
  Result<JsonReader> body = json_body(call.request);
  if (!body) return std::move(body).error();

  Login login;
  const std::optional<std::string> name = body->first_text({"login", "email", "username"});
  const std::optional<Transport> transport = parse_transport(body->optional_text("transport").value_or("bearer"));
  login.password = body->text("password", max_body_bytes);
  login.device_name = body->optional_text("device_name", 128).value_or("");
  login.device_token = body->optional_text("device_token").value_or("");
  if (!name) body->reject("login", "missing", "Send login, email or username");
  if (!transport) body->reject("transport", "not_known", "One of bearer, cookie");
  if (Result<void> read = body->finish(); !read) return std::move(read).error();

  login.login = *name;
  login.transport = *transport;
  if (login.transport == Transport::cookie) {
    if (Result<void> page = check_cookie_login(call); !page) return std::move(page).error();
  }
  Result<Grant> grant = call.app.auth.accounts().log_in(login, call.context);
  if (!grant) return std::move(grant).error();
  return granted(call, *grant);
}

Result<Response> refresh(Call& call) {
  Result<JsonReader> body = json_body(call.request);
  if (!body) return std::move(body).error();
  const std::optional<std::string> token = body->first_text({"refresh_token", "refresh"});
  if (!token) body->reject("refresh_token", "missing", "Send the refresh token of the last login or refresh");
  if (Result<void> read = body->finish(); !read) return std::move(read).error();
  Result<Grant> grant = call.app.auth.accounts().refresh(*token, call.context);
  if (!grant) return std::move(grant).error();
  return granted(call, *grant);
}

}  // namespace authkit::server
