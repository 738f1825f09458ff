#include "core/base64url.hpp"
#include "core/json.hpp"
#include "vectors/test_keys.hpp"
#include "vectors/workshop.hpp"

#include <fmt/format.h>

#include <array>

// CVE-2015-9235 and all that came after: what is public is taken for an HMAC secret.

namespace authkit::test {
namespace {

constexpr std::array hmacs{Algorithm::HS256, Algorithm::HS384, Algorithm::HS512};

std::string with_mac(Algorithm algorithm, std::string_view secret, const Members& header, const Members& claims) {
  const std::string input = base64url::encode(object(with(header, "alg", quote(to_text(algorithm))))) + "." + base64url::encode(object(claims));
  return input + "." + base64url::encode(mac_of(algorithm, secret, input));
}

const Workshop& shop_of(Algorithm algorithm) {
  static const std::array<Workshop, 4> shops{Workshop(test_key(Algorithm::RS256), {}, Time{std::chrono::seconds(1'800'000'000)}),
                                             Workshop(test_key(Algorithm::ES256), {}, Time{std::chrono::seconds(1'800'000'000)}),
                                             Workshop(test_key(Algorithm::EdDSA), {}, Time{std::chrono::seconds(1'800'000'000)}),
                                             Workshop(test_key(Algorithm::HS256), {}, Time{std::chrono::seconds(1'800'000'000)})};
  return algorithm == Algorithm::RS256 ? shops[0] : algorithm == Algorithm::ES256 ? shops[1] : algorithm == Algorithm::EdDSA ? shops[2] : shops[3];
}

}  // namespace

void add_confusion_variants(const Workshop& shop, Variants& out) {
  if (shop.key.public_jwk().empty()) return;  // nothing of it is public
  for (const auto& [name, secret] : public_spellings(shop.key)) {
    out.refuse("confusion.hs256_" + name, with_mac(Algorithm::HS256, secret, shop.header(), shop.claims()));
    out.refuse("confusion.hs256_" + name + "_no_kid", with_mac(Algorithm::HS256, secret, without(shop.header(), "kid"), shop.claims()));
  }
  out.refuse("confusion.hs256_empty", with_mac(Algorithm::HS256, "", shop.header(), shop.claims()));
  out.refuse("confusion.hs512_pem", with_mac(Algorithm::HS512, public_spellings(shop.key)[0].second, shop.header(), shop.claims()));
  out.refuse("confusion.hs256_kid", with_mac(Algorithm::HS256, shop.key.id(), shop.header(), shop.claims()));
}

void add_confusion_lines(Lines& out) {
  const Members header{{"typ", R"("JWT")"}}, claims{{"sub", R"("admin")"}};
  for (const Algorithm algorithm : {Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA}) {
    const Key key = test_key(algorithm);
    const std::string name(to_text(algorithm)), kind = algorithm == Algorithm::RS256 ? "rsa" : algorithm == Algorithm::ES256 ? "ec" : "okp";
    const std::string own = key.public_jwk();

    // the spelling itself as the HMAC key: loading it is the failure
    for (const auto& [spelling, secret] : public_spellings(key))
      for (const Algorithm hmac : {Algorithm::HS256, Algorithm::HS512})
        out.refuse(fmt::format("confusion.{}_{}_as_secret_{}", kind, spelling, to_text(hmac)), to_text(hmac),
                   object({{"kty", R"("oct")"}, {"k", quote(base64url::encode(secret))}}), with_mac(hmac, secret, header, claims));

    // CVE-2026-44699: an asymmetric JWK that names no algorithm, and a token that names HMAC
    const json::Value jwk = json::parse(own).value();
    Members bare;
    for (const json::Member& member : jwk.members)
      if (member.name != "alg" && member.name != "kid" && member.name != "use") bare.emplace_back(member.name, json::write(member.value));
    const std::string first = algorithm == Algorithm::RS256 ? "n" : "x";
    const std::string coordinate = jwk.find(first)->text;
    for (const Algorithm hmac : hmacs) {
      const std::array<std::pair<const char*, std::string>, 4> guesses{
          {{"empty", ""}, {"number", base64url::decode(coordinate).value()}, {"number_text", coordinate}, {"pem", public_spellings(key)[0].second}}};
      for (const auto& [guess, secret] : guesses) {
        const std::string token = with_mac(hmac, secret, header, claims);
        out.refuse(fmt::format("confusion.{}_jwk_without_alg_{}_{}", kind, to_text(hmac), guess), to_text(hmac), object(bare), token);
        out.refuse(fmt::format("confusion.{}_jwk_{}_allowed_{}_{}", kind, name, to_text(hmac), guess), name, own, token);
        out.refuse(fmt::format("confusion.{}_set_without_alg_{}_{}", kind, to_text(hmac), guess), to_text(hmac), "{\"keys\":[" + object(bare) + "]}",
                   token);
      }
      out.refuse(fmt::format("confusion.{}_jwk_with_k_{}", kind, to_text(hmac)), to_text(hmac), object(with(bare, "k", R"("")")),
                 with_mac(hmac, "", header, claims));
      out.refuse(fmt::format("confusion.{}_jwk_kty_oct_{}", kind, to_text(hmac)), to_text(hmac), object(with(bare, "kty", R"("oct")")),
                 with_mac(hmac, "", header, claims));
    }
    // the other way round: a token of the key, where HMAC is allowed
    out.refuse(fmt::format("confusion.{}_token_where_HS256_is_allowed", kind), "HS256", own, shop_of(algorithm).legitimate());
    out.refuse(fmt::format("confusion.{}_token_with_hmac_key", kind), name, test_key_jwk(test_key(Algorithm::HS256)),
               shop_of(algorithm).legitimate());
  }
  // one asymmetric family for another
  for (const Algorithm made : {Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA, Algorithm::HS256})
    for (const Algorithm allowed : all_algorithms)
      if (made != allowed)
        out.refuse(fmt::format("confusion.token_{}_key_{}", to_text(made), to_text(allowed)), to_text(allowed), test_key_jwk(test_key(allowed)),
                   shop_of(made).legitimate());
  for (const char* alg : {"none", "None", "", "hs256", "HS256 ", "RS1", "ES256K", "dir"})
    out.refuse(fmt::format("confusion.allowed_alg_{}", alg), alg, test_key_jwk(test_key(Algorithm::HS256)), shop_of(Algorithm::HS256).legitimate());
}

}  // namespace authkit::test
