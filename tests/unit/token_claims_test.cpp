// Rules of format, header and claims at their very edges, under a true signature.
#include "authkit/verifier.hpp"

#include "core/base64url.hpp"
#include "token/ecdsa_der.hpp"
#include "token/signature.hpp"
#include "unit/key_samples.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace authkit;
using namespace authkit::test;

namespace {

constexpr std::string_view header = R"({"alg":"HS256","typ":"at+jwt"})";
constexpr std::int64_t noon_seconds = 1'800'000'000;
const Time noon{std::chrono::seconds(noon_seconds)};

const Key& key() { return sample_key(Algorithm::HS256); }

std::string signed_parts(const Key& signer, const std::string& parts) {
  std::array<std::uint8_t, 1024> signature;
  const std::size_t size = make_signature(signer, parts, signature).value();
  return parts + "." + base64url::encode(std::span<const std::uint8_t>(signature.data(), size));
}

std::string token_of(std::string_view head, std::string_view payload, const Key& signer = key()) {
  return signed_parts(signer, base64url::encode(head) + "." + base64url::encode(payload));
}

/// An access token's claims, with `more` members.
std::string claims(std::string_view more) { return R"({"iss":"authkit","aud":"authkit","sub":"x","exp":1800000900)" + std::string(more) + "}"; }

Errc verdict(const std::string& token, Time now = noon, Duration leeway = Duration(0)) {
  TokenOptions options;
  options.leeway = leeway;
  const Tokens tokens = Tokens::open(options, KeyRing::fixed({key()}, {}).value(), [now] { return now; }).value();
  const auto read = tokens.verify(token);
  return read ? Errc{} : read.error().code;
}

Errc verdict_of(std::string_view more) { return verdict(token_of(header, claims(more))); }

VerifyOptions options_for(Algorithm algorithm) {
  VerifyOptions options;
  options.algorithm = algorithm;
  options.audiences = {"authkit"};
  options.now = noon;
  return options;
}

}  // namespace

TEST_CASE("times hold to the millisecond, with leeway and without") {
  const std::string token = token_of(header, R"({"iss":"authkit","aud":"authkit","sub":"x","exp":1800000010,"nbf":1800000000,"iat":1800000000})");
  const Duration second(1000), moment(1);
  for (const Duration leeway : {Duration(0), Duration(5000)}) {
    CHECK(verdict(token, noon - leeway, leeway) == Errc{});
    CHECK(verdict(token, noon - leeway - moment, leeway) == Errc::token_expired);
    CHECK(verdict(token, noon + 10 * second + leeway - moment, leeway) == Errc{});
    CHECK(verdict(token, noon + 10 * second + leeway, leeway) == Errc::token_expired);
  }
  // Each alone is enough to refuse.
  CHECK(verdict_of(R"(,"nbf":1800000001)") == Errc::token_expired);
  CHECK(verdict_of(R"(,"iat":1800000001)") == Errc::token_expired);
  CHECK(verdict_of(R"(,"nbf":1800000000,"iat":1800000000)") == Errc{});
  // A fraction never adds lifetime: an end is rounded down, a beginning up.
  const auto at = [](std::string_view exp, Duration after) {
    return verdict(token_of(header, R"({"iss":"authkit","aud":"authkit","sub":"x","exp":)" + std::string(exp) + "}"), noon + after);
  };
  CHECK(at("1800000000.0019", Duration(1)) == Errc::token_expired);
  CHECK(at("1800000000.0019", Duration(0)) == Errc{});
  CHECK(verdict_of(R"(,"nbf":1800000000.0001)") == Errc::token_expired);
  CHECK(verdict_of(R"(,"iat":1799999999.9999)") == Errc{});
}

