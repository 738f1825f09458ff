#include "core/base64url.hpp"
#include "core/json.hpp"
#include "vectors/test_keys.hpp"
#include "vectors/workshop.hpp"

#include <fmt/format.h>

#include <array>

// JWKs whose members disagree, and sets of keys.

namespace authkit::test {
namespace {

constexpr std::array kinds{Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA, Algorithm::HS256};

std::string token_of(const Key& key, std::string_view kid = {}) {
  Members header{{"alg", quote(to_text(key.algorithm()))}};
  if (!kid.empty()) header.emplace_back("kid", quote(kid));
  const std::string input = base64url::encode(object(header)) + "." + base64url::encode(std::string_view(R"({"sub":"x"})"));
  return input + "." + base64url::encode(signature_of(key, input));
}

std::string set_of(std::initializer_list<std::string> keys) {
  std::string out = "{\"keys\":[";
  for (const std::string& key : keys) out.append(out.back() == '[' ? "" : ",").append(key);
  return out + "]}";
}

}  // namespace

void add_jwk_lines(Lines& out) {
  for (const Algorithm algorithm : kinds) {
    const Key key = test_key(algorithm);
    const std::string alg(to_text(algorithm)), token = token_of(key);
    const Members good = without(without(members_of(test_key_jwk(key)), "kid"), "use");
    const auto refuse = [&](const char* name, const std::string& jwk) { out.refuse(fmt::format("key.{}_{}", name, alg), alg, jwk, token); };
    const auto change = [&](const char* name, const char* member, const std::string& json) { refuse(name, object(with(good, member, json))); };

    out.accept("key.good_" + alg, alg, object(good), token);
    out.accept("key.without_alg_" + alg, alg, object(without(good, "alg")), token);
    out.accept("key.use_sig_" + alg, alg, object(with(good, "use", R"("sig")")), token);
    out.accept("key.key_ops_verify_" + alg, alg, object(with(good, "key_ops", R"(["verify"])")), token);
    out.accept("key.unknown_member_" + alg, alg, object(with(good, "x-note", R"({"a":1})")), token);
    const std::string own = fmt::format("{}", algorithm == Algorithm::EdDSA ? "ES256" : alg.substr(0, 2) + "384");
    change("alg_other", "alg", quote(own));
    change("alg_none", "alg", R"("none")");
    change("alg_encryption", "alg", R"("RSA-OAEP")");
    change("alg_lower_case", "alg", quote(algorithm == Algorithm::EdDSA ? "eddsa" : "x" + alg.substr(1)));
    change("alg_empty", "alg", R"("")");
    change("alg_null", "alg", "null");
    change("alg_list", "alg", "[" + quote(alg) + "]");
    change("use_enc", "use", R"("enc")");
    change("use_empty", "use", R"("")");
    change("use_other", "use", R"("SIG")");
    change("use_list", "use", R"(["sig"])");
    change("key_ops_encrypt", "key_ops", R"(["encrypt"])");
    change("key_ops_derive", "key_ops", R"(["verify","deriveKey"])");
    change("key_ops_sign_only", "key_ops", R"(["sign"])");
    change("key_ops_twice", "key_ops", R"(["verify","verify"])");
    change("key_ops_empty", "key_ops", "[]");
    change("key_ops_text", "key_ops", R"("verify")");
    change("key_ops_null", "key_ops", "null");
    change("key_ops_number", "key_ops", "[1]");
    change("kty_lower_case", "kty", R"("rsa")");
    change("kty_empty", "kty", R"("")");
    change("kty_number", "kty", "1");
    change("kty_list", "kty", R"(["RSA","EC","oct","OKP"])");
    for (const char* kty : {"RSA", "EC", "OKP", "oct"})
      if (json::parse(object(good)).value().find("kty")->text != kty) change(fmt::format("kty_{}", kty).c_str(), "kty", quote(kty));
    refuse("kty_missing", object(without(good, "kty")));
    change("kid_empty", "kid", R"("")");
    change("kid_number", "kid", "1");
    change("kid_null", "kid", "null");
    change("kid_nul", "kid", R"("a\u0000b")");
    change("kid_new_line", "kid", R"("a\nb")");
    change("kid_long", "kid", quote(std::string(257, 'k')));
    change("keys_too", "keys", "[]");
    if (algorithm != Algorithm::HS256) {
      change("with_k", "k", R"("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")");
      change("with_k_null", "k", "null");
      refuse("private", key.private_jwk());
    } else {
      out.accept("key.member_of_other_type_" + alg, alg, object(with(good, "d", R"("AAAA")")), token);  // RFC 7517 section 4: ignored
    }
    const std::string text = object(good);
    refuse("empty", "");
    refuse("null", "null");
    refuse("text", quote(text));
    refuse("list", "[" + text + "]");
    refuse("empty_object", "{}");
    refuse("not_closed", text.substr(0, text.size() - 1));
    refuse("two_documents", text + text);
    refuse("bom", "\xef\xbb\xbf" + text);
    refuse("comment", "/**/" + text);
    refuse("trailing_comma", text.substr(0, text.size() - 1) + ",}");
    refuse("duplicate_kty", R"({"kty":"oct",)" + text.substr(1));
    refuse("duplicate_escaped", R"({"\u006bty":"oct",)" + text.substr(1));
    refuse("deep", object(with(good, "x", repeated("[", 100) + repeated("]", 100))));
    refuse("very_deep", object(with(good, "x", repeated("[", 10'000))));
    refuse("long", object(with(good, "x", quote(std::string(33 * 1024, 'x')))));
    std::string many = text.substr(0, text.size() - 1);
    for (int i = 0; i < 300; ++i) many += fmt::format(",\"m{}\":0", i);
    refuse("many_members", many + "}");
    if (algorithm != Algorithm::HS256)
      for (const auto& [name, spelling] : public_spellings(key))
        if (name.substr(0, 3) != "jwk") refuse(("not_jwk_" + name).c_str(), spelling);
  }
}

void add_key_set_lines(Lines& out) {
  for (const Algorithm algorithm : kinds) {
    const Key key = test_key(algorithm), stranger = stranger_key(algorithm);
    const std::string alg(to_text(algorithm));
    const auto named = [&](const Key& which, const char* kid) { return test_key_jwk(which.with_id(kid)); };
    const std::string a = named(key, "a"), b = named(stranger, "b"), token = token_of(key, "a"), unnamed = token_of(key);
    const std::string other = test_key_jwk(test_key(algorithm == Algorithm::ES256 ? Algorithm::EdDSA : Algorithm::ES256).with_id("a"));
    const std::string broken = object(with(members_of(a), "alg", R"("none")"));
    const std::string private_key = key.with_id("a").private_jwk();
    const auto refuse = [&](const char* name, const std::string& set, const std::string& text) {
      out.refuse(fmt::format("set.{}_{}", name, alg), alg, set, text);
    };
    const auto accept = [&](const char* name, const std::string& set, const std::string& text) {
      out.accept(fmt::format("set.{}_{}", name, alg), alg, set, text);
    };

    accept("one", set_of({a}), token);
    accept("by_kid", set_of({b, a}), token);
    accept("other_algorithm_same_kid", set_of({other, a}), token);
    accept("one_fits", set_of({other, broken, a}), unnamed);
    accept("unknown_kty", set_of({R"({"kty":"AKP","kid":"z"})", a, "1", "null", "[]"}), token);
    refuse("empty", set_of({}), token);
    refuse("empty_no_kid", set_of({}), unnamed);
    refuse("not_in_it", set_of({b}), token);
    refuse("not_in_it_no_kid", set_of({b}), unnamed);
    refuse("kid_of_other", set_of({named(key, "b"), named(stranger, "a")}), token);
    refuse("ambiguous_no_kid", set_of({a, b}), unnamed);
    refuse("ambiguous_no_kid_reversed", set_of({b, a}), unnamed);
    refuse("same_kid", set_of({a, named(stranger, "a")}), token);
    refuse("same_kid_reversed", set_of({named(stranger, "a"), a}), token);
    refuse("same_key_twice", set_of({a, a}), token);
    refuse("other_algorithm_only", set_of({other}), token);
    refuse("broken_only", set_of({broken}), token);
    if (algorithm != Algorithm::HS256) refuse("private_only", set_of({private_key}), token);
    refuse("use_enc_only", set_of({object(with(members_of(a), "use", R"("enc")"))}), token);
    refuse("kid_case", set_of({a}), token_of(key, "A"));
    refuse("kid_thumbprint", set_of({a}), token_of(key, key.id()));
    refuse("keys_object", R"({"keys":{"a":)" + a + "}}", token);
    refuse("keys_text", R"({"keys":)" + quote(a) + "}", token);
    refuse("keys_null", R"({"keys":null})", token);
    refuse("keys_nested", R"({"keys":[[)" + a + "]]}", token);
    refuse("keys_twice", R"({"keys":[)" + a + R"(],"keys":[)" + b + "]}", token);
    refuse("keys_and_kty", R"({"kty":"oct","keys":[)" + a + "]}", token);
    refuse("keys_duplicate_inside", R"({"keys":[{"kid":"a",)" + a.substr(1) + "]}", token);
    refuse("list", "[" + a + "]", token);
    std::string many = "{\"keys\":[" + a;
    for (int i = 0; i < 128; ++i) many += R"(,{"kty":"x"})";
    refuse("too_many", many + "]}", token);
  }
  out.refuse("set.too_long", "ES256", "{\"keys\":[],\"x\":" + quote(std::string(257 * 1024, 'x')) + "}", token_of(test_key(Algorithm::ES256)));
  // a bare signature names no key
  const Key key = test_key(Algorithm::ES256);
  const auto raw = [&](const char* id, const std::string& jwk) {
    return object({{"id", quote(id)},
                   {"mode", R"("raw")"},
                   {"alg", R"("ES256")"},
                   {"jwk", quote(jwk)},
                   {"msg", R"("bQ")"},
                   {"sig", quote(base64url::encode(signature_of(key, "m")))}});
  };
  out.list.push_back({"set.raw_one", raw("set.raw_one", set_of({key.public_jwk()})), true});
  out.list.push_back({"set.raw_two", raw("set.raw_two", set_of({key.public_jwk(), test_key_jwk(stranger_key(Algorithm::ES256))})), false});
  out.list.push_back({"set.raw_none", raw("set.raw_none", set_of({})), false});
}

}  // namespace authkit::test
