#include "core/base64url.hpp"
#include "vectors/workshop.hpp"

namespace authkit::test {
namespace {

using namespace std::string_literals;

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The same bytes in another spelling: the bits of the last character that count for nothing are set. As it is when there are none.
std::string not_canonical(std::string encoded) {
  const std::size_t value = alphabet.find(encoded.back());
  if (encoded.size() % 4 != 0) encoded.back() = alphabet[value | 1];
  return encoded;
}

std::string standard_alphabet(std::string text) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  return text;
}

/// A document whose encoding has an unused bit and a '-' or '_', by adding a member.
std::string awkward(const Members& members) {
  for (std::string filler = "?>?>?>";; filler += '~') {
    const std::string document = object(with(members, "x", quote(filler)));
    const std::string encoded = base64url::encode(document);
    if (encoded.size() % 4 != 0 && encoded.find_first_of("-_") != std::string::npos) return document;
  }
}

/// CVE-2022-39227, CVE-2016-9122: the JSON forms of RFC 7515 section 7.2.
void add_json_forms(const Workshop& shop, const Parts& good, Variants& out) {
  const std::string payload = R"("payload":")" + good.payload + "\"", signature = R"("signature":")" + good.signature + "\"";
  const std::string protected_header = R"("protected":")" + good.header + "\"";
  out.refuse("serial.json_flattened", "{" + payload + "," + protected_header + "," + signature + "}");
  out.refuse("serial.json_general", "{" + payload + R"(,"signatures":[{)" + protected_header + "," + signature + "}]}");
  out.refuse("serial.json_two_signatures",
             "{" + payload + R"(,"signatures":[{"protected":"e30","signature":""},{)" + protected_header + "," + signature + "}]}");
  out.refuse("serial.json_no_signatures", "{" + payload + R"(,"signatures":[]})");
  out.refuse("serial.unprotected_alg", "{" + payload + R"(,"header":{"alg":"none"},)" + protected_header + R"(,"signature":""})");
  out.refuse("serial.unprotected_only", "{" + payload + R"(,"header":{"alg":)" + quote(shop.alg) + "}," + signature + "}");
  out.refuse("serial.json_text", quote(good.joined()));
  out.refuse("serial.json_list", "[" + quote(good.joined()) + "]");
  const std::string forged = base64url::encode(object(with(shop.claims(), "sub", R"("admin")")));
  out.refuse("serial.polyglot", R"({"  )" + good.header + "." + forged + R"(.":"",)" + protected_header + "," + payload + "," + signature + "}");
  out.refuse("serial.polyglot_compact_first", good.header + "." + forged + "." + good.signature + R"({"x":0})");
  out.refuse("serial.polyglot_in_header", R"({"x":")" + good.joined() + R"("})");
}

void add_encrypted_forms(const Workshop& shop, const Parts& good, Variants& out) {
  const auto jwe = [&](const char* header) { return base64url::encode(std::string_view(header)) + "."; };
  out.refuse("serial.jwe_dir", jwe(R"({"alg":"dir","enc":"A128GCM"})") + ".AAAAAAAAAAAAAAAA." + good.payload + ".AAAAAAAAAAAAAAAAAAAAAA");
  out.refuse("serial.jwe_pbes2",
             jwe(R"({"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2s":"AAAAAAAAAAA","p2c":2147483647})") + "AAAA.AAAA." + good.payload + ".AAAA");
  out.refuse("serial.jwe_rsa1_5", jwe(R"({"alg":"RSA1_5","enc":"A128CBC-HS256"})") + "AAAA.AAAA." + good.payload + ".AAAA");
  out.refuse("serial.jwe_zip", jwe(R"({"alg":"dir","enc":"A128GCM","zip":"DEF"})") + ".AAAA." + good.payload + ".AAAA");
  out.refuse("serial.jwe_three_parts", shop.sealed(R"({"alg":"dir","enc":"A128GCM"})", object(shop.claims())));
}

void add_parts(const Parts& good, Variants& out) {
  const std::string &h = good.header, &p = good.payload, &s = good.signature, token = good.joined();
  for (const auto& [name, text] : std::initializer_list<std::pair<const char*, std::string>>{{"empty", ""},
                                                                                             {"one_part", h},
                                                                                             {"two_parts", h + "." + p},
                                                                                             {"two_parts_signature", h + "." + s},
                                                                                             {"four_parts", token + "." + s},
                                                                                             {"five_parts", token + "." + s + "." + s},
                                                                                             {"dot_after", token + "."},
                                                                                             {"dot_before", "." + token},
                                                                                             {"two_dots_after", token + ".."},
                                                                                             {"no_header", "." + p + "." + s},
                                                                                             {"no_payload", h + ".." + s},
                                                                                             {"no_signature", h + "." + p + "."},
                                                                                             {"only_header", h + ".."},
                                                                                             {"only_payload", "." + p + "."},
                                                                                             {"only_signature", ".." + s},
                                                                                             {"one_dot", "."},
                                                                                             {"two_dots", ".."},
                                                                                             {"three_dots", "..."},
                                                                                             {"double_dot", h + ".." + p + "." + s},
                                                                                             {"all_in_one", h + p + s}})
    out.refuse(std::string("serial.") + name, text);
  for (const auto& [name, separator] : {std::pair{"comma", ","},
                                        {"colon", ":"},
                                        {"percent", "%2E"},
                                        {"percent_lower", "%2e"},
                                        {"fullwidth", "\xef\xbc\x8e"},
                                        {"ideographic", "\xe3\x80\x82"},
                                        {"escaped", "\\u002e"},
                                        {"space", ". "},
                                        {"new_line", ".\n"}})
    out.refuse(std::string("serial.separator_") + name, h + separator + p + separator + s);
  for (const auto& [name, text] : {std::pair{"space", " "s},
                                   {"tab", "\t"s},
                                   {"new_line", "\n"s},
                                   {"return", "\r\n"s},
                                   {"nul", "\0"s},
                                   {"bom", "\xef\xbb\xbf"s},
                                   {"no_break_space", "\xc2\xa0"s},
                                   {"zero_width", "\xe2\x80\x8b"s},
                                   {"quote", "\""s},
                                   {"percent", "%20"s},
                                   {"letter", "A"s},
                                   {"byte_ff", "\xff"s}}) {
    out.refuse(std::string("serial.before_") + name, text + token);
    out.refuse(std::string("serial.after_") + name, token + text);
    out.refuse(std::string("serial.in_header_") + name, h.substr(0, 4) + text + h.substr(4) + "." + p + "." + s);
    out.refuse(std::string("serial.in_payload_") + name, h + "." + p.substr(0, 8) + text + p.substr(8) + "." + s);
    out.refuse(std::string("serial.in_signature_") + name, h + "." + p + "." + s.substr(0, 8) + text + s.substr(8));
  }
  out.refuse("serial.scheme_before", "Bearer " + token);
  out.refuse("serial.twice", token + token);
  out.refuse("serial.twice_comma", token + "," + token);
  std::string lower = h;
  for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  out.refuse("serial.lower_case_header", lower + "." + p + "." + s);
}