TEST_CASE("a time is a number of a day that there is") {
  const auto with_exp = [](std::string_view exp) {
    return verdict(token_of(header, R"({"iss":"authkit","aud":"authkit","sub":"x","exp":)" + std::string(exp) + "}"));
  };
  CHECK(with_exp("253402300799") == Errc{});
  CHECK(with_exp("253402300799.0") == Errc{});
  for (const char* bad : {"253402300800", "253402300799.5", "1e300", "9223372036854775807", "9223372036854775808", "18446744073709551615",
                          "99999999999999999999", "\"1800000900\"", "true", "null", "[1800000900]", "{}", "1e400"})
    CHECK(with_exp(bad) == Errc::invalid_token);
  for (const char* name : {"nbf", "iat", "auth_time"}) {
    for (const char* bad : {"-1", "-0.5", "253402300800", "1e300", "18446744073709551615", "\"1\"", "true", "null", "[]"})
      CHECK(verdict_of(",\"" + std::string(name) + "\":" + bad) == Errc::invalid_token);
    CHECK(verdict_of(",\"" + std::string(name) + "\":0") == Errc{});
    CHECK(verdict_of(",\"" + std::string(name) + "\":1.5e3") == Errc{});
  }
  CHECK(with_exp("-1") == Errc::invalid_token);
  CHECK(with_exp("-1.5") == Errc::invalid_token);
  CHECK(with_exp("0") == Errc::token_expired);
}

TEST_CASE("claims have their types, and the token names issuer, audience and subject") {
  CHECK(verdict_of(R"(,"jti":"j","sid":"s","epoch":18446744073709551615,"acr":"a","amr":[],"roles":["r"],"x":[1,{"y":null}])") == Errc{});
  for (const char* bad : {R"(,"jti":1)",        R"(,"jti":null)",      R"(,"jti":"a\u0000b")", R"(,"sid":"")",    R"(,"sid":1)",
                          R"(,"sid":["s"])",    R"(,"epoch":-1)",      R"(,"epoch":1.5)",      R"(,"epoch":1e2)", R"(,"epoch":"1")",
                          R"(,"acr":1)",        R"(,"acr":"\u0000")",  R"(,"acr":null)",       R"(,"amr":"pwd")", R"(,"amr":[1])",
                          R"(,"roles":[null])", R"(,"roles":{"a":1})", R"(,"roles":true)",     R"(,"jti":true)",  R"(,"jti":["j"])"}) {
    CAPTURE(bad);
    CHECK(verdict_of(bad) == Errc::invalid_token);
  }
  const auto of = [](std::string_view payload) { return verdict(token_of(header, payload)); };
  CHECK(of(R"({"iss":"authkit","aud":["a","authkit"],"sub":"x","exp":1800000900})") == Errc{});
  for (const char* bad : {R"({"aud":"authkit","sub":"x","exp":1800000900})",
                          R"({"iss":"authkit2","aud":"authkit","sub":"x","exp":1800000900})",
                          R"({"iss":"authki","aud":"authkit","sub":"x","exp":1800000900})",
                          R"({"iss":["authkit"],"aud":"authkit","sub":"x","exp":1800000900})",
                          R"({"iss":null,"aud":"authkit","sub":"x","exp":1800000900})",
                          R"({"iss":true,"aud":"authkit","sub":"x","exp":1800000900})",
                          R"({"iss":"authkit","sub":"x","exp":1800000900})",
                          R"({"iss":"authkit","aud":[],"sub":"x","exp":1800000900})",
                          R"({"iss":"authkit","aud":["authkit",1],"sub":"x","exp":1800000900})",
                          R"({"iss":"authkit","aud":["authkit",null],"sub":"x","exp":1800000900})",
                          R"({"iss":"authkit","aud":[["authkit"]],"sub":"x","exp":1800000900})",
                          R"({"iss":"authkit","aud":{"authkit":1},"sub":"x","exp":1800000900})",
                          R"({"iss":"authkit","aud":"authkit ","sub":"x","exp":1800000900})",
                          R"({"iss":"authkit","aud":"authkit","exp":1800000900})",
                          R"({"iss":"authkit","aud":"authkit","sub":"","exp":1800000900})",
                          R"({"iss":"authkit","aud":"authkit","sub":1,"exp":1800000900})",
                          R"({"iss":"authkit","aud":"authkit","sub":null,"exp":1800000900})",
                          R"({"iss":"authkit","aud":"authkit","sub":"a\u0000","exp":1800000900})",
                          R"({"iss":"authkit","aud":"authkit","sub":"x"})",
                          "{}",
                          ""}) {
    CAPTURE(bad);
    CHECK(of(bad) == Errc::invalid_token);
  }
  // What is wrong is said before what is late.
  CHECK(of(R"({"iss":"other","aud":"authkit","sub":"x","exp":1})") == Errc::invalid_token);
  CHECK(of(R"({"iss":"authkit","aud":"other","sub":"x","exp":1})") == Errc::invalid_token);
}

