#include "vectors/workshop.hpp"

#include <fmt/format.h>

#include <array>

namespace authkit::test {
namespace {

/// CVE of PyJWT (GHSA-75c5-xw7c-p5pm): compared in part.
void add_issuer(const Workshop& shop, Variants& out) {
  const std::string& good = shop.options.issuer;
  const auto iss = [&](const char* name, const std::string& json) { out.refuse(std::string("claims.iss_") + name, shop.with_claim("iss", json)); };
  out.refuse("claims.iss_missing", shop.without_claim("iss"));
  iss("other", R"("https://attacker.example")");
  iss("empty", R"("")");
  iss("prefix", quote(good.substr(0, good.size() - 1)));
  iss("suffix", quote(good.substr(1)));
  iss("longer", quote(good + ".attacker.example"));
  iss("slash_after", quote(good + "/"));
  iss("space_after", quote(good + " "));
  iss("nul_after", "\"" + good + "\\u0000\"");
  iss("nul_after_and_more", "\"" + good + "\\u0000.attacker.example\"");
  iss("list", "[" + quote(good) + "]");
  iss("list_of_two", R"(["https://attacker.example",)" + quote(good) + "]");
  iss("object", "{" + quote(good) + ":1}");
  iss("null", "null");
  iss("true", "true");
  iss("number", "1");
  std::string upper = good;
  for (char& c : upper) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  iss("upper_case", quote(upper));
  out.accept("claims.iss_escaped", shop.with_claim("iss", fmt::format("\"\\u{:04x}{}\"", static_cast<unsigned>(good[0]), good.substr(1))));
}

/// CVE-2020-26160: an array got past the comparison.
void add_audience(const Workshop& shop, Variants& out) {
  const std::string& good = shop.options.audience;
  const auto aud = [&](const char* name, const std::string& json) { out.refuse(std::string("claims.aud_") + name, shop.with_claim("aud", json)); };
  out.refuse("claims.aud_missing", shop.without_claim("aud"));
  aud("other", R"("https://other.example")");
  aud("empty", R"("")");
  aud("empty_list", "[]");
  aud("list_of_others", R"(["a","b"])");
  aud("list_of_empty", R"([""])");
  aud("list_in_list", "[[" + quote(good) + "]]");
  aud("list_with_null", "[" + quote(good) + ",null]");
  aud("list_with_number", "[1," + quote(good) + "]");
  aud("list_with_object", "[{}," + quote(good) + "]");
  aud("prefix", quote(good.substr(0, good.size() - 1)));
  aud("longer", quote(good + ".attacker.example"));
  aud("joined", quote(good + " other"));
  aud("comma", quote("other," + good));
  aud("nul_after", "\"" + good + "\\u0000\"");
  aud("object", "{" + quote(good) + ":1}");
  aud("null", "null");
  aud("true", "true");
  aud("number", "0");
  aud("wildcard", R"("*")");
  out.accept("claims.aud_list", shop.with_claim("aud", "[" + quote(good) + "]"));
  out.accept("claims.aud_list_of_two", shop.with_claim("aud", R"(["https://other.example",)" + quote(good) + "]"));
}

void add_times(const Workshop& shop, Variants& out) {
  static constexpr std::array<std::pair<const char*, const char*>, 24> wrong{{{"text", R"("4102444800")"},
                                                                              {"text_date", R"("2100-01-01T00:00:00Z")"},
                                                                              {"empty_text", R"("")"},
                                                                              {"true", "true"},
                                                                              {"false", "false"},
                                                                              {"null", "null"},
                                                                              {"list", "[4102444800]"},
                                                                              {"empty_list", "[]"},
                                                                              {"object", "{}"},
                                                                              {"negative", "-1"},
                                                                              {"negative_fraction", "-0.5"},
                                                                              {"year_10000", "253402300800"},
                                                                              {"milliseconds", "4102444800000"},
                                                                              {"2_31", "-2147483648"},
                                                                              {"2_53", "9007199254740993"},
                                                                              {"2_63_less_one", "9223372036854775807"},
                                                                              {"2_63", "9223372036854775808"},
                                                                              {"2_64_less_one", "18446744073709551615"},
                                                                              {"2_64", "18446744073709551616"},
                                                                              {"40_digits", "1000000000000000000000000000000000000000"},
                                                                              {"1e308", "1e308"},
                                                                              {"1e400", "1e400"},
                                                                              {"minus_2_63", "-9223372036854775808"},
                                                                              {"below_int64", "-9223372036854775809"}}};
  for (const char* name : {"exp", "nbf", "iat"})
    for (const auto& [kind, json] : wrong) out.refuse(fmt::format("claims.{}_{}", name, kind), shop.with_claim(name, json));

  const std::int64_t now = shop.seconds(), leeway = shop.leeway();
  const auto at = [&](const char* name, std::int64_t seconds) { return shop.with_claim(name, fmt::to_string(seconds)); };
  out.refuse("claims.exp_missing", shop.without_claim("exp"));
  out.refuse("claims.exp_zero", at("exp", 0));
  out.refuse("claims.exp_minus_zero", shop.with_claim("exp", "-0"));
  out.refuse("claims.exp_tiny", shop.with_claim("exp", "1e-300"));
  out.refuse("claims.exp_long_over", at("exp", now - 86'400));
  out.refuse("claims.exp_just_over", at("exp", now - leeway));
  out.refuse("claims.exp_just_over_fraction", shop.with_claim("exp", fmt::format("{}.0000", now - leeway)));
  out.refuse("claims.exp_just_over_exponent", shop.with_claim("exp", fmt::format("{}e0", now - leeway)));
  out.refuse("claims.nbf_later", at("nbf", now + leeway + 3600));
  out.refuse("claims.nbf_year_9999", at("nbf", 253402300799));
  out.refuse("claims.iat_later", at("iat", now + leeway + 3600));
  out.refuse("claims.iat_year_9999", at("iat", 253402300799));
  out.accept("claims.exp_fraction", shop.with_claim("exp", fmt::format("{}.5", now + 600)));
  out.accept("claims.exp_exponent", shop.with_claim("exp", fmt::format("{}e0", now + 600)));
  out.accept("claims.exp_year_9999", at("exp", 253402300799));
  out.accept("claims.nbf_past", at("nbf", now - 600));
  out.accept("claims.iat_missing", shop.without_claim("iat"));
}

void add_texts(const Workshop& shop, Variants& out) {
  for (const char* name : {"sub", "jti"}) {
    const auto claim = [&](const char* kind, const char* json) { out.refuse(fmt::format("claims.{}_{}", name, kind), shop.with_claim(name, json)); };
    claim("number", "1");
    claim("zero", "0");
    claim("null", "null");
    claim("true", "true");
    claim("list", R"(["admin"])");
    claim("object", "{}");
    claim("nul", R"("\u0000")");
    claim("nul_inside", R"("admin\u0000x")");
    claim("lone_surrogate", R"("\ud800")");
  }
}

}  // namespace

void add_claim_variants(const Workshop& shop, Variants& out) {
  add_issuer(shop, out);
  add_audience(shop, out);
  add_times(shop, out);
  add_texts(shop, out);
  out.accept("claims.unknown", shop.with_claim("https://example.com/x", R"({"a":[null,1.5e3,"\u00e4"]})"));
  out.accept("claims.escaped_name", shop.sealed(object(shop.header()), R"({"i\u0073s":)" + quote(shop.options.issuer) + "," +
                                                                           object(without(shop.claims(), "iss")).substr(1)));
}

void add_access_claim_variants(const Workshop& shop, Variants& out) {
  const auto claim = [&](const char* kind, const char* name, const char* json) {
    out.refuse(std::string("access_claims.") + kind, shop.with_claim(name, json));
  };
  out.refuse("access_claims.too_long", shop.with_claim("x", quote(std::string(shop.options.max_bytes, 'x'))));  // right in all but its size
  out.refuse("access_claims.sub_missing", shop.without_claim("sub"));
  claim("sub_empty", "sub", R"("")");
  claim("sid_number", "sid", "7");
  claim("sid_null", "sid", "null");
  claim("sid_empty", "sid", R"("")");
  claim("sid_list", "sid", R"(["AAECAwQFBgcICQoLDA0ODw"])");
  claim("sid_object", "sid", "{}");
  claim("epoch_text", "epoch", R"("1")");
  claim("epoch_negative", "epoch", "-1");
  claim("epoch_fraction", "epoch", "1.5");
  claim("epoch_exponent", "epoch", "1e2");
  claim("epoch_huge", "epoch", "18446744073709551616");
  claim("epoch_null", "epoch", "null");
  claim("epoch_true", "epoch", "true");
  claim("epoch_list", "epoch", "[0]");
  claim("roles_text", "roles", R"("admin")");
  claim("roles_object", "roles", R"({"admin":true})");
  claim("roles_null", "roles", "null");
  claim("roles_numbers", "roles", "[1]");
  claim("roles_nested", "roles", R"([["admin"]])");
  claim("roles_with_null", "roles", R"(["admin",null])");
  claim("amr_text", "amr", R"("pwd")");
  claim("amr_numbers", "amr", "[1]");
  claim("acr_number", "acr", "1");
  claim("acr_null", "acr", "null");
  claim("acr_list", "acr", R"(["urn:x"])");
  claim("auth_time_text", "auth_time", R"("1")");
  claim("auth_time_negative", "auth_time", "-1");
  claim("auth_time_huge", "auth_time", "1e300");
  claim("auth_time_null", "auth_time", "null");
}

}  // namespace authkit::test
