#include "core/base64url.hpp"
#include "vectors/test_keys.hpp"
#include "vectors/workshop.hpp"

#include <array>

namespace authkit::test {
namespace {

/// CVE-2015-9235: the token says that it needs no signature.
void add_none(const Workshop& shop, Variants& out) {
  const std::string claims = object(shop.claims());
  const std::string signature = base64url::decode(Parts(shop.legitimate()).signature).value();
  static constexpr std::array<std::pair<const char*, const char*>, 12> spellings{{{"lower", R"("none")"},
                                                                                  {"title", R"("None")"},
                                                                                  {"upper", R"("NONE")"},
                                                                                  {"mixed", R"("nOnE")"},
                                                                                  {"space_after", R"("none ")"},
                                                                                  {"space_before", R"(" none")"},
                                                                                  {"nul_after", R"("none\u0000")"},
                                                                                  {"escaped", R"("\u006eone")"},
                                                                                  {"empty", R"("")"},
                                                                                  {"null", "null"},
                                                                                  {"false", "false"},
                                                                                  {"zero", "0"}}};
  for (const auto& [name, json] : spellings) {
    const std::string header = object(with(shop.header(), "alg", json));
    out.refuse(std::string("none.") + name + "_unsigned", compact(header, claims, ""));
    out.refuse(std::string("none.") + name + "_signed", shop.sealed(header, claims));
    out.refuse(std::string("none.") + name + "_old_signature", compact(header, claims, signature));
  }
  const Parts unsigned_token(compact(object(with(shop.header(), "alg", R"("none")")), claims, ""));
  out.refuse("none.two_parts", unsigned_token.header + "." + unsigned_token.payload);
  out.refuse("none.alg_missing", shop.sealed(object(without(shop.header(), "alg")), claims));
  out.refuse("none.alg_list", shop.with_header("alg", "[" + quote(shop.alg) + "]"));
  out.refuse("none.alg_object", shop.with_header("alg", "{\"name\":" + quote(shop.alg) + "}"));
  out.refuse("none.alg_with_space", shop.with_header("alg", quote(shop.alg + " ")));
  out.refuse("none.alg_with_nul", shop.with_header("alg", "\"" + shop.alg + "\\u0000\""));
  std::string lower = shop.alg;
  for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  out.refuse("none.alg_lower_case", shop.with_header("alg", quote(lower)));
  for (const Algorithm other : all_algorithms)
    if (to_text(other) != shop.alg) out.refuse("none.alg_says_" + std::string(to_text(other)), shop.with_header("alg", quote(to_text(other))));
  for (const char* other : {"ES256K", "Ed25519", "RSA1_5", "dir", "HS1", "RS1"})
    out.refuse(std::string("none.alg_says_") + other, shop.with_header("alg", quote(other)));
}

/// RFC 7515 section 4.1.11: what is critical and not understood is refused; nothing is understood.
void add_crit(const Workshop& shop, Variants& out) {
  const auto crit = [&](const char* name, const char* json) { out.refuse(std::string("crit.") + name, shop.with_header("crit", json)); };
  crit("empty_list", "[]");
  crit("unknown", R"(["unknown"])");
  crit("exp", R"(["exp"])");
  crit("alg", R"(["alg"])");
  crit("kid", R"(["kid"])");
  crit("crit", R"(["crit"])");
  crit("twice", R"(["exp","exp"])");
  crit("text", R"("exp")");
  crit("null", "null");
  crit("number", "1");
  crit("object", "{}");
  crit("empty_name", R"([""])");
  const auto b64 = [&](const char* name, const char* crit_json, const char* json) {
    Members header = with(shop.header(), "b64", json);
    if (*crit_json != '\0') header = with(header, "crit", crit_json);
    out.refuse(std::string("crit.") + name, shop.sealed(object(header), object(shop.claims())));
  };
  b64("b64_false", R"(["b64"])", "false");
  b64("b64_true", R"(["b64"])", "true");
  b64("b64_false_not_critical", "", "false");
  b64("b64_true_not_critical", "", "true");
  out.refuse("crit.b64_unencoded", shop.sealed_parts(base64url::encode(object(with(with(shop.header(), "b64", "false"), "crit", R"(["b64"])"))),
                                                     object({{"iss", quote(shop.options.issuer)}})));
  out.refuse("crit.zip_def", shop.with_header("zip", R"("DEF")"));  // CVE-2024-28180
  out.refuse("crit.zip_none", shop.with_header("zip", R"("none")"));
  out.refuse("crit.enc", shop.with_header("enc", R"("A128GCM")"));
  out.refuse("crit.escaped_name", shop.sealed(R"({"\u0063rit":["exp"],"alg":)" + quote(shop.alg) + "}", object(shop.claims())));
  out.accept("crit.unknown_member", shop.with_header("x-trace", R"({"a":[1,2,{"b":null}]})"));  // RFC 7515 section 4: ignored
  out.accept("crit.x5t", shop.with_header("x5t", R"("AAECAwQFBgcICQoLDA0ODxAREhM")"));
}

/// The kid picks among the keys that are held, by equality, and does nothing else.
void add_kid(const Workshop& shop, Variants& out) {
  const auto kid = [&](const char* name, const std::string& json) { out.refuse(std::string("kid.") + name, shop.with_header("kid", json)); };
  const std::string& id = shop.key.id();
  kid("other", R"("another")");
  kid("path", R"("../../../../../../dev/null")");
  kid("path_absolute", R"("/etc/passwd")");
  kid("path_encoded", R"("%2e%2e%2f%2e%2e%2fdev%2fnull")");
  kid("path_windows", R"("..\\..\\windows\\win.ini")");
  kid("path_of_true_key", quote("../" + id));
  kid("url", R"("https://attacker.example/key.pem")");
  kid("sql", R"("' OR '1'='1")");
  kid("sql_union", R"("x' UNION SELECT 'secret'-- ")");
  kid("sql_after_true_key", quote(id + "' OR 1=1--"));
  kid("command", R"("| sleep 10 |")");
  kid("command_substitution", quote("$(touch /tmp/x)"));
  kid("ldap", R"("*)(uid=*))(|(uid=*")");
  kid("redis", R"("x\r\nFLUSHALL\r\n")");
  kid("wildcard", R"("*")");
  kid("nul", R"("\u0000")");
  kid("nul_after", "\"" + id + "\\u0000\"");
  kid("nul_after_and_more", "\"" + id + "\\u0000x\"");
  kid("new_line_after", "\"" + id + "\\n\"");
  kid("space_after", quote(id + " "));
  kid("space_before", quote(" " + id));
  kid("prefix", quote(id.substr(0, id.size() - 1)));
  kid("longer", quote(id + id));
  kid("long", quote(std::string(257, 'k')));
  kid("very_long", quote(std::string(1500, 'k')));
  kid("empty", R"("")");
  kid("list", "[" + quote(id) + "]");
  kid("empty_list", "[]");
  kid("object", "{\"$ne\":null}");
  kid("number", "0");
  kid("null", "null");
  kid("true", "true");
  kid("bidirectional", R"("\u202ekey")");
  kid("lone_surrogate", R"("\ud800")");
  out.refuse("kid.twice",
             shop.sealed(R"({"alg":)" + quote(shop.alg) + R"(,"typ":"at+jwt","kid":"x","kid":)" + quote(id) + "}", object(shop.claims())));
  out.accept("kid.absent", shop.sealed(object(without(shop.header(), "kid")), object(shop.claims())));  // one key fits
}

/// RFC 8725 section 3.11: a token of another kind, signed by the same key.
void add_typ(const Workshop& shop, Variants& out) {
  const auto typ = [&](const char* name, const char* json) { out.refuse(std::string("typ.") + name, shop.with_header("typ", json)); };
  out.refuse("typ.missing", shop.sealed(object(without(shop.header(), "typ")), object(shop.claims())));
  typ("jwt", R"("JWT")");
  typ("refresh", R"("rt+jwt")");
  typ("logout", R"("logout+jwt")");
  typ("dpop", R"("dpop+jwt")");
  typ("jose", R"("JOSE")");
  typ("prefix", R"("at+jw")");
  typ("longer", R"("at+jwts")");
  typ("space_after", R"("at+jwt ")");
  typ("nul_after", R"("at+jwt\u0000")");
  typ("parameter", R"("at+jwt;x=y")");
  typ("other_tree", R"("text/at+jwt")");
  typ("application_twice", R"("application/application/at+jwt")");
  typ("empty", R"("")");
  typ("null", "null");
  typ("number", "1");
  typ("list", R"(["at+jwt"])");
  typ("long", R"("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")");
  out.refuse("typ.nested", shop.with_header("cty", R"("JWT")"));
  out.refuse("typ.nested_lower_case", shop.with_header("cty", R"("application/jwt")"));
  out.refuse("typ.cty_number", shop.with_header("cty", "1"));
  out.refuse("typ.nested_token", shop.sealed(object(with(shop.header(), "cty", R"("JWT")")), shop.legitimate()));
  out.accept("typ.media_type", shop.with_header("typ", R"("application/at+jwt")"));
  out.accept("typ.upper_case", shop.with_header("typ", R"("AT+JWT")"));
}

}  // namespace

void add_header_variants(const Workshop& shop, Variants& out) {
  add_none(shop, out);
  add_crit(shop, out);
  add_kid(shop, out);
  add_typ(shop, out);
}

/// CVE-2018-0114: the key comes with the token.
void add_key_in_header_variants(const Workshop& shop, Variants& out) {
  const Key stranger = stranger_key(shop.key.algorithm());
  const Workshop theirs(stranger, shop.options, shop.now);
  const std::string jwk = test_key_jwk(stranger), claims = object(shop.claims());
  const auto both = [&](const std::string& name, const char* member, const std::string& json) {
    out.refuse("header_key." + name, shop.with_header(member, json));
    out.refuse("header_key." + name + "_strangers", theirs.with_header(member, json));
    out.refuse("header_key." + name + "_strangers_true_kid", theirs.sealed(object(with(shop.header(), member, json)), claims));
    out.refuse("header_key." + name + "_strangers_no_kid", theirs.sealed(object(with(without(shop.header(), "kid"), member, json)), claims));
  };
  both("jwk", "jwk", jwk);
  both("jwk_null", "jwk", "null");
  both("jwk_text", "jwk", quote(jwk));
  both("jku", "jku", R"("https://attacker.example/jwks.json")");
  both("jku_local", "jku", R"("file:///dev/null")");
  both("x5u", "x5u", R"("https://attacker.example/cert.pem")");
  both("x5c", "x5c", R"(["MIIB"])");
  both("x5c_empty", "x5c", "[]");
  out.refuse("header_key.none_strangers", theirs.legitimate());
  out.refuse("header_key.none_strangers_true_kid", theirs.sealed(object(shop.header()), claims));
  out.refuse("header_key.none_strangers_no_kid", theirs.sealed(object(without(shop.header(), "kid")), claims));
}

}  // namespace authkit::test