TEST_CASE("a verifier demands the claims that it names, and an audience only from those that name one") {
  VerifyOptions options = options_for(Algorithm::HS256);
  options.required = {"a", "b"};
  const auto with = [&](std::string_view more) { return verify_jwt(token_of(header, claims(more)), {key()}, options).has_value(); };
  CHECK(with(R"(,"a":1,"b":false)"));
  CHECK(with(R"(,"a":[],"b":{})"));
  CHECK_FALSE(with(R"(,"a":1)"));
  CHECK_FALSE(with(R"(,"a":1,"b":null)"));
  CHECK_FALSE(with(R"(,"c":{"a":1,"b":1})"));
  options.required.assign(64, "a");
  CHECK(with(R"(,"a":1)"));
  CHECK_FALSE(with(""));
  options.required.assign(65, "a");
  CHECK_FALSE(with(R"(,"a":1)"));

  options = options_for(Algorithm::HS256);
  options.audiences.clear();
  CHECK_FALSE(with(""));
  CHECK(verify_jwt(token_of(header, R"({"exp":1800000900})"), {key()}, options));
  CHECK_FALSE(verify_jwt(token_of(header, R"({"exp":1800000900,"aud":[]})"), {key()}, options));
  options.issuer = "authkit";
  CHECK_FALSE(verify_jwt(token_of(header, R"({"exp":1800000900})"), {key()}, options));
}

TEST_CASE("a payload and a header are strict JSON") {
  const auto of = [](std::string_view payload) { return verdict(token_of(header, payload)); };
  const auto nested = [](int depth) {
    return ",\"d\":" + std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
  };
  CHECK(verdict_of(nested(14)) == Errc{});
  CHECK(verdict_of(nested(15)) == Errc{});
  CHECK(verdict_of(nested(16)) == Errc::invalid_token);
  const auto named = [](std::size_t size) { return ",\"" + std::string(size, 'n') + "\":1"; };
  CHECK(verdict_of(named(128)) == Errc{});
  CHECK(verdict_of(named(129)) == Errc::invalid_token);
  const auto many = [](int members) {
    std::string out;
    for (int i = 0; i < members; ++i) out += ",\"m" + std::to_string(i) + "\":{}";
    return out;
  };
  CHECK(verdict_of(many(252)) == Errc{});
  CHECK(verdict_of(many(253)) == Errc::invalid_token);
  std::string inner = ",\"o\":{\"a\":0}";  // closed objects count as well
  for (int i = 0; i < 150; ++i) inner += ",\"o" + std::to_string(i) + "\":{\"a\":0}";
  CHECK(verdict_of(inner) == Errc::invalid_token);
  for (const char* bad : {R"(,"sub":"x")", R"(,"\u0073ub":"x")", R"(,"a":{"b":1,"b":2})", R"(,"a":[{"b":1,"b":2}])", R"(,"a\u0000":1)",
                          R"(,"a":1e999)", R"(,"a":-1e999)", R"(,"a":{"b":1e999})", R"(,"a":NaN)", R"(,"a":"\ud800")", ",\"a\":\"\xff\"",
                          R"(,"a":01)", R"(,)", R"(,"a":1,)", R"(,"a":'x')", R"(,/**/"a":1)"}) {
    CAPTURE(bad);
    CHECK(verdict_of(bad) == Errc::invalid_token);
  }
  CHECK(of(claims("") + " \n") == Errc{});
  for (const std::string& bad : {claims("") + "x", claims("") + claims(""), claims("") + std::string(1, '\0'), "[" + claims("") + "]",
                                 std::string("\"x\""), std::string("1"), "\xef\xbb\xbf" + claims("")})
    CHECK(of(bad) == Errc::invalid_token);
}

