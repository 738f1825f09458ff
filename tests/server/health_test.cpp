#include "server/api.hpp"

#include <doctest/doctest.h>

using namespace authkit;
using namespace authkit::test;

TEST_CASE("health, live and ready answer without a credential") {
  Api api;
  const Answer health = api.get("/health");
  CHECK(health.status() == 200);
  CHECK(health.text("status") == "ok");
  CHECK(health.text("service") == "authkit");
  CHECK(health.text("timestamp") == "2027-01-15T08:00:00.000Z");
  CHECK_FALSE(health.text("version").empty());
  CHECK(api.get("/live").text("status") == "alive");
  const Answer ready = api.get("/ready");
  CHECK(ready.status() == 200);
  CHECK(ready.text("status") == "ready");
  CHECK(ready.body.at("checks").at(0).at("name").as_string() == "database");
}

TEST_CASE("live is 503 when an I/O thread does not turn") {
  Api api;
  api.app().alive = [] { return false; };
  CHECK(api.get("/live").status() == 503);
}

TEST_CASE("the key set is public, cacheable, and holds the public half of the signing key") {
  Api api;
  const Answer keys = api.get("/.well-known/jwks.json");
  CHECK(keys.header("Content-Type") == "application/jwk-set+json");
  CHECK(keys.header("Cache-Control") == "public, max-age=300");
  const auto& items = keys.body.at("keys").as_array();
  REQUIRE_FALSE(items.empty());
  CHECK_FALSE(items[0].as_object().contains("d"));
  CHECK(items[0].at("kid").as_string() == api.auth().keys().snapshot()->sign->id());
  CHECK(api.get("/.well-known/jwks.json", {{"If-None-Match", keys.header("ETag")}}).status() == 304);
}

TEST_CASE("shared-secret deployments publish no key") {
  Api api([](Config& config, server::ServerOptions&) {
    config.token_algorithm = Algorithm::HS256;
    config.token_secret = std::string(32, 's');
  });
  CHECK(api.get("/.well-known/jwks.json").response.body == R"({"keys":[]})");
  CHECK(api.get_as(api.log_in().text("access_token"), "/v1/auth/me").status() == 200);
}
