#include "authkit/token.hpp"

#include "core/base64url.hpp"
#include "core/digest.hpp"
#include "token/signature.hpp"
#include "unit/auth_fixture.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace authkit;

namespace {

const Time noon{std::chrono::seconds(1'800'000'000)};
const std::string secret = "a secret that is shared with Django";
const std::string header = R"({"alg":"HS256","typ":"JWT"})";

Key shared_key() { return Key::from_secret(secret, Algorithm::HS256).value(); }

TokenOptions simplejwt() {
  TokenOptions options;
  options.profile = TokenProfile::simplejwt;
  options.issuer.clear();
  options.audience.clear();
  return options;
}

Tokens open(TokenOptions options) {
  return Tokens::open(std::move(options), KeyRing::fixed({shared_key()}, {}).value(), [] { return noon; }).value();
}

std::string signed_token(std::string_view head, std::string_view payload) {
  std::string token = base64url::encode(as_bytes(head)) + '.' + base64url::encode(as_bytes(payload));
  std::array<std::uint8_t, 64> signature{};
  const std::size_t size = make_signature(shared_key(), token, signature).value();
  return token + '.' + base64url::encode({signature.data(), size});
}

/// What djangorestframework-simplejwt puts into an access token, with one claim replaced.
std::string django_token(std::string_view user = R"("42")", std::string_view type = R"("access")", std::string_view more = "") {
  return signed_token(header, R"({"token_type":)" + std::string(type) +
                                  R"(,"exp":1800000300,"iat":1800000000,"jti":"0f6a3c0e5d8b4c8c9d2f3b4a5c6d7e8f","user_id":)" + std::string(user) +
                                  std::string(more) + "}");
}

UserId some_user() { return parse_user_id("01890a5d-ac96-774b-bcce-b302099a8057").value(); }

std::string part(std::string_view token, int index) {
  for (; index > 0; --index) token.remove_prefix(token.find('.') + 1);
  return base64url::decode(token.substr(0, token.find('.'))).value();
}

}  // namespace

TEST_CASE("an access token of simplejwt verifies under its profile, with the user as text or as a number") {
  const Tokens tokens = open(simplejwt());
  const auto text = tokens.verify(django_token());
  REQUIRE(text);
  CHECK(text->subject() == "42");
  CHECK(text->token_id() == "0f6a3c0e5d8b4c8c9d2f3b4a5c6d7e8f");
  CHECK(text->expires_at() == noon + Duration{300'000});
  const auto number = tokens.verify(django_token("42"));
  REQUIRE(number);
  CHECK(number->subject() == "42");
  CHECK(number->user() == text->user());
  CHECK(number->json().find(R"("user_id":42)") != std::string_view::npos);
  CHECK(tokens.verify(django_token("9223372036854775807"))->subject() == "9223372036854775807");
  CHECK(tokens.verify(django_token("7", R"("access")", R"(,"acr":"a\u0062c")"))->acr() == "abc");
  CHECK(tokens.verify(django_token(R"("a\u0062c")"))->subject() == "abc");
  CHECK(tokens.verify(django_token(R"("01890a5d-ac96-774b-bcce-b302099a8057")"))->user() == some_user());
}

TEST_CASE("what is no access token of simplejwt is refused under its profile") {
  const Tokens tokens = open(simplejwt());
  for (const std::string& token : {
           django_token(R"("42")", R"("refresh")"),
           django_token(R"("42")", R"("Access")"),
           django_token(R"("42")", "1"),
           django_token(R"("42")", "null"),
           django_token(R"("42")", R"(["access"])"),
           django_token(R"("")"),
           django_token("-1"),
           django_token("4.2"),
           django_token("1e3"),
           django_token("9223372036854775808"),
           django_token("true"),
           django_token("null"),
           django_token(R"(["42"])"),
           django_token(R"("42")", R"("access")", R"(,"user_id":"43")"),
           django_token(R"("42")", R"("access")", R"(,"token_type":"access")"),
           django_token(R"("42")", R"("access")", R"(,"aud":"somewhere")"),                 // for somebody else
           signed_token(header, R"({"token_type":"access","exp":1800000300,"sub":"42"})"),  // no user_id
           signed_token(header, R"({"exp":1800000300,"user_id":"42"})"),                    // no token_type
           signed_token(header, R"({"token_type":"access","user_id":"42"})"),               // no exp
           signed_token(R"({"alg":"HS256","typ":"at+jwt"})", R"({"token_type":"access","exp":1800000300,"user_id":"42"})"),
           signed_token(R"({"alg":"HS256"})", R"({"token_type":"access","exp":1800000300,"user_id":"42"})"),
       }) {
    CAPTURE(token);
    const auto claims = tokens.verify(token);
    REQUIRE(!claims);
    CHECK(claims.error().code == Errc::invalid_token);
  }
}

TEST_CASE("issued under simplejwt: typ JWT, token_type access, the user in user_id, and no party that is not configured") {
  const Tokens tokens = open(simplejwt());
  const auto issued = tokens.issue({.subject = some_user(), .roles = {"admin"}}).value();
  CHECK(part(issued.token, 0) == R"({"alg":"HS256","typ":"JWT","kid":")" + shared_key().id() + "\"}");
  const std::string payload = part(issued.token, 1);
  CHECK(payload.starts_with(R"({"token_type":"access","user_id":"01890a5d-ac96-774b-bcce-b302099a8057","exp":1800000900,"iat":1800000000,"jti":")"));
  CHECK(payload.find("iss") == std::string::npos);
  CHECK(payload.find("aud") == std::string::npos);
  CHECK(tokens.verify(issued.token)->user() == some_user());
  for (const char* own : {R"({"user_id":1})", R"({"token_type":"refresh"})", R"({"sub":"x"})"})
    CHECK(tokens.issue({.subject = some_user(), .extra_json = own}).error().code == Errc::invalid_argument);
  CHECK(open({}).issue({.subject = some_user(), .extra_json = R"({"user_id":1,"token_type":"refresh"})"}));

  TokenOptions named = simplejwt();
  named.issuer = "https://id.example";
  named.audience = "api";
  const Tokens strict = open(named);
  CHECK(part(strict.issue({.subject = some_user()})->token, 1).starts_with(R"({"iss":"https://id.example","aud":"api","token_type":"access")"));
  CHECK(strict.verify(strict.issue({.subject = some_user()})->token));
  CHECK(strict.verify(django_token()).error().code == Errc::invalid_token);
  CHECK(strict.verify(django_token("1", R"("access")", R"(,"iss":"https://id.example","aud":["api"])")));
}

TEST_CASE("a token of one profile is refused by the other, and only simplejwt may leave issuer and audience open") {
  CHECK(open({}).verify(open(simplejwt()).issue({.subject = some_user()})->token).error().code == Errc::invalid_token);
  CHECK(open(simplejwt()).verify(open({}).issue({.subject = some_user()})->token).error().code == Errc::invalid_token);
  const auto ring = KeyRing::fixed({shared_key()}, {}).value();
  for (std::string TokenOptions::*party : {&TokenOptions::issuer, &TokenOptions::audience}) {
    TokenOptions open_party;
    (open_party.*party).clear();
    CHECK(Tokens::open(open_party, ring).error().code == Errc::config_invalid);
  }
  TokenOptions unknown;
  unknown.profile = static_cast<TokenProfile>(9);
  CHECK(Tokens::open(unknown, ring).error().code == Errc::config_invalid);
}

TEST_CASE("with a longer leeway a token that is over can still be read, and nothing else is forgiven") {
  Time now = noon;
  const Tokens tokens = Tokens::open({}, KeyRing::fixed({shared_key()}, {}).value(), [&now] { return now; }).value();
  const std::string token = tokens.issue({.subject = some_user()})->token;
  now += std::chrono::hours(24 * 365 * 200);
  CHECK(tokens.verify(token, Duration::max()).error().code == Errc::token_expired);
  now = noon + std::chrono::hours(24);
  CHECK(tokens.verify(token).error().code == Errc::token_expired);
  CHECK(tokens.verify(token, std::chrono::hours(25))->user() == some_user());
  CHECK(tokens.verify(token, Duration::min()).error().code == Errc::token_expired);
  CHECK(tokens.verify(token + "A", std::chrono::hours(25)).error().code == Errc::invalid_token);
}

TEST_CASE("token.profile simplejwt takes out the issuer and the audience that nobody set") {
  Config config;
  REQUIRE(config.set("token.issuer", "https://id.example"));
  REQUIRE(config.set("token.profile", "simplejwt"));
  CHECK(config.token.issuer == "https://id.example");
  CHECK(config.token.audience.empty());
  CHECK(config.validate());
  REQUIRE(config.set("token.issuer", ""));
  CHECK(config.validate());
  REQUIRE(config.set("token.audience", "authkit"));
  REQUIRE(config.set("token.profile", "rfc9068"));
  CHECK(config.token.issuer == "authkit");
  CHECK(config.token.audience == "authkit");
  CHECK(config.set("token.audience", "").error().code == Errc::config_invalid);
  config.token.audience.clear();
  CHECK(!config.validate());
}

TEST_CASE("an Auth under simplejwt logs in, authenticates and logs out, and takes Django's own tokens too") {
  auth_test::Deployment d;
  d.now = noon.time_since_epoch().count();
  Config config = d.memory();
  REQUIRE(config.set("token.profile", "simplejwt"));
  REQUIRE(config.set("token.algorithm", "HS256"));
  REQUIRE(config.set("token.secret", secret));
  const auto auth = Auth::open(config).value();
  REQUIRE(auth->accounts().sign_up(auth_test::alice()));
  const Grant grant = auth_test::log_in(*auth);
  CHECK(part(grant.access_token, 1).starts_with(R"({"token_type":"access","user_id":")"));
  const Identity identity = auth->accounts().authenticate(grant.access_token).value();
  CHECK(auth->accounts().me(identity).value()->id == identity.user);
  CHECK(auth->accounts().log_out(identity));
  CHECK(auth->accounts().authenticate(grant.access_token).error().code == Errc::token_revoked);

  const auto foreign = auth->accounts().authenticate(django_token());
  REQUIRE(foreign);
  CHECK(foreign->session.is_nil());
  CHECK(!auth->accounts().me(*foreign));  // nobody here has the number of a Django user
}
