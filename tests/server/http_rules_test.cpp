#include "routes.hpp"
#include "server/api.hpp"
#include "writer.hpp"

#include <doctest/doctest.h>

using namespace authkit;
using namespace authkit::test;

TEST_CASE("an error is a problem document that says what, where and which request") {
  Api api;
  const Answer answer = api.get("/v1/auth/me?secret=1", {{"X-Request-Id", "req-1.a_b"}});
  CHECK(answer.header("Content-Type") == "application/problem+json");
  CHECK(answer.text("type") == "urn:authkit:problem:authentication_required");
  CHECK(answer.text("title") == "Authentication is required");
  CHECK(answer.body.at("status").as_int64() == 401);
  CHECK(answer.text("instance") == "/v1/auth/me");
  CHECK(answer.text("request_id") == "req-1.a_b");
  CHECK(answer.header("X-Request-Id") == "req-1.a_b");
}

TEST_CASE("a request id that is long or not plain is replaced") {
  Api api;
  for (const std::string& id :
       {std::string(), std::string(129, 'a'), std::string("a b"), std::string("a\"b"), std::string("a\r\nSet-Cookie: x"), std::string("\xc3\xa4")}) {
    const Answer answer = api.get("/health", {{"X-Request-Id", id}});
    CHECK(answer.header("X-Request-Id").size() == 32);
  }
  CHECK(api.get("/health").header("X-Request-Id") != api.get("/health").header("X-Request-Id"));
}

TEST_CASE("paths and methods: 404, 405 with Allow, one trailing slash, HEAD") {
  Api api;
  for (const char* path :
       {"/", "/v1", "/v1/auth", "/v1/auth/me/x", "/v1/auth/sessions/a/b", "/v1/auth/me//", "//v1/auth/me", "/V1/auth/me", "/v1/auth/%6de"}) {
    CAPTURE(path);
    CHECK(api.get(path).status() == 404);
  }
  const Answer wrong = api.get("/v1/auth/login");
  CHECK(wrong.status() == 405);
  CHECK(wrong.code() == "method_not_allowed");
  CHECK(wrong.header("Allow") == "POST, OPTIONS");
  CHECK(api.send("TRACE", "/v1/auth/me").header("Allow") == "GET, HEAD, PATCH, PUT, DELETE, OPTIONS");
  CHECK(api.send("POST", "/v1/auth/sessions/x").header("Allow") == "DELETE, OPTIONS");

  CHECK(api.get("/health/").status() == 200);
  CHECK(api.post("/v1/auth/login/", "{}").status() == 422);
  CHECK(api.get("/v1/auth/me/").status() == 401);
  const Answer head = api.send("HEAD", "/health");
  CHECK(head.status() == 200);
  CHECK(head.response.omit_body);
  CHECK_FALSE(api.get("/health").response.omit_body);
}

TEST_CASE("bodies are JSON in UTF-8, and nothing else") {
  Api api;
  const char* body = R"({"email":"ada@example.org","password":"correct horse battery staple"})";
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "application/json; charset=latin1",
                           "application/json; a=b", "text/json"}) {
    CAPTURE(type);
    const Answer answer = api.send("POST", "/v1/auth/register", body, {{"Content-Type", type}});
    CHECK(answer.status() == 415);
    CHECK(answer.code() == "unsupported_media_type");
  }
  CHECK(api.send("POST", "/v1/auth/register", body).status() == 415);
  CHECK(api.send("POST", "/v1/auth/register", body, {{"Content-Type", "application/json"}, {"Content-Encoding", "gzip"}}).status() == 415);
  CHECK(api.send("POST", "/v1/auth/register", body, {{"Content-Type", "Application/JSON; Charset=\"UTF-8\""}}).status() == 201);
}

