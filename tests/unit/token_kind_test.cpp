// Kinds of tokens under one key: none is ever taken for another (RFC 8725 section 3.11).
#include "authkit/verifier.hpp"

#include "core/base64url.hpp"
#include "token/signature.hpp"
#include "unit/key_samples.hpp"

#include <doctest/doctest.h>

using namespace authkit;
using namespace authkit::test;

namespace {

const Time noon{std::chrono::seconds(1'800'000'000)};
const UserId someone{{1, 2, 3}};

struct Kind {
  std::string_view typ;  ///< as an option
  std::string_view written;
};
constexpr Kind kinds[] = {{"", "at+jwt"}, {"mfa+jwt", "mfa+jwt"}, {"vnd.example.download+jwt", "vnd.example.download+jwt"}, {"JOSE", "JOSE"}};

Tokens tokens_of(std::string_view typ, const Key& key) {
  TokenOptions options;
  options.typ = typ;
  return Tokens::open(options, KeyRing::fixed({key}, {}).value(), [] { return noon; }).value();
}

std::string header_of(std::string_view token) { return base64url::decode(token.substr(0, token.find('.'))).value(); }

/// A token under any header.
std::string signed_token(const Key& key, std::string_view header) {
  std::string token =
      base64url::encode(header) + "." + base64url::encode(std::string_view(R"({"iss":"authkit","aud":"authkit","sub":"x","exp":1800000900})"));
  std::array<std::uint8_t, 1024> signature;
  const std::size_t size = make_signature(key, token, signature).value();
  return token + "." + base64url::encode(std::span<const std::uint8_t>(signature.data(), size));
}

VerifyOptions options_for(const Key& key, std::string_view typ) {
  VerifyOptions options;
  options.algorithm = key.algorithm();
  options.issuer = "authkit";
  options.audiences = {"authkit"};
  options.now = noon;
  options.typ = typ;
  return options;
}

}  // namespace

TEST_CASE("each kind of token is refused as every other kind") {
  for (const Algorithm algorithm : {Algorithm::ES256, Algorithm::HS256, Algorithm::EdDSA}) {
    const Key& key = sample_key(algorithm);
    for (const Kind& made : kinds) {
      const std::string token = tokens_of(made.typ, key).issue({.subject = someone}).value().token;
      CHECK(json::parse(header_of(token))->find("typ")->text == made.written);
      for (const Kind& wanted : kinds) {
        CAPTURE(made.written);
        CAPTURE(wanted.written);
        const auto own = tokens_of(wanted.typ, key).verify(token);
        const auto foreign = verify_jwt(token, {key}, options_for(key, wanted.written));
        if (made.written == wanted.written) {
          CHECK(own->user() == someone);
          CHECK(foreign->user() == someone);
        } else {
          CHECK(own.error().code == Errc::invalid_token);
          CHECK(foreign.error().code == Errc::invalid_token);
        }
      }
      CHECK(verify_jwt(token, {key}, options_for(key, "")));  // who asks for no kind takes every one
    }
  }
}

TEST_CASE("a kind is read without regard to case and with its full name, and in no other spelling") {
  const Key& key = sample_key(Algorithm::HS256);
  const Tokens access = tokens_of("", key), mfa = tokens_of("mfa+jwt", key);
  const auto header = [](std::string_view typ) { return R"({"alg":"HS256","typ":)" + std::string(typ) + "}"; };
  for (const char* typ : {R"("at+jwt")", R"("AT+JWT")", R"("application/at+jwt")", R"("APPLICATION/At+Jwt")", R"("at\u002bjwt")"})
    CHECK(access.verify(signed_token(key, header(typ))));
  for (const char* typ :
       {R"("mfa+jwt")", R"("application/mfa+jwt")", R"("JWT")", R"("jwt")", R"("at+jwt ")", R"(" at+jwt")", R"("at+jwt\u0000")", R"("at jwt")",
        R"("text/at+jwt")", R"("application/application/at+jwt")", R"("application/")", R"("")", "null", "1", R"(["at+jwt"])", R"("at%2bjwt")"}) {
    CAPTURE(typ);
    CHECK(access.verify(signed_token(key, header(typ))).error().code == Errc::invalid_token);
  }
  CHECK(access.verify(signed_token(key, R"({"alg":"HS256"})")).error().code == Errc::invalid_token);
  CHECK(mfa.verify(signed_token(key, R"({"alg":"HS256"})")).error().code == Errc::invalid_token);
  CHECK(mfa.verify(signed_token(key, header(R"("Application/MFA+jwt")"))));
  CHECK(mfa.verify(signed_token(key, header(R"("at+jwt")"))).error().code == Errc::invalid_token);
}

TEST_CASE("a token in a token is refused, whatever its kind") {
  const Key& key = sample_key(Algorithm::HS256);
  for (const char* cty : {"JWT", "jwt", "application/jwt"}) {
    const std::string token = signed_token(key, R"({"alg":"HS256","typ":"at+jwt","cty":")" + std::string(cty) + "\"}");
    CHECK(tokens_of("", key).verify(token).error().code == Errc::invalid_token);
    CHECK(verify_jwt(token, {key}, options_for(key, "")).error().code == Errc::invalid_token);
    CHECK(verify_jws(token, {key}, options_for(key, "")));  // of a JWS the payload may be anything
  }
  CHECK(tokens_of("", key).verify(signed_token(key, R"({"alg":"HS256","typ":"at+jwt","cty":"json"})")));
}

TEST_CASE("a kind must tell something") {
  const auto ring = KeyRing::fixed({sample_key(Algorithm::HS256)}, {}).value();
  for (const std::string& bad : {std::string("JWT"), std::string("jwt"), std::string("application/mfa+jwt"), std::string("a b"), std::string("a\"b"),
                                 std::string("\xc3\xa9"), std::string("a\0b", 3), std::string(65, 'a')}) {
    CAPTURE(bad);
    TokenOptions options;
    options.typ = bad;
    CHECK(Tokens::open(options, ring).error().code == Errc::config_invalid);
  }
  TokenOptions simplejwt;
  simplejwt.profile = TokenProfile::simplejwt;
  CHECK(Tokens::open(simplejwt, ring));
  simplejwt.typ = "mfa+jwt";
  CHECK(Tokens::open(simplejwt, ring).error().code == Errc::config_invalid);
}
