#include "server/api.hpp"

#include <doctest/doctest.h>

using namespace authkit;
using namespace authkit::test;

TEST_CASE("me shows the account, private and with an ETag that answers 304") {
  Api api;
  const std::string token = api.log_in().text("access_token");
  const Answer me = api.get_as(token, "/v1/auth/me");
  CHECK(me.status() == 200);
  CHECK(me.text("email") == "ada@example.org");
  CHECK(me.header("Cache-Control") == "private, no-store");
  CHECK(me.header("Vary") == "Authorization, Cookie, Origin");
  CHECK_FALSE(me.has("csrf_token"));
  CHECK_FALSE(me.has("password_hash"));
  for (const std::string& held : {me.header("ETag"), "W/" + me.header("ETag"), "\"x\", " + me.header("ETag"), std::string("*")}) {
    const Answer same = api.get("/v1/auth/me", {{"Authorization", "Bearer " + token}, {"If-None-Match", held}});
    CHECK(same.status() == 304);
    CHECK(same.response.body.empty());
  }
  CHECK(api.get("/v1/auth/me", {{"Authorization", "Bearer " + token}, {"If-None-Match", "\"x\""}}).status() == 200);
}

TEST_CASE("every failing access token is one code, and its detail tells why") {
  Api api;
  const std::string token = api.log_in().text("access_token");
  std::string tampered = token;
  tampered[token.find('.') + 3] = tampered[token.find('.') + 3] == 'A' ? 'B' : 'A';
  for (const std::string& bad : {std::string(), std::string("nonsense"), tampered, token + "x", token.substr(1), std::string(20'000, 'a')}) {
    const Answer answer = api.get_as(bad, "/v1/auth/me");
    CHECK(answer.status() == 401);
    CHECK(answer.code() == "invalid_token");
    CHECK(answer.header("WWW-Authenticate").find(R"(Bearer realm="authkit", error="invalid_token")") == 0);
  }
  api.pass(Duration{3600'000});
  const Answer expired = api.get_as(token, "/v1/auth/me");
  CHECK(expired.code() == "invalid_token");
  CHECK(expired.text("detail") == "The access token has expired");
  CHECK(expired.header("WWW-Authenticate").find(R"(error_description="The access token has expired")") != std::string::npos);
}

TEST_CASE("no credential is a bare challenge, and so is another scheme") {
  Api api;
  for (const Fields& fields :
       {Fields{}, Fields{{"Authorization", "Basic YTpi"}}, Fields{{"Authorization", "Bearerx y"}}, Fields{{"Cookie", "other=1"}}}) {
    const Answer answer = api.get("/v1/auth/me", fields);
    CHECK(answer.status() == 401);
    CHECK(answer.code() == "authentication_required");
    CHECK(answer.header("WWW-Authenticate") == R"(Bearer realm="authkit")");
  }
}

TEST_CASE("two credentials at once are refused") {
  Api api;
  const std::string token = api.log_in().text("access_token");
  const auto [cookie, csrf] = api.log_in_with_cookie();
  const Fields twice[] = {{{"Authorization", "Bearer " + token}, {"Cookie", "__Host-ak_session=" + cookie}},
                          {{"Authorization", "Bearer " + token}, {"Authorization", "Bearer " + token}}};
  for (const Fields& fields : twice) {
    const Answer answer = api.get("/v1/auth/me", fields);
    CHECK(answer.status() == 400);
    CHECK(answer.header("WWW-Authenticate") == R"(Bearer realm="authkit", error="invalid_request")");
  }
  CHECK(api.get("/v1/auth/me", {{"Authorization", "bearer " + token}}).status() == 200);
  CHECK(api.get("/v1/auth/me", {{"Authorization", "Bearer " + token}, {"Cookie", "other=1"}}).status() == 200);
}

TEST_CASE("own sessions are listed newest first, and one's own can be ended") {
  Api api;
  const Answer first = api.log_in();
  api.pass(Duration{1000});
  const Answer second = api.log_in();
  const std::string stranger = api.log_in("eve@example.org").text("session_id");
  const std::string token = second.text("access_token");
  const Answer list = api.get_as(token, "/v1/auth/sessions");
  REQUIRE(list.status() == 200);
  const auto& items = list.body.at("items").as_array();
  REQUIRE(items.size() == 2);
  CHECK(items[0].at("id").as_string() == second.text("session_id"));
  CHECK(items[0].at("current").as_bool());
  CHECK_FALSE(items[1].at("current").as_bool());

  for (const std::string& id : {stranger, std::string("nonsense"), std::string(22, 'A')}) {
    CHECK(api.send("DELETE", "/v1/auth/sessions/" + id, "", Api::bearer(token)).status() == 404);
  }
  CHECK(api.send("DELETE", "/v1/auth/sessions/" + first.text("session_id"), "", Api::bearer(token)).status() == 204);
  CHECK(api.get_as(first.text("access_token"), "/v1/auth/me").status() == 401);
  CHECK(api.get_as(token, "/v1/auth/me").status() == 200);
  CHECK(api.send("DELETE", "/v1/auth/sessions/" + second.text("session_id"), "", Api::bearer(token)).status() == 204);
  CHECK(api.get_as(token, "/v1/auth/me").status() == 401);
}