TEST_CASE("a header is read for what it may say and refused for what would change the verification") {
  const auto of = [](std::string_view head) { return verdict(token_of(head, claims(""))); };
  const auto with = [&](std::string_view more) { return of(R"({"alg":"HS256","typ":"at+jwt")" + std::string(more) + "}"); };
  CHECK(with(R"(,"x":[1,{"crit":1}],"cty":"text","x5t":"y")") == Errc{});
  for (const char* name : {"crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c"})
    for (const char* value : {"[]", "true", "\"x\"", "null", "{}"}) CHECK(with(",\"" + std::string(name) + "\":" + value) == Errc::invalid_token);
  for (const char* name : {"kid", "cty"})
    for (const char* value : {"1", "null", "true", "[]", "{}", "\"\""}) CHECK(with(",\"" + std::string(name) + "\":" + value) == Errc::invalid_token);
  for (const char* head : {R"({"typ":"at+jwt"})", R"({"alg":"","typ":"at+jwt"})", R"({"alg":null,"typ":"at+jwt"})", R"({"alg":256,"typ":"at+jwt"})",
                           R"({"alg":["HS256"],"typ":"at+jwt"})", R"({"alg":"none","typ":"at+jwt"})", R"({"alg":"hs256","typ":"at+jwt"})",
                           R"({"alg":"HS384","typ":"at+jwt"})", R"({"alg":"HS256 ","typ":"at+jwt"})", R"(["alg"])"}) {
    CAPTURE(head);
    CHECK(of(head) == Errc::invalid_token);
  }
  const std::string id = key().id();
  CHECK(with(",\"kid\":\"" + id + "\"") == Errc{});
  CHECK(with(",\"kid\":\"" + id + "x\"") == Errc::invalid_token);
  // A kid with a control character names no key, not even one that a host named so.
  const Key odd = key().with_id("a\nb");
  CHECK_FALSE(verify_jws(token_of(R"({"alg":"HS256","kid":"a\nb"})", "x", odd), {odd}, options_for(Algorithm::HS256)));

  const auto padded = [&](std::size_t size) {
    std::string head = R"({"alg":"HS256","typ":"at+jwt","x":")";
    head.append(size - head.size() - 2, 'x').append("\"}");
    return of(head);
  };
  CHECK(padded(2048) == Errc{});
  CHECK(padded(2049) == Errc::invalid_token);
}

TEST_CASE("a token without kid needs exactly one key that fits, and the algorithm is the caller's") {
  const Key other = Key::generate(Algorithm::HS256).value();
  const std::string token = token_of(header, claims(""));
  CHECK(verify_jwt(token, {key()}, options_for(Algorithm::HS256)));
  CHECK_FALSE(verify_jwt(token, {key(), other}, options_for(Algorithm::HS256)));
  CHECK_FALSE(verify_jwt(token, {other, key()}, options_for(Algorithm::HS256)));
  CHECK_FALSE(verify_jwt(token, {other}, options_for(Algorithm::HS256)));
  CHECK(verify_jwt(token, {key(), sample_key(Algorithm::ES256)}, options_for(Algorithm::HS256)));
  CHECK_FALSE(verify_jwt(token, {key(), sample_key(Algorithm::ES256)}, options_for(Algorithm::ES256)));
  // The same secret under another algorithm's name.
  const Key longer = Key::from_secret(std::string(64, 's'), Algorithm::HS256).value();
  const Key strong = Key::from_secret(std::string(64, 's'), Algorithm::HS512).value();
  const std::string weak = token_of(R"({"alg":"HS256"})", claims(""), longer);
  CHECK(verify_jwt(weak, {longer}, options_for(Algorithm::HS256)));
  CHECK_FALSE(verify_jwt(weak, {strong}, options_for(Algorithm::HS512)));
  CHECK_FALSE(verify_jwt(token_of(R"({"alg":"HS256"})", claims(""), strong), {strong}, options_for(Algorithm::HS512)));
}