/// One value, one spelling (RFC 7515 section 2): else a token can be told apart from itself.
void add_spellings(const Workshop& shop, const Parts& good, Variants& out) {
  const std::string h = base64url::encode(awkward(shop.header())), p = base64url::encode(awkward(shop.claims()));
  const auto padded = [](std::string text) { return text.append((4 - text.size() % 4) % 4, '='); };
  out.accept("serial.awkward", shop.sealed_parts(h, p));
  out.refuse("serial.padded_header", shop.sealed_parts(padded(h), p));
  out.refuse("serial.padded_payload", shop.sealed_parts(h, padded(p)));
  out.refuse("serial.standard_alphabet_header", shop.sealed_parts(standard_alphabet(h), p));
  out.refuse("serial.standard_alphabet_payload", shop.sealed_parts(h, standard_alphabet(p)));
  out.refuse("serial.not_canonical_header", shop.sealed_parts(not_canonical(h), p));
  out.refuse("serial.not_canonical_payload", shop.sealed_parts(h, not_canonical(p)));
  out.refuse("serial.one_character_more_header", shop.sealed_parts(h + std::string(5 - h.size() % 4, 'A'), p));
  out.refuse("serial.raw_payload", shop.sealed_parts(good.header, object({{"iss", quote(shop.options.issuer)}})));
  out.refuse("serial.raw_header", shop.sealed_parts(object({{"alg", quote(shop.alg)}}), good.payload));
  out.refuse("serial.hexadecimal", shop.sealed_parts(good.header, "7b7d"));

  const std::string& s = good.signature;
  if (s.size() % 4 != 0) {
    out.refuse("serial.not_canonical_signature", good.header + "." + good.payload + "." + not_canonical(s));
    out.refuse("serial.padded_signature", good.header + "." + good.payload + "." + padded(s));
  }
  out.refuse("serial.too_much_padding", good.joined() + "====");
  Parts other = good;
  for (int i = 0; other.signature.find_first_of("-_") == std::string::npos; ++i) other = Parts(shop.with_claim("x", std::to_string(i)));
  out.refuse("serial.standard_alphabet_signature", other.header + "." + other.payload + "." + standard_alphabet(other.signature));
}

}  // namespace

void add_serial_variants(const Workshop& shop, Variants& out) {
  const Parts good(shop.legitimate());
  add_json_forms(shop, good, out);
  add_encrypted_forms(shop, good, out);
  add_parts(good, out);
  add_spellings(shop, good, out);
}

/// CVE-2025-30204 and its like: what is large must cost nothing.
void add_oversized_variants(const Workshop& shop, Variants& out) {
  const Parts good(shop.legitimate());
  constexpr std::size_t megabyte = 1'000'000;
  out.refuse("serial.a_million_dots", std::string(megabyte, '.'));
  out.refuse("serial.a_million_dots_after", good.joined() + std::string(megabyte, '.'));
  out.refuse("serial.a_million_letters", std::string(megabyte, 'A'));
  out.refuse("serial.a_million_letters_payload", good.header + "." + std::string(megabyte, 'A') + "." + good.signature);
  out.refuse("serial.a_million_letters_header", std::string(megabyte, 'A') + "." + good.payload + "." + good.signature);
  out.refuse("serial.a_million_letters_signature", good.header + "." + good.payload + "." + std::string(megabyte, 'A'));
  const std::string claims = object(shop.claims()), header = object(shop.header());
  const std::string body = claims.substr(0, claims.size() - 1);
  out.refuse("serial.a_million_brackets", shop.sealed(header, body + ",\"x\":" + repeated("[", megabyte / 2)));
  out.refuse("serial.a_million_names", shop.sealed(header, body + repeated(",\"x\":0", megabyte / 6) + "}"));
  std::string escaped = body + ",\"x\":\"" + repeated("\\u0041", megabyte / 6);
  out.refuse("serial.a_million_escapes", shop.sealed(header, escaped));
}

}  // namespace authkit::test