TEST_CASE("every answer carries the security headers, also an error") {
  Api api;
  for (const char* path : {"/health", "/nowhere", "/v1/auth/me"}) {
    const Answer answer = api.get(path);
    CHECK(answer.header("X-Content-Type-Options") == "nosniff");
    CHECK(answer.header("X-Frame-Options") == "DENY");
    CHECK(answer.header("X-XSS-Protection") == "0");
    CHECK(answer.header("Referrer-Policy") == "no-referrer");
    CHECK(answer.header("Cache-Control") == "no-store");
    CHECK(answer.header("Vary") == "Authorization, Cookie, Origin");
    CHECK(answer.header("Strict-Transport-Security").empty());
  }
}

TEST_CASE("HSTS is sent when a trusted proxy says that the client uses TLS, also with errors, and never because a client says so") {
  Api api([](Config&, server::ServerOptions& options) { options.trusted_proxies = *server::Networks::parse("10.0.0.0/8"); });
  const Fields https = {{"X-Forwarded-Proto", "https"}};
  CHECK(api.get("/health", https).header("Strict-Transport-Security").empty());
  api.peer = "10.1.2.3";
  CHECK(api.get("/health", https).header("Strict-Transport-Security").find("max-age=31536000") == 0);
  CHECK(api.get("/nowhere", https).header("Strict-Transport-Security").find("max-age=31536000") == 0);
  CHECK(api.get("/health", {{"X-Forwarded-Proto", "http"}}).header("Strict-Transport-Security").empty());
}

TEST_CASE("CORS: listed origins exactly, everything else nothing") {
  Api api([](Config&, server::ServerOptions& options) { REQUIRE(options.set("http.cors_origins", "https://app.example, https://b.example:8443")); });
  const Answer answer = api.get("/health", {{"Origin", "https://app.example"}});
  CHECK(answer.header("Access-Control-Allow-Origin") == "https://app.example");
  CHECK(answer.header("Access-Control-Allow-Credentials") == "true");
  for (const char* origin : {"null", "https://app.example.evil", "https://evilapp.example", "https://app.example:444", "http://app.example",
                             "https://APP.example", "https://app.example/", "*", "https://b.example"}) {
    CAPTURE(origin);
    CHECK(api.get("/health", {{"Origin", origin}}).header("Access-Control-Allow-Origin").empty());
  }
  const Fields asks = {{"Origin", "https://app.example"}, {"Access-Control-Request-Method", "DELETE"}};
  const Answer preflight = api.send("OPTIONS", "/v1/auth/sessions/x", "", asks);
  CHECK(preflight.status() == 204);
  CHECK(preflight.header("Access-Control-Allow-Origin") == "https://app.example");
  CHECK(preflight.header("Access-Control-Allow-Methods") == "DELETE, OPTIONS");
  CHECK(preflight.header("Access-Control-Allow-Headers").find("X-CSRF-Token") != std::string::npos);
  const Answer foreign = api.send("OPTIONS", "/v1/auth/me", "", {{"Origin", "https://evil.example"}, {"Access-Control-Request-Method", "GET"}});
  CHECK(foreign.status() == 204);
  CHECK(foreign.header("Access-Control-Allow-Methods").empty());
  CHECK(foreign.header("Allow") == "GET, HEAD, PATCH, PUT, DELETE, OPTIONS");
  CHECK(api.send("OPTIONS", "/nowhere", "", asks).status() == 404);
}

TEST_CASE("only allowed hosts are answered, probes excepted") {
  Api api([](Config&, server::ServerOptions& options) { REQUIRE(options.set("http.allowed_hosts", "auth.example,.wild.example,[::1]")); });
  const auto with_host = [&](std::string_view host, std::string_view path) {
    server::Request request{"GET", path, {}, {{"Host", host}}, {}, "192.0.2.1"};
    return server::dispatch(api.app(), request).status;
  };
  for (const char* host : {"auth.example", "AUTH.example:8000", "wild.example", "a.b.wild.example", "[::1]", "[::1]:80"}) {
    CAPTURE(host);
    CHECK(with_host(host, "/openapi.json") == 200);
  }
  for (const char* host : {"evil.example", "auth.example.evil", "xauth.example", "evilwild.example", "", "[::2]:80"}) {
    CAPTURE(host);
    CHECK(with_host(host, "/openapi.json") == 400);
    CHECK(with_host(host, "/health") == 200);
  }
}

