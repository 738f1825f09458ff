#include "core/base64url.hpp"
#include "vectors/test_keys.hpp"
#include "vectors/workshop.hpp"

#include <fmt/format.h>

namespace authkit::test {
namespace {

std::string flipped(std::string bytes, std::size_t at, int bit) {
  bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
  return bytes;
}

void add_flips(const Workshop& shop, Variants& out) {
  const std::string header = object(shop.header()), claims = object(shop.claims());
  const std::string signature = base64url::decode(Parts(shop.legitimate()).signature).value();
  const auto places = [](std::size_t size) { return std::vector<std::size_t>{0, 1, size / 4, size / 2, 3 * size / 4, size - 2, size - 1}; };
  for (const std::size_t at : places(header.size()))
    out.refuse(fmt::format("tamper.header_bit_{}", at), compact(flipped(header, at, 0), claims, signature));
  for (const std::size_t at : places(claims.size()))
    out.refuse(fmt::format("tamper.payload_bit_{}", at), compact(header, flipped(claims, at, 0), signature));
  for (const std::size_t at : places(signature.size()))
    for (const int bit : {0, 7}) out.refuse(fmt::format("tamper.signature_bit_{}_{}", at, bit), compact(header, claims, flipped(signature, at, bit)));
}

}  // namespace

void add_tamper_variants(const Workshop& shop, Variants& out) {
  const Parts good(shop.legitimate());
  const std::string header = object(shop.header()), claims = object(shop.claims()), signature = base64url::decode(good.signature).value();
  const std::string &h = good.header, &p = good.payload, &s = good.signature, token = good.joined();
  const auto refuse = [&](const char* name, std::string text) { out.refuse(std::string("tamper.") + name, std::move(text)); };

  out.accept("tamper.nothing", token);
  add_flips(shop, out);
  refuse("other_subject", compact(header, object(with(shop.claims(), "sub", R"("admin")")), signature));
  refuse("later_expiry", compact(header, object(with(shop.claims(), "exp", "253402300799")), signature));
  refuse("other_kid", compact(object(with(shop.header(), "kid", R"("x")")), claims, signature));
  refuse("reordered_header", compact(object(with(without(shop.header(), "alg"), "alg", quote(shop.alg))), claims, signature));
  refuse("blank_in_header", compact(" " + header, claims, signature));
  refuse("blank_in_payload", compact(header, claims + " ", signature));

  // one byte, one character, and more
  const std::size_t size = signature.size();
  refuse("signature_byte_short", compact(header, claims, signature.substr(0, size - 1)));
  refuse("signature_first_byte_gone", compact(header, claims, signature.substr(1)));
  refuse("signature_byte_long", compact(header, claims, signature + std::string(1, '\0')));
  refuse("signature_byte_before", compact(header, claims, std::string(1, '\0') + signature));
  refuse("signature_halved", compact(header, claims, signature.substr(0, size / 2)));
  refuse("signature_doubled", compact(header, claims, signature + signature));
  refuse("signature_one_byte", compact(header, claims, signature.substr(0, 1)));
  refuse("signature_empty", compact(header, claims, ""));
  for (const std::size_t bytes : {100U, 200U, 1000U, 1024U, 1025U, 4000U})
    refuse(fmt::format("signature_of_{}", bytes).c_str(), compact(header, claims, std::string(bytes, 'x')));
  refuse("sig_zero", compact(header, claims, std::string(size, '\0')));
  refuse("sig_one", compact(header, claims, std::string(size - 1, '\0') + '\1'));
  refuse("sig_ones", compact(header, claims, std::string(size, '\xff')));
  refuse("sig_reversed", compact(header, claims, std::string(signature.rbegin(), signature.rend())));
  refuse("sig_of_other_payload", compact(header, claims, signature_of(shop.key, h + "." + base64url::encode(object(without(shop.claims(), "jti"))))));
  refuse("sig_of_payload_alone", compact(header, claims, signature_of(shop.key, p)));
  refuse("sig_without_dot", compact(header, claims, signature_of(shop.key, h + p)));
  refuse("sig_of_decoded", compact(header, claims, signature_of(shop.key, header + "." + claims)));
  refuse("sig_of_nothing", compact(header, claims, signature_of(shop.key, "")));
  for (const Algorithm other : all_algorithms) {
    if (other == shop.key.algorithm()) continue;
    refuse(fmt::format("sig_of_{}", to_text(other)).c_str(), compact(header, claims, signature_of(test_key(other), h + "." + p)));
  }
  refuse("sig_of_stranger", compact(header, claims, signature_of(stranger_key(shop.key.algorithm()), h + "." + p)));

  refuse("header_character_short", h.substr(0, h.size() - 1) + "." + p + "." + s);
  refuse("header_character_long", h + "A." + p + "." + s);
  refuse("payload_character_short", h + "." + p.substr(0, p.size() - 1) + "." + s);
  refuse("payload_character_long", h + "." + p + "A." + s);
  refuse("payload_four_long", h + "." + p + "AAAA." + s);
  refuse("signature_character_short", token.substr(0, token.size() - 1));
  refuse("signature_character_long", token + "A");
  refuse("signature_four_long", token + "AAAA");
  refuse("swapped_header_payload", p + "." + h + "." + s);
  refuse("swapped_payload_signature", h + "." + s + "." + p);
  refuse("rotated", s + "." + h + "." + p);
  refuse("backwards", std::string(token.rbegin(), token.rend()));
  refuse("header_thrice", h + "." + h + "." + h);
  for (const std::size_t tenth : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U, 9U})
    refuse(fmt::format("prefix_{}0", tenth).c_str(), token.substr(0, token.size() * tenth / 10));
  for (const std::size_t tenth : {1U, 5U, 9U}) refuse(fmt::format("suffix_{}0", tenth).c_str(), token.substr(token.size() * tenth / 10));
}

}  // namespace authkit::test