TEST_CASE("a compact token has three parts, each in its one spelling") {
  const std::string token = token_of(header, claims(",\"a\":1"));
  REQUIRE(verdict(token) == Errc{});
  const std::size_t first = token.find('.'), second = token.rfind('.');
  for (const std::string& bad : {token + ".", "." + token, token + ".x", token.substr(0, second), token.substr(0, second + 1), token.substr(first),
                                 token.substr(first + 1), std::string(".."), std::string("."), std::string(), token + "=", token + "A",
                                 token + "AAAA", token + "\n", " " + token, token.substr(0, token.size() - 1), token.substr(0, token.size() - 4),
                                 std::string(token).insert(first, "="), std::string(token).insert(second, "A")})
    CHECK(verdict(bad) == Errc::invalid_token);
  // 32 bytes leave two bits over in the last character.
  const auto last = [&](char c) { return token.substr(0, token.size() - 1) + c; };
  int accepted = 0;
  for (int c = 1; c < 256; ++c) accepted += verdict(last(static_cast<char>(c))) == Errc{} ? 1 : 0;
  CHECK(accepted == 1);
  // Parts that are signed as they stand and yet are no base64url, or hold bits that say nothing.
  const std::string head = base64url::encode(header), body = base64url::encode(claims(",\"a\":1"));
  REQUIRE(verdict(signed_parts(key(), head + "." + body)) == Errc{});
  for (const std::string& odd : {body + "=", body + "A", body.substr(0, 8) + "+" + body.substr(8), body.substr(0, 4) + "\n" + body.substr(4),
                                 body.substr(0, 7) + "*" + body.substr(8)})
    CHECK(verdict(signed_parts(key(), head + "." + odd)) == Errc::invalid_token);
  CHECK(verdict(signed_parts(key(), "." + body)) == Errc::invalid_token);
  CHECK_FALSE(verify_jws(signed_parts(key(), "." + body), {key()}, options_for(Algorithm::HS256)));
  // A payload may be empty where any bytes may be.
  CHECK(verify_jws(signed_parts(key(), head + "."), {key()}, options_for(Algorithm::HS256))->empty());

  VerifyOptions options = options_for(Algorithm::HS256);
  options.max_token_bytes = token.size();
  CHECK(verify_jwt(token, {key()}, options));
  options.max_token_bytes = token.size() - 1;
  CHECK_FALSE(verify_jwt(token, {key()}, options));
}

TEST_CASE("base64url has one spelling for every value") {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (std::size_t length = 1; length <= 4; ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string text(length, 'A');
        text[at] = static_cast<char>(c);
        const std::size_t value = alphabet.find(static_cast<char>(c));
        const bool last = at + 1 == length;
        const std::size_t unused = length == 2 ? 15 : length == 3 ? 3 : 0;
        const bool fits = length != 1 && value != std::string_view::npos && (!last || (value & unused) == 0);
        const auto bytes = base64url::decode(text);
        CHECK(bytes.has_value() == fits);
        if (bytes) CHECK(base64url::encode(*bytes) == text);
        CHECK(base64url::decode("AAAA" + text).has_value() == fits);
      }
    }
  }
}

