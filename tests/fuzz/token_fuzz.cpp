#include "authkit/verifier.hpp"

#include "core/base64url.hpp"
#include "core/digest.hpp"
#include "fuzz.hpp"
#include "keys.hpp"
#include "token/openssl.hpp"
#include "token/signature.hpp"

#include <algorithm>

namespace authkit::fuzz {
namespace {

const Time now{std::chrono::seconds(1'800'000'000)};

/// Tokens under one key each of the four families, and a verifier that holds them all.
struct World {
  std::vector<Key> keys;
  std::shared_ptr<KeyRing> ring;
  Tokens tokens;
  std::vector<std::string> valid;

  static std::vector<Key> make_keys() {
    const auto of = [](std::string_view jwk, Algorithm algorithm) { return Key::from_jwk(jwk, algorithm).value(); };
    return {Key::from_secret(hmac_secret, Algorithm::HS256).value().with_id("mac"), of(ec_private_jwk, Algorithm::ES256),
            of(ed_private_jwk, Algorithm::EdDSA), of(rsa_private_jwk, Algorithm::RS256)};
  }
  std::string hmac_token(std::string_view header, std::string_view payload) const {
    std::string token = base64url::encode(header) + "." + base64url::encode(payload);
    std::array<std::uint8_t, 32> mac;
    const std::size_t size = make_signature(keys.front(), token, mac).value();
    return token + "." + base64url::encode(std::span<const std::uint8_t>(mac.data(), size));
  }

  World() : keys(make_keys()), ring(KeyRing::fixed(keys, {}).value()), tokens(Tokens::open({}, ring, [] { return now; }).value()) {
    constexpr std::string_view payload = R"({"iss":"authkit","aud":["x","authkit"],"sub":"someone","exp":1800000900,"roles":["a\nb"]})";
    valid = {std::string(ec_token),
             std::string(ed_token),
             std::string(rsa_token),
             hmac_token(R"({"alg":"HS256","typ":"at+jwt","kid":"mac"})", payload),
             hmac_token(R"({"kid":"mac","typ":"application/at+jwt","alg":"HS256","x":[1]})", payload),
             hmac_token(R"({"alg":"HS256","typ":"AT+JWT"})", payload)};
    for (const std::string& token : valid) require(tokens.verify(token).has_value(), "the seeds are valid");
  }
};

const World& world() {
  static const World made;
  return made;
}

/// ECDSA signatures come in pairs: (r, s) and (r, n - s). Both are the key's; nobody but the signer of one knows neither.
std::string twin_of(const std::string& token) {
  constexpr std::string_view order = "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551";
  std::string signature = base64url::decode(token.substr(token.rfind('.') + 1)).value();
  auto* const s = reinterpret_cast<unsigned char*>(signature.data()) + 32;
  BIGNUM* n = nullptr;
  BN_hex2bn(&n, order.data());
  const NumberPtr owned(n), value(BN_bin2bn(s, 32, nullptr)), negated(BN_new());
  BN_sub(negated.get(), n, value.get());
  BN_bn2binpad(negated.get(), s, 32);
  return token.substr(0, token.rfind('.') + 1) + base64url::encode(signature);
}

bool is_known(std::string_view token) {
  static const std::string twin = twin_of(std::string(ec_token));
  return token == twin || std::find(world().valid.begin(), world().valid.end(), token) != world().valid.end();
}

void run(std::string_view input) {
  const bool known = is_known(input);
  require(world().tokens.verify(input).has_value() == known, "only tokens that were issued verify");

  for (const Algorithm algorithm : {Algorithm::HS256, Algorithm::EdDSA}) {
    VerifyOptions options;
    options.algorithm = algorithm;
    options.audiences = {"authkit"};
    options.now = now;
    require(!verify_jwt(input, world().keys, options) || known, "only tokens that were issued verify as a JWT");
    require(!verify_jws(input, world().keys, options) || known, "only tokens that were issued verify as a JWS");
  }
}

std::vector<std::string> seeds() { return world().valid; }

}  // namespace

constexpr Target token_target{"token", run, seeds};

}  // namespace authkit::fuzz
