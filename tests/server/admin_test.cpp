#include "server/api.hpp"

#include <doctest/doctest.h>

using namespace authkit;
using namespace authkit::test;

namespace {

struct Admin {
  Api api;
  std::string token = [this] {
    NewAccount root;
    root.email = "root@example.org";
    root.password = password;
    root.roles = {"admin"};
    api.auth().accounts().create(root).value();
    return api.log_in("root@example.org").text("access_token");
  }();

  Answer get(const std::string& path) { return api.get_as(token, path); }
  Answer send(std::string_view method, const std::string& path, std::string_view body = "{}") {
    return api.send(method, path, body, {{"Authorization", "Bearer " + token}, {"Content-Type", "application/json"}});
  }
  std::string id_of(std::string_view email) { return to_text(api.auth().accounts().find(email).value().id); }
};

std::vector<std::string> emails(const Answer& answer) {
  std::vector<std::string> out;
  for (const auto& item : answer.body.at("items").as_array()) out.emplace_back(item.at("email").as_string());
  return out;
}

}  // namespace

TEST_CASE("administration takes the permission that the account's roles grant now") {
  Admin admin;
  const std::string ada = admin.api.log_in().text("access_token");
  for (const char* path : {"/v1/admin/users", "/v1/admin/audit-logs"}) {
    const Answer refused = admin.api.get_as(ada, path);
    CHECK(refused.status() == 403);
    CHECK(refused.code() == "insufficient_scope");
    CHECK(refused.header("WWW-Authenticate").find("scope=\"") != std::string::npos);
    CHECK(admin.api.get(path).status() == 401);
    CHECK(admin.get(path).status() == 200);
  }
  CHECK(admin.api.send("DELETE", "/v1/admin/users/" + admin.id_of("root@example.org"), {}, Api::bearer(ada)).status() == 403);
}

TEST_CASE("accounts are listed by cursor or by page, and selected") {
  Admin admin;
  for (int i = 0; i < 5; ++i) {
    admin.api.pass(Duration{1000});  // ids sort by their millisecond
    NewAccount one;
    one.email = "user" + std::to_string(i) + "@example.org";
    one.password_hash = "!";
    if (i % 2 == 0) one.roles = {"even"};
    admin.api.auth().accounts().create(one).value();
  }
  const Answer first = admin.get("/v1/admin/users?limit=4");
  CHECK(emails(first) == std::vector<std::string>{"root@example.org", "user0@example.org", "user1@example.org", "user2@example.org"});
  CHECK(first.header("Link").find("rel=\"next\"") != std::string::npos);
  CHECK(emails(admin.get("/v1/admin/users?limit=4&cursor=" + first.text("next_cursor"))) ==
        std::vector<std::string>{"user3@example.org", "user4@example.org"});
  const Answer page = admin.get("/v1/admin/users?page=2&page_size=4");
  CHECK(emails(page) == std::vector<std::string>{"user3@example.org", "user4@example.org"});
  CHECK(page.body.at("page").as_int64() == 2);
  CHECK(emails(admin.get("/v1/admin/users?page=9&page_size=4")).empty());
  CHECK(emails(admin.get("/v1/admin/users?role=even")).size() == 3);
  CHECK(emails(admin.get("/v1/admin/users?q=USER3")) == std::vector<std::string>{"user3@example.org"});
  CHECK(emails(admin.get("/v1/admin/users?email=User4%40example.org")) == std::vector<std::string>{"user4@example.org"});
  CHECK(emails(admin.get("/v1/admin/users?email=nobody%40example.org")).empty());
  for (const char* bad : {"limit=0", "limit=201", "limit=x", "page=51", "page=1&page_size=201", "status=odd", "created_after=yesterday",
                          "cursor=forged", "colour=red", "limit=1&limit=2", "q=%zz", "q=%00", "page=1&cursor=x"}) {
    CAPTURE(bad);
    CHECK(admin.get(std::string("/v1/admin/users?") + bad).status() == 422);
  }
}

TEST_CASE("an account is made, shown, changed and closed, and each act is in the log with who did it") {
  Admin admin;
  const Answer made =
      admin.send("POST", "/v1/admin/users", R"({"email":"bob@example.org","password":"correct horse battery staple","roles":["support"]})");
  REQUIRE(made.status() == 201);
  const std::string path = "/v1/admin/users/" + made.text("id");
  CHECK(made.header("Location") == path);
  const Answer bob = admin.api.log_in("bob@example.org");
  CHECK(admin.get(path).text("email") == "bob@example.org");
  const Answer changed = admin.send("PATCH", path, R"({"roles":["admin"]})");
  CHECK(changed.status() == 200);
  CHECK(admin.api.get_as(bob.text("access_token"), "/v1/auth/me").status() == 401);
  CHECK(admin.send("POST", path + "/revoke-sessions").status() == 204);
  CHECK(admin.send("POST", path + "/reset-mfa").status() == 204);
  CHECK(admin.send("PATCH", path, R"({"status":"disabled"})").text("status") == "disabled");
  CHECK(admin.send("DELETE", path).status() == 202);
  CHECK(admin.send("DELETE", path).status() == 404);
  const std::string root = admin.id_of("root@example.org");
  for (const char* action : {"user.roles_changed", "session.ended", "mfa.reset", "user.disabled", "user.closed"}) {
    CAPTURE(action);
    const Answer log = admin.get("/v1/admin/audit-logs?action=" + std::string(action) + "&subject=" + made.text("id"));
    REQUIRE(log.body.at("items").as_array().size() == 1);
    CHECK(log.body.at("items").at(0).at("actor").as_string() == root);
  }
  for (const char* bad : {R"({"status":"deleted"})", R"({"status":1})", R"({"roles":"admin"})", R"({"roles":["a b"]})", R"({"email":"x@y.z"})"}) {
    CAPTURE(bad);
    CHECK(admin.send("PATCH", path, bad).status() == 422);
  }
  CHECK(admin.send("POST", "/v1/admin/users", R"({"email":"carl@example.org","password_hash":"md5$x"})").code() == "password_hash_invalid");
  CHECK(admin.get("/v1/admin/users/nonsense").status() == 404);
}

TEST_CASE("the audit log is read by page and time, as one document or line by line") {
  Admin admin;
  admin.api.log_in("ada@example.org");
  const Answer page = admin.get("/v1/admin/audit-logs?limit=2");
  CHECK(page.body.at("items").as_array().size() == 2);
  const Answer rest = admin.get("/v1/admin/audit-logs?limit=2&cursor=" + page.text("next_cursor"));
  CHECK(rest.body.at("items").at(0).at("seq").as_int64() < page.body.at("items").at(1).at("seq").as_int64());
  const Answer lines = admin.api.get("/v1/admin/audit-logs", {{"Authorization", "Bearer " + admin.token}, {"Accept", "application/x-ndjson"}});
  CHECK(lines.header("Content-Type") == "application/x-ndjson");
  CHECK(std::count(lines.response.body.begin(), lines.response.body.end(), '\n') >= 4);
  CHECK(admin.get("/v1/admin/audit-logs?from=2000-01-01T00:00:00Z&to=2000-01-02T00:00:00.000Z").body.at("items").as_array().empty());
  for (const char* bad : {"from=2000-01-02T00:00:00Z&to=2000-01-01T00:00:00Z", "from=2000-13-01T00:00:00Z", "from=2000-01-01T00:00:00",
                          "outcome=maybe", "cursor=-1", "limit=201"}) {
    CAPTURE(bad);
    CHECK(admin.get(std::string("/v1/admin/audit-logs?") + bad).status() == 422);
  }
}
