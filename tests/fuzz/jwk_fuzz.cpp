#include "authkit/verifier.hpp"

#include "fuzz.hpp"
#include "keys.hpp"
#include "token/algorithm.hpp"

namespace authkit::fuzz {
namespace {

constexpr std::size_t algorithms = static_cast<std::size_t>(Algorithm::EdDSA) + 1;

bool same(const Key& a, const Key& b) {
  return a.id() == b.id() && a.algorithm() == b.algorithm() && a.is_private() == b.is_private() && a.public_jwk() == b.public_jwk() &&
         a.private_jwk() == b.private_jwk();
}

void check_key(const Key& key, std::string_view text) {
  const Algorithm algorithm = key.algorithm();
  const bool symmetric = traits_of(algorithm).family == KeyFamily::hmac;
  const std::string whole = key.private_jwk(), open = key.public_jwk();
  require(open.empty() == symmetric, "every key but an HMAC secret has a public half");
  require(!key.is_private() || !whole.empty(), "what signs has a private half");

  if (!whole.empty()) {
    const auto again = Key::from_jwk(whole, algorithm, KeyPart::private_part);
    require(symmetric || key.is_private() ? again && same(*again, key) : true, "a key survives being written");
    require(symmetric || !Key::from_jwk(whole, algorithm, KeyPart::public_part), "a private key is refused where a public one is meant");
    require(symmetric || !verification_keys(whole, algorithm), "and to a verifier");
  }
  if (!open.empty()) {
    const auto again = Key::from_jwk(open, algorithm, KeyPart::public_part);
    require(again && again->id() == key.id() && !again->is_private() && again->private_jwk().empty(),
            "its public half too, and holds nothing private");
    require(again->public_jwk() == open, "written the same way");
    require(!Key::from_jwk(open, algorithm, KeyPart::private_part), "a public key is refused where a private one is meant");
  }

  const std::string set = "{\"keys\":[" + std::string(text) + "]}";
  const auto any = parse_jwks(set, algorithm, KeyPart::any);
  require(any && any->size() == 1 && same(any->front(), key), "a set of it holds it");
  const auto verifiers = parse_jwks(set, algorithm);
  require(verifiers && verifiers->size() == (symmetric || whole.empty() ? 1U : 0U), "a public set leaves private keys out");
  require(!parse_jwks("{\"keys\":[" + std::string(text) + "," + std::string(text) + "]}", algorithm, KeyPart::any), "twice one kid is refused");
}

void run(std::string_view input) {
  if (input.empty()) return;
  const auto algorithm = static_cast<Algorithm>(static_cast<unsigned char>(input.front() - 'A') % algorithms);
  const std::string_view text = input.substr(1);
  const auto key = Key::from_jwk(text, algorithm);
  if (key) check_key(*key, text);
  const auto set = parse_jwks(text, algorithm, KeyPart::any);
  require(!(key && set), "nothing is a JWK and a JWK Set");
  if (!set) return;
  const auto again = parse_jwks(public_jwks(*set), algorithm);
  require(again.has_value(), "the public halves of a set are a set");
  if (traits_of(algorithm).family != KeyFamily::hmac) require(again->size() == set->size(), "of as many keys");
}

std::string seed(Algorithm algorithm, std::string_view jwk) {
  return std::string(1, static_cast<char>('A' + static_cast<int>(algorithm))).append(jwk);
}

std::vector<std::string> seeds() {
  const std::string oct =
      R"({"kty":"oct","k":"YSBzZWNyZXQgdGhhdCBndWFyZHMgbm90aGluZyBidXQgZnV6emVycyBhbmQgaXMgbG9uZyBlbm91Z2ggZm9yIEhTNTEy","kid":"a"})";
  const std::string ec_public = Key::from_jwk(ec_private_jwk, Algorithm::ES256)->public_jwk();
  const std::string ed_public = Key::from_jwk(ed_private_jwk, Algorithm::EdDSA)->public_jwk();
  return {seed(Algorithm::HS256, oct),
          seed(Algorithm::HS512, oct),
          seed(Algorithm::ES256, ec_private_jwk),
          seed(Algorithm::ES256, ec_public),
          seed(Algorithm::EdDSA, ed_private_jwk),
          seed(Algorithm::EdDSA, ed_public),
          seed(Algorithm::RS256, rsa_private_jwk),
          seed(Algorithm::EdDSA, R"({"keys":[)" + ed_public + R"(,{"kty":"oct","k":"AA","key_ops":["sign","verify"]}]})"),
          seed(Algorithm::ES384, R"({"kty":"EC","crv":"P-384","x":"AA","y":"AA","use":"sig","key_ops":["verify"],"x5c":["AA"]})")};
}

}  // namespace

constexpr Target jwk_target{"jwk", run, seeds};

}  // namespace authkit::fuzz
