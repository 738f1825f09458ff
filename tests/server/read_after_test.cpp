#include "core/random.hpp"
#include "server/api.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

using namespace authkit;
using namespace authkit::test;

namespace {

void on_replicas(Config& config, server::ServerOptions&) {
  const char *primary = std::getenv("AUTHKIT_TEST_POSTGRESQL"), *replicas = std::getenv("AUTHKIT_TEST_REPLICAS");
  if (primary == nullptr || replicas == nullptr)
    FAIL("AUTHKIT_TEST_POSTGRESQL and AUTHKIT_TEST_REPLICAS are not set: tests/run.sh starts the servers");
  config.database.url = primary;
  config.database.replica_url = replicas;
  config.database.deadline = std::chrono::seconds(30);
  config.tenant = to_text(random_id<TokenId>().value());
  config.master_key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
}

std::string cookie_set(const Answer& answer, std::string_view name) {
  for (const auto& header : answer.response.headers) {
    if (header.name == "Set-Cookie" && header.value.starts_with(name)) return header.value;
  }
  return {};
}

}  // namespace

TEST_CASE("AuthKit-Read-After: a change says how far it is in the log, and what comes back is believed only when it was signed here") {
  Api api(on_replicas);
  const Answer signed_up = api.sign_up();
  const std::string seen = signed_up.header("AuthKit-Read-After");
  REQUIRE(seen.starts_with("v1.1."));
  const std::shared_ptr<ReadAfter> parsed = api.auth().read_after(seen);
  CHECK(parsed->position().timeline == 1);
  CHECK(parsed->position().lsn > 0);
  CHECK(api.auth().sign(*parsed) == seen);

  for (const std::string& forged : {seen.substr(0, 5) + "9" + seen.substr(5), seen + "A", seen.substr(1), std::string("v1.1.99."), std::string("v1")})
    CHECK(api.auth().read_after(forged)->position().is_none());

  const Answer logged_in = api.log_in();
  Fields fields = Api::bearer(logged_in.text("access_token"));
  fields.push_back({"AuthKit-Read-After", seen});
  const Answer me = api.get("/v1/auth/me", fields);
  CHECK(me.status() == 200);
  CHECK(me.header("AuthKit-Read-After").empty());  // it changed nothing
}

TEST_CASE("AuthKit-Read-After: a browser carries it in a cookie of its own") {
  Api api(on_replicas);
  api.sign_up();
  const Answer answer = api.post("/v1/auth/login", R"({"email":"ada@example.org","password":"correct horse battery staple","transport":"cookie"})");
  REQUIRE(answer.status() == 200);
  const std::string cookie = cookie_set(answer, "__Host-ak_read_after=v1.1.");
  CHECK(cookie.find("Max-Age=60") != std::string::npos);
  CHECK(cookie.find("HttpOnly") != std::string::npos);
  CHECK_FALSE(cookie_set(answer, "__Host-ak_session=").empty());
}

TEST_CASE("AuthKit-Read-After: nobody is told anything where there are no replicas") {
  Api api;
  CHECK(api.sign_up().header("AuthKit-Read-After").empty());
  CHECK(api.auth().read_after("v1.1.5.x") == nullptr);
}