TEST_CASE("an inside error tells the client nothing and the log everything") {
  Api api;
  server::Request request{"GET", "/x", {}, {}, {}, "192.0.2.1"};
  const server::Response answer = server::refuse(api.app(), request, {Errc::store_unavailable, "disk /var/lib/secret is full"});
  CHECK(answer.status == 503);
  CHECK(answer.body.find("/var/lib") == std::string::npos);
  CHECK(answer.header("Retry-After") == "1");
}

TEST_CASE("the log has neither passwords nor tokens nor queries") {
  Api api;
  const Answer login = api.log_in();
  api.get("/v1/auth/me?token=canary-query", Api::bearer(login.text("access_token")));
  api.post("/v1/auth/login", R"({"email":"ada@example.org","password":"canary-password-1"})");
  api.post("/v1/auth/refresh", R"({"refresh_token":"canary-refresh"})");
  for (const std::string& secret : {std::string(password), std::string("canary"), login.text("access_token"), login.text("refresh_token")}) {
    CHECK(api.log().find(secret) == std::string::npos);
  }
}

TEST_CASE("every route of the table is answered, described, and asks for what it says") {
  Api api;
  const Answer document = api.get("/openapi.json");
  CHECK(document.text("openapi") == "3.1.0");
  for (const server::Route& route : server::routes()) {
    CAPTURE(route.path);
    std::string method(route.method);
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    const auto* path = document.body.at("paths").as_object().if_contains(route.path);
    REQUIRE(path != nullptr);
    REQUIRE(path->as_object().contains(method));
    CHECK(path->at(method).as_object().contains("security") == (route.access == server::Access::identity));
    if (route.access == server::Access::identity) CHECK(api.send(route.method, route.path).status() == 401);
    for (const std::string_view schema : {route.request, route.response}) {
      if (!schema.empty()) CHECK(document.body.at("components").at("schemas").as_object().contains(schema));
    }
  }
}

TEST_CASE("a request waits where its route says, and a cookie never makes the I/O thread wait") {
  Api api;
  const auto where = [&](std::string_view method, std::string_view path, std::vector<server::Field> fields = {}) {
    server::Request request{method, path, {}, std::move(fields), {}, "192.0.2.1"};
    return server::plan(api.app(), request);
  };
  CHECK(where("GET", "/health").where == server::Where::io);
  CHECK(where("GET", "/v1/auth/me", {{"Authorization", "Bearer x"}}).where == server::Where::io);
  CHECK(where("GET", "/v1/auth/me", {{"Cookie", "__Host-ak_session=x"}}).where == server::Where::worker);
  CHECK(where("POST", "/v1/auth/refresh").where == server::Where::worker);
  CHECK(where("POST", "/v1/auth/login").where == server::Where::hashing);
  CHECK(where("POST", "/v1/auth/login").client == "192.0.2.1");
  CHECK(where("GET", "/v1/auth/login").where == server::Where::io);
}

TEST_CASE("written answers are framed, and one with a control character in a header becomes a bare 500") {
  server::Response response;
  response.status = 201;
  response.add("X-One", "a");
  response.body = "body";
  std::string out;
  server::write_response(response, server::After::keep_alive, out);
  CHECK(out.starts_with("HTTP/1.1 201 Created\r\nX-One: a\r\n"));
  CHECK(out.ends_with("Content-Length: 4\r\nConnection: keep-alive\r\n\r\nbody"));
  for (const std::string& value : {std::string("a\r\nX: b"), std::string("a\nb"), std::string("a\0b", 3), std::string("a\x7f")}) {
    response.set("X-One", value);
    out.clear();
    server::write_response(response, server::After::close, out);
    CHECK(out.starts_with("HTTP/1.1 500 Internal Server Error\r\n"));
    CHECK(out.find("X-One") == std::string::npos);
    CHECK(out.ends_with("Content-Length: 0\r\nConnection: close\r\n\r\n"));
  }
  server::Response empty;
  empty.status = 204;
  out.clear();
  server::write_response(empty, server::After::close, out);
  CHECK(out.find("Content-Length") == std::string::npos);
}
