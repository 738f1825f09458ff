#include "authkit/key.hpp"

#include "authkit/verifier.hpp"

#include "core/digest.hpp"
#include "token/signature.hpp"
#include "unit/key_samples.hpp"

#include <doctest/doctest.h>

using namespace authkit;
using namespace authkit::test;

namespace {

bool refused(const Result<Key>& key) { return !key && key.error().code == Errc::key_invalid && !key.error().detail.empty(); }

/// What one key signs the other verifies.
bool belong_together(const Key& signer, const Key& verifier) {
  std::array<std::uint8_t, 1024> signature;
  const auto size = make_signature(signer, "a message", signature);
  return size && verify_signature(verifier, "a message", {signature.data(), *size}) &&
         !verify_signature(verifier, "a massage", {signature.data(), *size});
}

}  // namespace

TEST_CASE("every key survives being written as a JWK, whole and as its public half") {
  for (const Algorithm algorithm : all_algorithms) {
    CAPTURE(to_text(algorithm));
    const Key& key = sample_key(algorithm);
    CHECK(key.algorithm() == algorithm);
    CHECK(key.is_private());
    const Key whole = Key::from_jwk(key.private_jwk(), algorithm, KeyPart::private_part).value();
    CHECK(whole.id() == key.id());
    CHECK(whole.is_private());
    CHECK(whole.private_jwk() == key.private_jwk());
    CHECK(belong_together(key, whole));
    if (is_hmac(algorithm)) {
      CHECK(key.public_jwk().empty());
      continue;
    }
    const Key open = Key::from_jwk(key.public_jwk(), algorithm, KeyPart::public_part).value();
    CHECK(open.id() == key.id());
    CHECK_FALSE(open.is_private());
    CHECK(open.private_jwk().empty());
    CHECK(open.public_jwk() == key.public_jwk());
    CHECK(belong_together(whole, open));
    std::array<std::uint8_t, 1024> out;
    CHECK(make_signature(open, "x", out).error().code == Errc::key_invalid);
    for (const char* member : {"d", "p", "q", "dp", "dq", "qi", "k"}) CHECK(json::parse(key.public_jwk())->find(member) == nullptr);
  }
}

TEST_CASE("a new key is as strong as is told, and another one each time") {
  for (const Algorithm algorithm :
       {Algorithm::HS256, Algorithm::HS384, Algorithm::HS512, Algorithm::ES256, Algorithm::ES384, Algorithm::ES512, Algorithm::EdDSA})
    CHECK(Key::generate(algorithm)->id() != Key::generate(algorithm)->id());
  CHECK(bytes_of(Key::generate(Algorithm::RS256)->public_jwk(), "n").size() == 3072 / 8);
  CHECK(bytes_of(Key::generate(Algorithm::HS512)->private_jwk(), "k").size() == 64);
}

TEST_CASE("the id is the JWK's own kid, else the RFC 7638 thumbprint") {
  // RFC 7638 section 3.1
  const std::string rfc =
      R"({"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMst)"
      R"(n64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyr)"
      R"(dkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"})";
  CHECK(Key::from_jwk(rfc, Algorithm::RS256)->id() == "2011-04-29");
  CHECK(Key::from_jwk(edited(rfc, {{"kid", ""}, {"x", "1"}}), Algorithm::RS256)->id() == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");

  for (const Algorithm algorithm : {Algorithm::ES256, Algorithm::EdDSA, Algorithm::HS256}) {
    const json::Value jwk = json::parse(sample_key(algorithm).private_jwk()).value();
    std::string members;
    for (const char* name : {"crv", "k", "kty", "x", "y"})
      if (const json::Value* member = jwk.find(name))
        members.append(members.empty() ? "{\"" : ",\"").append(name).append("\":\"").append(member->text).append("\"");
    CHECK(sample_key(algorithm).id() == base64url::encode(sha256(as_bytes(members + "}"))));
  }
  const Key renamed = sample_key(Algorithm::ES256).with_id("mine");
  CHECK(renamed.id() == "mine");
  CHECK(Key::from_jwk(renamed.public_jwk(), Algorithm::ES256)->id() == "mine");
  CHECK(belong_together(sample_key(Algorithm::ES256), renamed));
}

