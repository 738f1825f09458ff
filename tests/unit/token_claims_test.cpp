// Rules of claims at their very edges, under a true signature.
#include "unit/token_samples.hpp"

#include <doctest/doctest.h>

using namespace authkit;
using namespace authkit::test;

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
  const auto spelled = [](unsigned first, unsigned last, std::size_t longer) {  // of two letters, all that there are of a length
    std::string out;
    for (unsigned n = first; n < last; ++n) {
      out += ",\"";
      for (unsigned rest = n; rest > 1; rest /= 2) out += rest % 2 == 0 ? '0' : '1';
      out += std::string(longer, '0') + "\":1";
    }
    return out;
  };
  for (const std::size_t longer : {0, 4, 9}) {
    CHECK(verdict_of(spelled(2, 250, longer)) == Errc{});
    CHECK(verdict_of(spelled(2, 200, longer) + spelled(128, 129, longer)) == Errc::invalid_token);
  }
  std::string inner = ",\"o\":{\"a\":0}";  // closed objects count as well
  for (int i = 0; i < 150; ++i) inner += ",\"o" + std::to_string(i) + "\":{\"a\":0}";
  CHECK(verdict_of(inner) == Errc::invalid_token);
  for (const char* bad : {R"(,"sub":"x")", R"(,"\u0073ub":"x")", R"(,"a":{"b":1,"b":2})", R"(,"a":[{"b":1,"b":2}])", R"(,"a\u0000":1)",
                          R"(,"\u0000a":1)", R"(,"\u0000":1)", R"(,"b":{"\u0000a":1})", R"(,"a":1e999)", R"(,"a":-1e999)", R"(,"a":{"b":1e999})",
                          R"(,"a":NaN)", R"(,"a":"\ud800")", ",\"a\":\"\xff\"", R"(,"a":01)", R"(,)", R"(,"a":1,)", R"(,"a":'x')", R"(,/**/"a":1)"}) {
    CAPTURE(bad);
    CHECK(verdict_of(bad) == Errc::invalid_token);
  }
  CHECK(of(claims("") + " \n") == Errc{});
  for (const std::string& bad : {claims("") + "x", claims("") + claims(""), claims("") + std::string(1, '\0'), "[" + claims("") + "]",
                                 std::string("\"x\""), std::string("1"), "\xef\xbb\xbf" + claims("")})
    CHECK(of(bad) == Errc::invalid_token);
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
