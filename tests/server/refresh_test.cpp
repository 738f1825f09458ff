#include "server/api.hpp"

#include <doctest/doctest.h>

using namespace authkit;
using namespace authkit::test;

namespace {

Answer refresh(Api& api, const std::string& token, std::string_view name = "refresh_token") {
  return api.post("/v1/auth/refresh", boost::json::serialize(boost::json::object{{name, token}}));
}

}  // namespace

TEST_CASE("a refresh token gives a new pair, and a repeat in the grace window the token in force") {
  Api api;
  const std::string first = api.log_in().text("refresh_token");
  const Answer second = refresh(api, first);
  CHECK(second.status() == 200);
  CHECK(second.text("refresh_token") != first);
  CHECK(api.get_as(second.text("access_token"), "/v1/auth/me").status() == 200);
  const Answer repeated = refresh(api, first, "refresh");
  CHECK(repeated.status() == 200);
  CHECK(repeated.text("refresh_token") == second.text("refresh_token"));
}

TEST_CASE("a used refresh token after the window ends the session, and a lost race never touches a cookie") {
  Api api;
  const std::string first = api.log_in().text("refresh_token");
  const Answer second = refresh(api, first);
  api.pass(Duration{11'000});
  const Answer reused = refresh(api, first);
  CHECK(reused.status() == 401);
  CHECK(reused.code() == "refresh_token_reused");
  CHECK(reused.header("Set-Cookie").empty());
  CHECK(refresh(api, second.text("refresh_token")).code() == "session_revoked");
  CHECK(api.get_as(second.text("access_token"), "/v1/auth/me").status() == 401);
}

TEST_CASE("what is no refresh token is 401, none at all is 422, one that is over says so") {
  Api api;
  const Answer login = api.log_in();
  CHECK(refresh(api, "nonsense").code() == "refresh_token_invalid");
  CHECK(refresh(api, login.text("access_token")).code() == "refresh_token_invalid");
  CHECK(refresh(api, "").status() == 401);
  CHECK(refresh(api, "nonsense").header("WWW-Authenticate") == R"(Bearer realm="authkit")");
  const Answer missing = api.post("/v1/auth/refresh", "{}");
  CHECK(missing.status() == 422);
  CHECK(missing.body.at("errors").at(0).at("pointer").as_string() == "/refresh_token");
  api.pass(Duration{8LL * 24 * 3600'000});
  CHECK(refresh(api, login.text("refresh_token")).code() == "refresh_token_expired");
}

TEST_CASE("a disabled user cannot refresh") {
  Api api;
  const Answer login = api.log_in();
  const auto user = api.auth().accounts().find("ada@example.org");
  REQUIRE(user);
  REQUIRE(api.auth().accounts().set_status(user->id, AccountStatus::disabled, "system"));
  CHECK(refresh(api, login.text("refresh_token")).status() == 401);
  CHECK(api.get_as(login.text("access_token"), "/v1/auth/me").status() == 401);
}

TEST_CASE("logout by access token ends the session at once") {
  Api api;
  const Answer login = api.log_in();
  const Answer out = api.post("/v1/auth/logout", "", Api::bearer(login.text("access_token")));
  CHECK(out.status() == 204);
  CHECK(out.response.body.empty());
  const Answer me = api.get_as(login.text("access_token"), "/v1/auth/me");
  CHECK(me.status() == 401);
  CHECK(me.code() == "invalid_token");
  CHECK(refresh(api, login.text("refresh_token")).status() == 401);
  CHECK(api.post("/v1/auth/logout", "", Api::bearer(login.text("access_token"))).status() == 204);
}

TEST_CASE("logout by refresh token, also together with the access token and under its old name") {
  Api api;
  for (const bool with_access : {false, true}) {
    const Answer login = api.log_in();
    const std::string body = boost::json::serialize(boost::json::object{{with_access ? "refresh" : "refresh_token", login.text("refresh_token")}});
    CHECK(api.post("/v1/auth/logout", body, with_access ? Api::bearer(login.text("access_token")) : Fields{}).status() == 204);
    CHECK(refresh(api, login.text("refresh_token")).status() == 401);
    CHECK(api.get_as(login.text("access_token"), "/v1/auth/me").status() == 401);
    CHECK(api.post("/v1/auth/logout", body).status() == 204);
  }
}

TEST_CASE("logout with an expired access token still ends its session, but no others") {
  Api api;
  const Answer login = api.log_in();
  const Answer other = api.log_in();
  api.pass(Duration{3600'000});
  CHECK(api.post("/v1/auth/logout", R"({"scope":"all"})", Api::bearer(login.text("access_token"))).status() == 401);
  CHECK(api.post("/v1/auth/logout", "", Api::bearer(login.text("access_token"))).status() == 204);
  CHECK(refresh(api, login.text("refresh_token")).code() == "session_revoked");
  CHECK(refresh(api, other.text("refresh_token")).status() == 200);
}

TEST_CASE("logout of the others, and of all") {
  Api api;
  const Answer first = api.log_in();
  const Answer second = api.log_in();
  CHECK(api.post("/v1/auth/logout", R"({"scope":"others"})", Api::bearer(second.text("access_token"))).status() == 204);
  CHECK(refresh(api, first.text("refresh_token")).status() == 401);
  CHECK(api.get_as(second.text("access_token"), "/v1/auth/me").status() == 200);
  CHECK(api.post("/v1/auth/logout", R"({"scope":"all"})", Api::bearer(second.text("access_token"))).status() == 204);
  CHECK(refresh(api, second.text("refresh_token")).status() == 401);
  CHECK(api.post("/v1/auth/logout", R"({"scope":"some"})", Api::bearer(second.text("access_token"))).status() == 422);
}

TEST_CASE("a logout that nothing identifies is 401") {
  Api api;
  CHECK(api.post("/v1/auth/logout", "").code() == "authentication_required");
  CHECK(api.post("/v1/auth/logout", "", Api::bearer("nonsense")).code() == "invalid_token");
  CHECK(api.post("/v1/auth/logout", R"({"refresh_token":"nonsense"})").code() == "refresh_token_invalid");
}
