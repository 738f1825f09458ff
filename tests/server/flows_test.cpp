#include "server/api.hpp"

#include <doctest/doctest.h>

#include <map>
#include <memory>

using namespace authkit;
using namespace authkit::test;

namespace {

const std::string new_password = "a wholly different sentence";

/// A server that can reach its users; the test is their mailbox.
struct Mailbox {
  std::shared_ptr<std::vector<Message>> sent = std::make_shared<std::vector<Message>>();
  Api api;

  explicit Mailbox(EmailVerification verification = EmailVerification::optional)
      : api([this, verification](Config& config, server::ServerOptions&) {
          config.account.email_verification = verification;
          config.limit.mail_identifier = {1000, Duration{1000}};
          config.account.link_url = "https://app.example/auth";
          config.notify = [sent = sent](const Message& message) -> Result<void> {
            sent->push_back(message);
            return {};
          };
        }) {}

  Message message(std::string_view kind) {
    sent->clear();
    api.auth().deliver().value();
    REQUIRE(sent->size() == 1);
    CHECK(sent->front().kind == kind);
    return sent->front();
  }
  std::size_t delivered() {
    sent->clear();
    return api.auth().deliver().value();
  }
};

std::string json(std::initializer_list<std::pair<const char*, std::string>> members) {
  boost::json::object object;
  for (const auto& [name, value] : members) object[name] = value;
  return boost::json::serialize(object);
}

}  // namespace

TEST_CASE("sign-up, confirmation by link or code, login: nothing tells whether an address was known") {
  Mailbox box(EmailVerification::required);
  const Answer first = box.api.sign_up();
  CHECK(first.status() == 202);
  CHECK(first.text("status") == "verification_required");
  const Message sent = box.message("verify_email");
  const Answer login = box.api.post("/v1/auth/login", json({{"email", "ada@example.org"}, {"password", std::string(password)}}));
  CHECK(login.status() == 403);
  CHECK(login.code() == "email_not_verified");
  CHECK(box.api.get("/v1/auth/verify-email?token=" + sent.token).status() == 405);  // a GET consumes nothing
  CHECK(box.api.post("/v1/auth/verify-email", json({{"email", "ada@example.org"}, {"code", sent.code}})).status() == 204);
  CHECK(box.api.post("/v1/auth/verify-email", json({{"token", sent.token}})).code() == "ticket_invalid");
  CHECK(box.api.post("/v1/auth/login", json({{"email", "ada@example.org"}, {"password", std::string(password)}})).status() == 200);
  const Answer again = box.api.sign_up();
  CHECK(again.status() == 202);
  CHECK(again.response.body == first.response.body);
  CHECK(box.message("account_exists").to == "ada@example.org");
  for (const char* email : {"ada@example.org", "nobody@example.org"}) {
    const Answer resend = box.api.post("/v1/auth/verify-email/resend", json({{"email", email}}));
    CHECK(resend.status() == 202);
  }
  CHECK(box.delivered() == 0);
}

