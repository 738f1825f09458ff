#include "core/base64url.hpp"
#include "vectors/workshop.hpp"

#include <functional>

// Documents that lenient parsers read one way or the other: header and claims must be strict JSON (RFC 8259, RFC 8725 section 2.4).

namespace authkit::test {
namespace {

using namespace std::string_literals;
using Add = std::function<void(const std::string& name, const std::string& document, bool ok)>;

/// `document` with text put in before its closing brace.
std::string also(const std::string& document, const std::string& text) { return document.substr(0, document.size() - 1) + text + "}"; }
/// `document` with text put in after its opening brace.
std::string first(const std::string& document, const std::string& text) { return "{" + text + document.substr(1); }

std::string nested(std::size_t depth) { return repeated("[", depth) + repeated("]", depth); }
std::string nested_objects(std::size_t depth) { return repeated("{\"a\":", depth) + "0" + repeated("}", depth); }

/// `name` is a member of `good`, and `evil` another value for it.
void add_duplicates(const std::string& good, const std::string& name, const std::string& escaped, const std::string& value, const std::string& evil,
                    const Add& add) {
  add("dup_same", also(good, ",\"" + name + "\":" + value), false);
  add("dup_other_last", also(good, ",\"" + name + "\":" + evil), false);
  add("dup_other_first", first(good, "\"" + name + "\":" + evil + ","), false);
  add("dup_null_first", first(good, "\"" + name + "\":null,"), false);
  add("dup_escaped_first", first(good, "\"" + escaped + "\":" + evil + ","), false);
  add("dup_escaped_last", also(good, ",\"" + escaped + "\":" + evil), false);
  add("dup_unknown", also(good, R"(,"x":1,"x":1)"), false);
  add("dup_empty_name", also(good, R"(,"":1,"":1)"), false);
  add("dup_nested", also(good, R"(,"x":{"a":1,"a":1})"), false);
  add("dup_nested_escaped", also(good, R"(,"x":{"a":1,"\u0061":1})"), false);
  add("dup_nested_in_list", also(good, R"(,"x":[0,{"y":{"a":1,"b":{},"a":1}}])"), false);
  add("same_name_in_two_objects", also(good, R"(,"x":{"a":1,"b":{"a":1}},"y":{"a":1,"x":1})"), true);
}

void add_shapes(const std::string& good, const Add& add) {
  add("empty", "", false);
  add("blank", "  ", false);
  add("empty_object", "{}", false);
  add("list", "[" + good + "]", false);
  add("text", quote(good), false);
  add("number", "1", false);
  add("null", "null", false);
  add("true", "true", false);
  add("not_closed", good.substr(0, good.size() - 1), false);
  add("closed_twice", good + "}", false);
  add("trailing_bytes", good + "x", false);
  add("trailing_nul", good + "\0"s, false);
  add("trailing_comma", also(good, ","), false);
  add("leading_comma", first(good, ","), false);
  add("two_documents", good + good, false);
  add("two_documents_line", good + "\n{}", false);
  add("comment_block", first(good, "/* */"), false);
  add("comment_line", good + "//", false);
  add("comment_hash", good + "#", false);
  add("single_quotes", also(good, ",'x':1"), false);
  add("bare_name", also(good, ",x:1"), false);
  add("no_colon", also(good, R"(,"x" 1)"), false);
  add("no_value", also(good, R"(,"x":)"), false);
  add("name_is_number", also(good, ",1:1"), false);
  add("blanks_around", " \t\r\n" + good + "\r\n", true);
}

void add_values(const std::string& good, const Add& add) {
  for (const char* value : {"NaN", "Infinity", "-Infinity", "nan", "undefined", "True", "None", "01", "+1", ".5", "1.", "0x10", "1e", "1_000", "-"})
    add(std::string("value_") + value, also(good, std::string(R"(,"x":)") + value), false);
  add("value_1e400", also(good, R"(,"x":1e400)"), false);
  add("text_new_line", also(good, ",\"x\":\"a\nb\""), false);
  add("text_tab", also(good, ",\"x\":\"a\tb\""), false);
  add("text_nul", also(good, ",\"x\":\"a\0b\""s), false);
  add("text_bad_escape", also(good, R"(,"x":"\x41")"), false);
  add("text_short_escape", also(good, R"(,"x":"\u12")"), false);
  add("text_not_closed", good.substr(0, good.size() - 1) + R"(,"x":"})", false);
  add("text_lone_surrogate", also(good, R"(,"x":"\ud800")"), false);
  add("text_low_surrogate", also(good, R"(,"x":"\udc00x")"), false);
  add("text_surrogates_swapped", also(good, R"(,"x":"\udc00\ud800")"), false);
  add("text_surrogate_pair", also(good, R"(,"x":"\ud83d\ude00")"), true);
  add("name_nul", also(good, R"(,"x\u0000y":1)"), false);
  add("name_nul_raw", also(good, ",\"x\0y\":1"s), false);
  add("name_lone_surrogate", also(good, R"(,"\ud800":1)"), false);
  add("name_long", also(good, ",\"" + std::string(129, 'n') + "\":1"), false);
  add("name_new_line", also(good, ",\"x\n\":1"), false);
}

void add_bytes(const std::string& good, const Add& add) {
  add("bom", "\xef\xbb\xbf" + good, false);
  add("bom_utf16", "\xff\xfe" + good, false);
  std::string wide;
  for (const char c : good) wide.append(1, c).append(1, '\0');
  add("utf16", wide, false);
  for (const auto& [name, text] : {std::pair{"lone_continuation", "\x80"},
                                   {"cut_short", "\xc3"},
                                   {"overlong", "\xc0\xaf"},
                                   {"overlong_nul", "\xc0\x80"},
                                   {"overlong_three", "\xe0\x80\xaf"},
                                   {"surrogate", "\xed\xa0\x80"},
                                   {"above_range", "\xf4\x90\x80\x80"},
                                   {"five_bytes", "\xf8\x88\x80\x80\x80"},
                                   {"latin1", "\xe4"},
                                   {"ff", "\xff"}}) {
    add(std::string("utf8_") + name, also(good, std::string(",\"x\":\"") + text + "\""), false);
    add(std::string("utf8_name_") + name, also(good, std::string(",\"") + text + "\":1"), false);
  }
  add("utf8_good", also(good, ",\"x\":\"\xc3\xa4\xf0\x9f\x98\x80\""), true);
}

void add_depth(const std::string& good, std::size_t room, const Add& add) {
  add("deep_16", also(good, ",\"x\":" + nested(15)), true);
  for (const std::size_t depth : {17U, 100U, 500U, 1000U, 2000U, 100'000U}) {
    if (2 * depth < room) add("deep_" + std::to_string(depth), also(good, ",\"x\":" + nested(depth - 1)), false);
    if (6 * depth < room) add("deep_objects_" + std::to_string(depth), also(good, ",\"x\":" + nested_objects(depth - 1)), false);
    if (depth < room) add("deep_not_closed_" + std::to_string(depth), also(good, ",\"x\":" + repeated("[", depth)), false);
  }
  std::string many;
  for (int i = 0; i < 257; ++i) many += ",\"m" + std::to_string(i) + "\":0";
  if (many.size() < room) add("many_keys", also(good, many), false);
  std::string spread = R"(,"x":[{"n":0})";
  for (int i = 0; i < 257; ++i) spread += R"(,{"n":0})";
  if (spread.size() < room) add("many_keys_spread", also(good, spread + "]"), false);
  std::string inside = R"(,"x":{"n":0)";
  for (int i = 0; i < 257; ++i) inside += ",\"" + std::to_string(i) + "\":0";
  if (inside.size() < room) add("many_keys_nested", also(good, inside + "}"), false);
}

void add_documents(const std::string& good, const std::string& name, const std::string& escaped, const std::string& value, const std::string& evil,
                   std::size_t room, const Add& add) {
  add_duplicates(good, name, escaped, value, evil, add);
  add_shapes(good, add);
  add_values(good, add);
  add_bytes(good, add);
  add_depth(good, room, add);
}

}  // namespace

void add_header_json_variants(const Workshop& shop, Variants& out) {
  const std::string good = object(shop.header()), claims = object(shop.claims());
  const Add add = [&](const std::string& name, const std::string& document, bool ok) {
    out.list.push_back({"json_header." + name, shop.sealed(document, claims), ok});
  };
  add_documents(good, "alg", R"(\u0061lg)", quote(shop.alg), R"("none")", 1700, add);
  add("too_long", also(good, ",\"x\":\"" + std::string(2100, 'x') + "\""), false);
}

void add_claims_json_variants(const Workshop& shop, Variants& out) {
  const std::string good = object(shop.claims()), header = object(shop.header());
  const Add add = [&](const std::string& name, const std::string& document, bool ok) {
    out.list.push_back({"json_claims." + name, shop.sealed(header, document), ok});
  };
  add_documents(good, "sub", R"(s\u0075b)", quote("018f2f6e-8b5a-7c3d-9e1f-0a1b2c3d4e5f"), R"("admin")", shop.options.max_bytes / 2, add);
  // CVE-2017-12635: which of two is read
  add("dup_roles", also(good, R"(,"roles":[],"roles":["admin"])"), false);
  add("dup_exp", also(good, ",\"exp\":253402300799"), false);
  add("dup_aud", first(good, R"("aud":"x",)"), false);
  add("dup_iss", first(good, R"("iss":"x",)"), false);
}

}  // namespace authkit::test
