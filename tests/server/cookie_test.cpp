#include "server/api.hpp"

#include <doctest/doctest.h>

using namespace authkit;
using namespace authkit::test;

namespace {

constexpr const char* page = "https://app.example";

Api with_page() {
  return Api([](Config&, server::ServerOptions& options) { options.cors_origins = {page}; });
}

Fields plus(Fields fields, const Fields& more) {
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

}  // namespace

TEST_CASE("a cookie login sets one locked-down cookie and puts no token into the body") {
  Api api;
  api.sign_up();
  const Answer answer = api.post("/v1/auth/login", R"({"email":"ada@example.org","password":"correct horse battery staple","transport":"cookie"})");
  CHECK(answer.status() == 200);
  const std::string cookie = answer.header("Set-Cookie");
  CHECK(cookie.starts_with("__Host-ak_session="));
  CHECK(cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=2592000"));
  CHECK(cookie.find("Domain") == std::string::npos);
  for (const char* name : {"access_token", "refresh_token", "token_type"}) CHECK_FALSE(answer.has(name));
  CHECK_FALSE(answer.text("csrf_token").empty());
}

TEST_CASE("the cookie opens me, which tells the CSRF token again") {
  Api api;
  const auto [cookie, csrf] = api.log_in_with_cookie();
  const Answer me = api.get("/v1/auth/me", Api::cookie(cookie));
  CHECK(me.status() == 200);
  CHECK(me.text("csrf_token") == csrf);
  CHECK(me.header("Set-Cookie").empty());
}

TEST_CASE("a cookie that is planted, doubled or spelled otherwise is never preferred") {
  Api api;
  const auto [cookie, csrf] = api.log_in_with_cookie();
  const std::string pair = "__Host-ak_session=" + cookie;
  CHECK(api.get("/v1/auth/me", {{"Cookie", pair + "; " + pair}}).status() == 400);
  CHECK(api.get("/v1/auth/me", {{"Cookie", pair}, {"Cookie", "__Host-ak_session=x"}}).status() == 400);
  for (const std::string& other : {"__%48ost-ak_session=" + cookie, "=__Host-ak_session=" + cookie, "__host-ak_session=" + cookie,
                                   "ak_session=" + cookie, std::string("__Host-ak_session"), std::string("__Host-ak_session=")}) {
    CAPTURE(other);
    CHECK(api.get("/v1/auth/me", {{"Cookie", other}}).code() == "authentication_required");
    CHECK(api.get("/v1/auth/me", {{"Cookie", other + "; " + pair}}).status() == (other.starts_with("__Host-ak_session=") ? 400 : 200));
  }
  std::string many = pair;
  for (int i = 0; i < 200; ++i) many += "; c" + std::to_string(i) + "=__Host-ak_session";
  CHECK(api.get("/v1/auth/me", {{"Cookie", many}}).status() == 200);
  CHECK(api.get("/v1/auth/me", {{"Cookie", pair + "x"}}).status() == 401);
}

TEST_CASE("a request that changes something with the cookie must be JSON, not cross-site, and of an allowed page or with the token") {
  Api api = with_page();
  const auto [cookie, csrf] = api.log_in_with_cookie();
  const Fields json = plus(Api::cookie(cookie), {{"Content-Type", "application/json"}});
  const auto out = [&](const Fields& fields) { return api.send("POST", "/v1/auth/logout", "{}", fields); };

  CHECK(out(json).code() == "csrf_refused");
  CHECK(out(plus(json, {{"Origin", "https://evil.example"}})).code() == "csrf_refused");
  CHECK(out(plus(json, {{"Origin", "null"}})).code() == "csrf_refused");
  CHECK(out(plus(json, {{"X-CSRF-Token", csrf + "x"}})).code() == "csrf_refused");
  CHECK(out(plus(json, {{"X-CSRF-Token", csrf}, {"Sec-Fetch-Site", "cross-site"}})).code() == "csrf_refused");
  CHECK(out(plus(json, {{"Origin", page}, {"Sec-Fetch-Site", "cross-site"}})).code() == "csrf_refused");
  CHECK(out(plus(Api::cookie(cookie), {{"Origin", page}, {"Content-Type", "text/plain"}})).status() == 415);
  CHECK(api.send("POST", "/v1/auth/logout", "", plus(Api::cookie(cookie), {{"X-CSRF-Token", csrf}})).status() == 415);
  CHECK(api.get("/v1/auth/me", Api::cookie(cookie)).status() == 200);

  const auto [other, token] = api.log_in_with_cookie();
  CHECK(out(plus(plus(Api::cookie(other), {{"Content-Type", "application/json"}}), {{"X-CSRF-Token", csrf}})).code() == "csrf_refused");
  CHECK(out(plus(plus(Api::cookie(other), {{"Content-Type", "application/json"}}), {{"X-CSRF-Token", token}})).status() == 204);
  const Answer done = out(plus(json, {{"Origin", page}}));
  CHECK(done.status() == 204);
  CHECK(done.header("Set-Cookie") == "__Host-ak_session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
  const Answer after = api.get("/v1/auth/me", Api::cookie(cookie));
  CHECK(after.status() == 401);
  CHECK(after.code() == "session_revoked");
  CHECK(after.header("Set-Cookie").empty());
}

TEST_CASE("ending sessions with the cookie is guarded too") {
  Api api = with_page();
  const auto [cookie, csrf] = api.log_in_with_cookie();
  const std::string id = std::string(api.get("/v1/auth/sessions", Api::cookie(cookie)).body.at("items").at(0).at("id").as_string());
  CHECK(api.send("DELETE", "/v1/auth/sessions/" + id, "", Api::cookie(cookie)).code() == "csrf_refused");
  const Answer done = api.send("DELETE", "/v1/auth/sessions/" + id, "", plus(Api::cookie(cookie), {{"X-CSRF-Token", csrf}}));
  CHECK(done.status() == 204);
  CHECK(done.header("Set-Cookie").find("Max-Age=0") != std::string::npos);
}

TEST_CASE("bearer requests need none of it") {
  Api api;
  const std::string token = api.log_in().text("access_token");
  CHECK(api.send("POST", "/v1/auth/logout", "", plus(Api::bearer(token), {{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}}))
            .status() == 204);
}

TEST_CASE("login and sign-up come from an allowed page or from no page") {
  Api api = with_page();
  const char* body = R"({"email":"ada@example.org","password":"correct horse battery staple"})";
  const char* cookie = R"({"email":"ada@example.org","password":"correct horse battery staple","transport":"cookie"})";
  CHECK(api.post("/v1/auth/register", body, {{"Origin", "https://evil.example"}}).code() == "csrf_refused");
  CHECK(api.post("/v1/auth/register", body, {{"Origin", page}}).status() == 201);
  CHECK(api.post("/v1/auth/login", cookie, {{"Origin", "https://evil.example"}}).code() == "csrf_refused");
  CHECK(api.post("/v1/auth/login", cookie, {{"Origin", "null"}}).code() == "csrf_refused");
  CHECK(api.post("/v1/auth/login", cookie, {{"Sec-Fetch-Site", "cross-site"}}).code() == "csrf_refused");
  CHECK(api.post("/v1/auth/login", cookie, {{"Origin", page}}).status() == 200);
  CHECK(api.post("/v1/auth/login", cookie, {{"Origin", "http://localhost"}, {"Sec-Fetch-Site", "same-origin"}}).status() == 200);
  CHECK(api.post("/v1/auth/login", body, {{"Sec-Fetch-Site", "cross-site"}}).status() == 200);
}

TEST_CASE("a cookie session ends with its absolute lifetime, and a foreign cookie value is refused") {
  Api api;
  const auto [cookie, csrf] = api.log_in_with_cookie();
  CHECK(api.get("/v1/auth/me", Api::cookie("chosen-by-an-attacker")).code() == "session_revoked");
  api.pass(Duration{31LL * 24 * 3600'000});
  CHECK(api.get("/v1/auth/me", Api::cookie(cookie)).status() == 401);
}
