#include "server/api.hpp"

#include <doctest/doctest.h>

using namespace authkit;
using namespace authkit::test;

namespace {

std::string login_body(std::string_view name, std::string_view value, std::string_view secret = password) {
  return boost::json::serialize(boost::json::object{{name, value}, {"password", secret}});
}

}  // namespace

TEST_CASE("register answers 201 with the account and where to find it") {
  Api api;
  const Answer answer = api.post("/v1/auth/register",
                                 R"({"email":"Ada@Example.org","password":"correct horse battery staple","username":"ada","profile":{"lang":"en"}})");
  CHECK(answer.status() == 201);
  CHECK(answer.header("Location") == "/v1/auth/me");
  CHECK(answer.text("user.email") == "Ada@Example.org");
  CHECK(answer.text("user.profile.lang") == "en");
  CHECK_FALSE(answer.text("user.id").empty());
  CHECK(answer.response.body.find("$argon2") == std::string::npos);
  CHECK(answer.response.body.find(password) == std::string::npos);
}

TEST_CASE("register names what is wrong with which member") {
  Api api;
  const std::pair<const char*, const char*> cases[] = {
      {R"({"password":"correct horse battery staple"})", "/email"},
      {R"({"email":7,"password":"correct horse battery staple"})", "/email"},
      {R"({"email":["a@example.org","b@example.org"],"password":"correct horse battery staple"})", "/email"},
      {R"({"email":"no-address","password":"correct horse battery staple"})", "/email"},
      {R"({"email":"a@example.org,b@example.org","password":"correct horse battery staple"})", "/email"},
      {R"({"email":"a@example.org\r\nBcc: b@example.org","password":"correct horse battery staple"})", "/email"},
      {R"({"email":"a\u0000@example.org","password":"correct horse battery staple"})", "/email"},
      {R"({"email":"a@example.org","password":"short"})", "/password"},
      {R"({"email":"a@example.org","password":"correct horse battery staple","profile":[]})", "/profile"}};
  for (const auto& [body, pointer] : cases) {
    CAPTURE(body);
    const Answer answer = api.post("/v1/auth/register", body);
    CHECK(answer.status() == 422);
    REQUIRE(answer.has("errors"));
    CHECK(answer.body.at("errors").at(0).at("pointer").as_string() == pointer);
    CHECK(answer.response.body.find("short") == std::string::npos);
  }
}

TEST_CASE("a body that is not one strict JSON object is malformed") {
  Api api;
  for (const char* body : {"", "{", "[]", "null", "7", R"({"email":"a@b.c","email":"d@e.f"})", R"({"email":"a"} x)", "{\"email\":\"\xff\"}",
                           "{'email':'a'}", "{\"a\":1,}"}) {
    CAPTURE(body);
    const Answer answer = api.post("/v1/auth/register", body);
    CHECK(answer.status() == 400);
    CHECK(answer.code() == "malformed_request");
  }
  std::string deep(100, '[');
  CHECK(api.post("/v1/auth/register", R"({"a":)" + deep + std::string(100, ']') + "}").status() == 400);
}

TEST_CASE("a second registration of an address or user name is 409, however it is written") {
  Api api;
  CHECK(api.sign_up("ada@example.org").status() == 201);
  const Answer again = api.sign_up("ADA@EXAMPLE.ORG");
  CHECK(again.status() == 409);
  CHECK(again.code() == "email_taken");
  api.post("/v1/auth/register", R"({"email":"b@example.org","password":"correct horse battery staple","username":"Bob"})");
  CHECK(api.post("/v1/auth/register", R"({"email":"c@example.org","password":"correct horse battery staple","username":"bob"})").code() ==
        "username_taken");
}

TEST_CASE("a switched-off sign-up says so") {
  Api api([](Config& config, server::ServerOptions&) { config.account.sign_up = false; });
  CHECK(api.sign_up().status() == 403);
  CHECK(api.sign_up().code() == "signup_disabled");
}