TEST_CASE("a forgotten password is reset by message, whatever the request says about hosts") {
  Mailbox box;
  box.api.sign_up();
  box.message("verify_email");
  const Fields spoofed[] = {{},
                            {{"X-Forwarded-Host", "evil.example"}},
                            {{"Forwarded", "host=evil.example;proto=http"}},
                            {{"X-Forwarded-Proto", "http"}, {"X-Original-URL", "https://evil.example/"}}};
  std::string token;
  for (const Fields& fields : spoofed) {
    if (&fields != spoofed) box.api.pass(Duration{3600'000});
    CHECK(box.api.post("/v1/auth/password/forgot", json({{"email", "ada@example.org"}}), fields).status() == 202);
    const Message sent = box.message("reset_password");
    CHECK(sent.link == "https://app.example/auth/reset-password#token=" + sent.token);
    token = sent.token;
  }
  CHECK(box.api.post("/v1/auth/password/forgot", json({{"email", "nobody@example.org"}})).status() == 202);
  CHECK(box.delivered() == 0);
  const Answer weak = box.api.post("/v1/auth/password/reset", json({{"token", token}, {"new_password", "short"}}));
  CHECK(weak.status() == 422);
  CHECK(weak.code() == "weak_password");
  CHECK(box.api.post("/v1/auth/password/reset", json({{"token", token}, {"new_password", new_password}})).status() == 204);
  CHECK(box.api.post("/v1/auth/password/reset", json({{"token", token}, {"new_password", new_password}})).code() == "ticket_invalid");
  CHECK(box.api.post("/v1/auth/login", json({{"email", "ada@example.org"}, {"password", new_password}})).status() == 200);
}

TEST_CASE("an address that is no single text is refused, and nobody is written to") {
  Mailbox box;
  box.api.sign_up();
  box.message("verify_email");
  for (const char* body :
       {R"({"email":["ada@example.org","eve@example.org"]})", R"({"email":{"a":"b"}})", R"({"email":"ada@example.org,eve@example.org"})",
        "{\"email\":\"ada@example.org\\r\\nBcc: eve@example.org\"}", R"({"email":true})", R"({"email":null})", "{}"}) {
    CAPTURE(body);
    for (const char* path : {"/v1/auth/password/forgot", "/v1/auth/verify-email/resend"}) CHECK(box.api.post(path, body).status() == 422);
  }
  CHECK(box.api.post("/v1/auth/password/forgot", R"({"email":"ada@example.org","email":"eve@example.org"})").status() == 400);
  for (const char* body :
       {R"({"token":""})", R"({"token":0})", R"({"token":true})", R"({"token":{}})", R"({"token":["x"]})", "{\"token\":\"\\u0000\"}"}) {
    CAPTURE(body);
    CHECK(box.api.post("/v1/auth/verify-email", body).status() == 422);
  }
  CHECK(box.delivered() == 0);
}

TEST_CASE("a password is changed with the current one, and the answer carries the session on") {
  Api api;
  const std::string token = api.log_in().text("access_token");
  const auto change = [&](const std::string& from, const std::string& to) {
    return api.post("/v1/auth/password/change", json({{"current_password", from}, {"new_password", to}}), Api::bearer(token));
  };
  const Answer wrong = change("not this one at all", new_password);
  CHECK(wrong.status() == 422);
  CHECK(wrong.code() == "current_password_invalid");
  const Answer done = change(std::string(password), new_password);
  REQUIRE(done.status() == 200);
  CHECK(api.get_as(token, "/v1/auth/me").status() == 401);
  CHECK(api.get_as(done.text("access_token"), "/v1/auth/me").status() == 200);
  CHECK(api.post("/v1/auth/refresh", json({{"refresh_token", done.text("refresh_token")}})).status() == 200);
}

TEST_CASE("with a cookie a changed password sets the new cookie, and needs the proof of a page") {
  Api api;
  const auto [cookie, csrf] = api.log_in_with_cookie();
  const std::string body = json({{"current_password", std::string(password)}, {"new_password", new_password}});
  CHECK(api.post("/v1/auth/password/change", body, Api::cookie(cookie)).code() == "csrf_refused");
  Fields fields = Api::cookie(cookie);
  fields.emplace_back("X-CSRF-Token", csrf);
  const Answer done = api.post("/v1/auth/password/change", body, fields);
  CHECK(done.status() == 200);
  CHECK_FALSE(done.has("access_token"));
  CHECK(done.header("Set-Cookie").starts_with("__Host-ak_session="));
  CHECK(api.get("/v1/auth/me", Api::cookie(cookie)).status() == 401);
}

TEST_CASE("a profile is patched, and only over the version that was seen") {
  Api api;
  const std::string token = api.log_in().text("access_token");
  const std::string seen = api.get_as(token, "/v1/auth/me").header("ETag");
  const auto patch = [&](std::string_view method, const std::string& body, Fields fields) {
    fields.emplace_back("Authorization", "Bearer " + token);
    fields.emplace_back("Content-Type", "application/json");
    return api.send(method, "/v1/auth/me", body, fields);
  };
  const Answer first = patch("PATCH", R"({"profile":{"name":"Ada","old":1}})", {{"If-Match", seen}});
  REQUIRE(first.status() == 200);
  CHECK(first.text("profile.name") == "Ada");
  CHECK(patch("PATCH", R"({"profile":{"name":"Eve"}})", {{"If-Match", seen}}).status() == 412);
  CHECK(patch("PUT", R"({"profile":{"old":null}})", {{"If-Match", first.header("ETag")}}).status() == 200);
  const Answer me = api.get_as(token, "/v1/auth/me");
  CHECK(me.text("profile.name") == "Ada");
  CHECK_FALSE(me.has("profile.old"));
  for (const char* bad : {"{}", R"({"profile":[]})", R"({"profile":{},"email_verified":true})", R"({"profile":{},"roles":["admin"]})"}) {
    CAPTURE(bad);
    CHECK(patch("PATCH", bad, {}).status() == 422);
  }
}

TEST_CASE("an address is changed by a message to the new one, after a recent login") {
  Mailbox box;
  const std::string token = box.api.log_in().text("access_token");
  box.message("verify_email");
  CHECK(box.api.post("/v1/auth/email/change", json({{"email", "ada@new.example"}}), Api::bearer(token)).status() == 202);
  const Message sent = box.message("change_email");
  CHECK(sent.to == "ada@new.example");
  CHECK(box.api.post("/v1/auth/email/change/confirm", json({{"token", sent.token}})).status() == 204);
  CHECK(box.message("email_changed").to == "ada@example.org");
  box.api.pass(Duration{301'000});
  const Answer late = box.api.post("/v1/auth/email/change", json({{"email", "x@new.example"}}), Api::bearer(token));
  CHECK(late.status() == 401);
  CHECK(late.code() == "reauthentication_required");
}

TEST_CASE("an account is closed with its password, or after a recent login") {
  Api api;
  const std::string token = api.log_in().text("access_token");
  const auto close = [&](const std::string& body) {
    return api.send("DELETE", "/v1/auth/me", body, {{"Authorization", "Bearer " + token}, {"Content-Type", "application/json"}});
  };
  CHECK(close(R"({"password":"not this one"})").code() == "current_password_invalid");
  CHECK(close("").status() == 202);
  CHECK(api.get_as(token, "/v1/auth/me").status() == 401);
  CHECK(api.post("/v1/auth/login", json({{"email", "ada@example.org"}, {"password", std::string(password)}})).code() == "invalid_credentials");
}

TEST_CASE("a second factor is set up, asked for, and replaced by a recovery code") {
  Api api;
  const std::string token = api.log_in().text("access_token");
  const Answer enrolment = api.post("/v1/auth/mfa/totp/enroll", R"({"label":"phone"})", Api::bearer(token));
  REQUIRE(enrolment.status() == 201);
  CHECK(enrolment.text("otpauth_uri").starts_with("otpauth://totp/authkit:ada%40example.org?secret=" + enrolment.text("secret")));
  CHECK(enrolment.header("Cache-Control").find("no-store") != std::string::npos);
  const Answer wrong =
      api.post("/v1/auth/mfa/totp/verify", json({{"factor_id", enrolment.text("factor_id")}, {"code", "000000"}}), Api::bearer(token));
  CHECK(wrong.status() == 422);
  CHECK(wrong.code() == "mfa_setup_code_invalid");
  CHECK(api.post("/v1/auth/mfa/totp/verify", json({{"factor_id", "nonsense"}, {"code", "000000"}}), Api::bearer(token)).status() == 404);

  const std::string code = totp_code(enrolment.text("secret"), api.auth().config().clock());
  const Answer confirmed =
      api.post("/v1/auth/mfa/totp/verify", json({{"factor_id", enrolment.text("factor_id")}, {"code", code}}), Api::bearer(token));
  REQUIRE(confirmed.status() == 200);
  const auto& codes = confirmed.body.at("recovery_codes").as_array();
  REQUIRE(codes.size() == 10);
  CHECK(confirmed.has("access_token"));

  const Answer first = api.post("/v1/auth/login", json({{"email", "ada@example.org"}, {"password", std::string(password)}}));
  CHECK(first.status() == 401);
  CHECK(first.code() == "mfa_required");
  CHECK_FALSE(first.has("access_token"));
  CHECK(first.header("WWW-Authenticate") == R"(Bearer realm="authkit")");
  const auto second = [&](const std::string& method, const std::string& with) {
    return api.post("/v1/auth/mfa/verify", json({{"mfa_token", first.text("mfa_token")}, {"method", method}, {"code", with}}));
  };
  CHECK(second("totp", code).code() == "mfa_code_invalid");  // used up by the set-up
  CHECK(second("fax", code).status() == 422);
  const Answer in = second("recovery_code", std::string(codes[0].as_string()));
  REQUIRE(in.status() == 200);
  CHECK(second("recovery_code", std::string(codes[1].as_string())).code() == "mfa_token_expired");

  const std::string access = in.text("access_token");
  const Answer me = api.get_as(access, "/v1/auth/me");
  CHECK(me.body.at("mfa").at("totp").as_bool());
  CHECK(me.body.at("mfa").at("recovery_codes_left").as_int64() == 9);
  CHECK(api.get_as(access, "/v1/auth/mfa/totp").body.at("items").as_array().size() == 1);
  CHECK(api.post("/v1/auth/mfa/recovery-codes", "{}", Api::bearer(access)).body.at("recovery_codes").as_array().size() == 10);
  const Answer gone = api.send("DELETE", "/v1/auth/mfa/totp/" + enrolment.text("factor_id"), {}, Api::bearer(access));
  CHECK(gone.status() == 200);
  CHECK(api.log_in().status() == 200);
}