TEST_CASE("signatures of RSA, ECDSA and Ed25519 hold in their one form") {
  for (const Algorithm algorithm : {Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::ES512, Algorithm::EdDSA}) {
    CAPTURE(to_text(algorithm));
    const Key& signer = sample_key(algorithm);
    const std::string head = R"({"alg":")" + std::string(to_text(algorithm)) + "\"}";
    const std::string token = token_of(head, claims(""), signer);
    const VerifyOptions options = options_for(algorithm);
    REQUIRE(verify_jwt(token, {signer}, options));
    const std::string parts = token.substr(0, token.rfind('.'));
    const std::string signature = base64url::decode(token.substr(token.rfind('.') + 1)).value();
    const auto holds = [&](const std::string& bytes) { return verify_jwt(parts + "." + base64url::encode(bytes), {signer}, options).has_value(); };
    for (const std::size_t at : {std::size_t{0}, signature.size() / 2, signature.size() - 1}) {
      std::string flipped = signature;
      flipped[at] = static_cast<char>(flipped[at] ^ 1);
      CHECK_FALSE(holds(flipped));
    }
    CHECK_FALSE(holds(signature.substr(1)));
    CHECK_FALSE(holds(signature.substr(0, signature.size() - 1)));
    CHECK_FALSE(holds(std::string(1, '\0') + signature));
    CHECK_FALSE(holds(signature + std::string(1, '\0')));
    CHECK_FALSE(holds(std::string(signature.size(), '\0')));
    CHECK_FALSE(holds(std::string(signature.size(), '\xff')));
  }
  // RSA of the other padding.
  const std::string as_ps = R"({"alg":"PS256"})", as_rs = R"({"alg":"RS256"})";
  CHECK_FALSE(verify_jwt(token_of(as_ps, claims(""), sample_key(Algorithm::RS256)), {sample_key(Algorithm::PS256)}, options_for(Algorithm::PS256)));
  CHECK_FALSE(verify_jwt(token_of(as_rs, claims(""), sample_key(Algorithm::PS256)), {sample_key(Algorithm::RS256)}, options_for(Algorithm::RS256)));
}

TEST_CASE("r and s lie between 1 and n - 1") {
  for (const Algorithm algorithm : {Algorithm::ES256, Algorithm::ES384, Algorithm::ES512}) {
    const AlgorithmTraits& traits = traits_of(algorithm);
    DerBuffer der;
    std::vector<std::uint8_t> fixed(2 * traits.field_size, 0);
    const auto accepted = [&] { return ecdsa_to_der(fixed, traits, der).has_value(); };
    CHECK_FALSE(accepted());
    fixed[traits.field_size - 1] = 1;
    CHECK_FALSE(accepted());  // s = 0
    fixed.back() = 1;
    CHECK(accepted());
    std::fill(fixed.begin(), fixed.begin() + static_cast<std::ptrdiff_t>(traits.field_size), std::uint8_t{0xff});
    CHECK_FALSE(accepted());  // r > n
    std::fill(fixed.begin(), fixed.begin() + static_cast<std::ptrdiff_t>(traits.field_size), std::uint8_t{0});
    CHECK_FALSE(accepted());  // r = 0
    fixed.push_back(0);
    CHECK_FALSE(accepted());
    fixed.resize(fixed.size() - 2);
    CHECK_FALSE(accepted());
  }
}

TEST_CASE("the profile simplejwt demands its token_type") {
  TokenOptions options;
  options.profile = TokenProfile::simplejwt;
  options.issuer = options.audience = "";
  const Tokens tokens = Tokens::open(options, KeyRing::fixed({key()}, {}).value(), [] { return noon; }).value();
  const auto of = [&](std::string_view payload) { return tokens.verify(token_of(R"({"alg":"HS256","typ":"JWT"})", payload)).has_value(); };
  CHECK(of(R"({"token_type":"access","user_id":"7","exp":1800000900})"));
  CHECK_FALSE(of(R"({"token_type":"refresh","user_id":"7","exp":1800000900})"));
  CHECK_FALSE(of(R"({"user_id":"7","exp":1800000900})"));
  CHECK_FALSE(of(R"({"token_type":null,"user_id":"7","exp":1800000900})"));
  CHECK_FALSE(of(R"({"token_type":["access"],"user_id":"7","exp":1800000900})"));
}

TEST_CASE("a kind of the host's own does not take access tokens by the header that each key has ready") {
  TokenOptions options;
  options.typ = "mfa+jwt";
  const auto ring = KeyRing::fixed({key()}, {}).value();
  const std::string access = Tokens::open({}, ring, [] { return noon; })->issue({.subject = {{1}}}).value().token;
  CHECK(Tokens::open(options, ring, [] { return noon; })->verify(access).error().code == Errc::invalid_token);
}