TEST_CASE("login takes the address, the user name, or either as login") {
  Api api;
  api.post("/v1/auth/register", R"({"email":"ada@example.org","password":"correct horse battery staple","username":"ada"})");
  const std::pair<const char*, const char*> names[] = {
      {"email", "ada@example.org"}, {"email", "ADA@example.org"}, {"username", "Ada"}, {"login", "ada"}, {"login", "ada@example.org"}};
  for (const auto& [name, value] : names) {
    CAPTURE(value);
    const Answer answer = api.post("/v1/auth/login", login_body(name, value));
    CHECK(answer.status() == 200);
    CHECK(answer.text("user.username") == "ada");
  }
  CHECK(api.post("/v1/auth/login", R"({"password":"x"})").status() == 422);
  CHECK(api.post("/v1/auth/login", R"({"email":"a@example.org","password":"x","transport":"pigeon"})").status() == 422);
}

TEST_CASE("a login answers with a whole token set, and the access token opens me") {
  Api api;
  const Answer answer = api.log_in();
  CHECK(answer.status() == 200);
  CHECK(answer.text("token_type") == "Bearer");
  CHECK(answer.body.at("expires_in").as_int64() == 15 * 60);
  CHECK(answer.body.at("refresh_expires_in").as_int64() == 7 * 24 * 3600);
  CHECK_FALSE(answer.text("session_id").empty());
  CHECK_FALSE(answer.text("refresh_token").empty());
  CHECK_FALSE(answer.has("csrf_token"));
  CHECK(answer.header("Cache-Control") == "no-store");
  CHECK(answer.header("Set-Cookie").empty());
  CHECK(api.get_as(answer.text("access_token"), "/v1/auth/me").status() == 200);
}

TEST_CASE("an unknown user, a wrong password and a disabled account are the same answer in every byte that is not an id") {
  Api api;
  api.sign_up("ada@example.org");
  api.sign_up("off@example.org");
  const auto off = api.auth().accounts().find("off@example.org");
  REQUIRE(off);
  REQUIRE(api.auth().accounts().set_status(off->id, AccountStatus::disabled, "system"));

  const auto seen = [&](std::string_view email, std::string_view secret) {
    const Answer answer = api.post("/v1/auth/login", login_body("email", email, secret), {{"X-Request-Id", "one"}});
    std::string all = std::to_string(answer.status()) + answer.response.body;
    for (const server::Header& header : answer.response.headers) all.append(header.name).append(header.value);
    return all;
  };
  const std::string wrong = seen("ada@example.org", "wrong password here");
  CHECK(wrong.find("401") == 0);
  CHECK(wrong.find("invalid_credentials") != std::string::npos);
  CHECK(wrong.find(R"(WWW-AuthenticateBearer realm="authkit")") != std::string::npos);
  CHECK(seen("nobody@example.org", "wrong password here") == wrong);
  CHECK(seen("off@example.org", password) == wrong);
  CHECK(seen("ada@example.org", std::string(1025, 'x')) == wrong);
}

TEST_CASE("too many failures are 429 with Retry-After, the same for known and unknown users") {
  Api api([](Config& config, server::ServerOptions&) { config.limit.login_pair = {2, Duration{60'000}}; });
  api.sign_up("ada@example.org");
  for (const char* email : {"ada@example.org", "nobody@example.org"}) {
    for (int i = 0; i < 2; ++i) CHECK(api.post("/v1/auth/login", login_body("email", email, "wrong password here")).status() == 401);
    const Answer answer = api.post("/v1/auth/login", login_body("email", email));
    CHECK(answer.status() == 429);
    CHECK(answer.code() == "rate_limited");
    CHECK(std::stoi(answer.header("Retry-After")) >= 1);
    CHECK(answer.body.at("retry_after").as_int64() >= 1);
  }
}