TEST_CASE("a JWK whose labels disagree with the algorithm is refused") {
  for (const Algorithm algorithm : all_algorithms) {
    CAPTURE(to_text(algorithm));
    const std::string jwk = sample_key(algorithm).private_jwk();
    const auto load = [&](std::initializer_list<std::pair<std::string_view, std::string_view>> changes) {
      return Key::from_jwk(edited(jwk, changes), algorithm);
    };
    CHECK(load({{"alg", ""}, {"use", ""}, {"kid", ""}}));
    CHECK(load({{"x5c", "[1]"}, {"x5u", "\"http://a\""}, {"unknown", "{}"}}));
    CHECK(refused(load({{"kty", ""}})));
    CHECK(refused(load({{"kty", "\"XX\""}})));
    CHECK(refused(load({{"kty", "1"}})));
    CHECK(refused(load({{"kty", is_hmac(algorithm) ? "\"RSA\"" : "\"oct\""}})));
    CHECK(refused(load({{"alg", "\"none\""}})));
    CHECK(refused(load({{"alg", algorithm == Algorithm::HS384 ? "\"HS256\"" : "\"HS384\""}})));
    CHECK(refused(load({{"alg", "null"}})));
    CHECK(refused(load({{"alg", "[\"ES256\"]"}})));
    CHECK(refused(load({{"use", "\"enc\""}})));
    CHECK(refused(load({{"use", "\"Sig\""}})));
    CHECK(refused(load({{"use", "true"}})));
    for (const char* kid : {"\"\"", "1", "null", R"("a\u0000b")", R"("a\nb")"}) CHECK(refused(load({{"kid", kid}})));
    CHECK(refused(load({{"kid", '"' + std::string(257, 'k') + '"'}})));
    CHECK(load({{"kid", '"' + std::string(256, 'k') + '"'}}));
    CHECK(refused(load({{"oth", "[]"}})));
    if (!is_hmac(algorithm)) CHECK(refused(load({{"k", "\"AAAA\""}})));
    if (is_hmac(algorithm) || is_rsa(algorithm)) continue;
    CHECK(refused(load({{"crv", ""}})));
    CHECK(refused(load({{"crv", algorithm == Algorithm::ES384 ? "\"P-256\"" : "\"P-384\""}})));
    CHECK(refused(load({{"crv", "\"secp256k1\""}})));
    CHECK(refused(load({{"crv", "null"}})));
  }
}

TEST_CASE("key_ops must be distinct, known and fit the key") {
  const auto load = [](Algorithm algorithm, std::string_view jwk, std::string_view operations) {
    return Key::from_jwk(edited(jwk, {{"key_ops", operations}}), algorithm);
  };
  for (const Algorithm algorithm : {Algorithm::HS256, Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA}) {
    CAPTURE(to_text(algorithm));
    const std::string whole = sample_key(algorithm).private_jwk(), open = sample_key(algorithm).public_jwk();
    CHECK(load(algorithm, whole, R"(["sign","verify"])")->is_private());
    for (const char* bad :
         {"[]", R"(["sign","verify","sign"])", R"(["sign","verify","encrypt"])", R"(["deriveKey"])", R"("sign")", "[1]", "null", "{}"})
      CHECK(refused(load(algorithm, whole, bad)));
    if (is_hmac(algorithm)) {
      CHECK_FALSE(load(algorithm, whole, R"(["verify"])")->is_private());
      CHECK(refused(load(algorithm, whole, R"(["sign"])")));
      continue;
    }
    CHECK(load(algorithm, whole, R"(["sign"])")->is_private());
    CHECK(refused(load(algorithm, whole, R"(["verify"])")));
    CHECK(load(algorithm, open, R"(["verify"])"));
    CHECK(load(algorithm, open, R"(["verify","sign"])"));
    CHECK(refused(load(algorithm, open, R"(["sign"])")));
  }
  const Key verifier = Key::from_jwk(edited(sample_key(Algorithm::HS256).private_jwk(), {{"key_ops", R"(["verify"])"}}), Algorithm::HS256).value();
  CHECK_FALSE(Key::from_jwk(verifier.private_jwk(), Algorithm::HS256)->is_private());  // a secret that may not sign stays so
}

TEST_CASE("which half is meant is what is taken") {
  for (const Algorithm algorithm : {Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA}) {
    CAPTURE(to_text(algorithm));
    const std::string whole = sample_key(algorithm).private_jwk(), open = sample_key(algorithm).public_jwk();
    CHECK(refused(Key::from_jwk(whole, algorithm, KeyPart::public_part)));
    CHECK(refused(Key::from_jwk(open, algorithm, KeyPart::private_part)));
    CHECK(verification_keys(whole, algorithm).error().code == Errc::key_invalid);
    CHECK(verification_keys(open, algorithm)->size() == 1);
    for (const char* member : {"p", "q", "dp", "dq", "qi"}) CHECK(refused(Key::from_jwk(edited(open, {{member, "\"AQAB\""}}), algorithm)));
  }
  const std::string secret = sample_key(Algorithm::HS256).private_jwk();
  for (const KeyPart part : {KeyPart::any, KeyPart::public_part, KeyPart::private_part}) CHECK(Key::from_jwk(secret, Algorithm::HS256, part));
}

TEST_CASE("what is no JWK is refused") {
  const std::string jwk = sample_key(Algorithm::ES256).public_jwk();
  for (const std::string& text : {std::string(), std::string("null"), "[" + jwk + "]", std::string("{}"), jwk + " x", jwk + jwk, "\xef\xbb\xbf" + jwk,
                                  jwk.substr(0, jwk.size() - 1), jwk.substr(0, jwk.size() - 1) + R"(,"kty":"EC"})",
                                  edited(jwk, {{"pad", '"' + std::string(32 * 1024, 'x') + '"'}}), R"({"keys":[)" + jwk + "]}"})
    CHECK(refused(Key::from_jwk(text, Algorithm::ES256)));
}
