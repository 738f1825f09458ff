// Rules of format, header, key choice and signatures at their very edges.
#include "core/digest.hpp"
#include "token/ecdsa_der.hpp"
#include "token/key_material.hpp"
#include "unit/token_samples.hpp"

#include <doctest/doctest.h>

using namespace authkit;
using namespace authkit::test;

TEST_CASE("a header is read for what it may say and refused for what would change the verification") {
  const auto of = [](std::string_view head) { return verdict(token_of(head, claims(""))); };
  const auto with = [&](std::string_view more) { return of(R"({"alg":"HS256","typ":"at+jwt")" + std::string(more) + "}"); };
  CHECK(with(R"(,"x":[1,{"crit":1}],"cty":"text","x5t":"y")") == Errc{});
  for (const char* name : {"crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c"})
    for (const char* value : {"[]", "true", "\"x\"", "null", "{}"}) CHECK(with(",\"" + std::string(name) + "\":" + value) == Errc::invalid_token);
  for (const char* name : {"kid", "cty"})
    for (const char* value : {"1", "null", "true", "[]", "{}", "\"\""}) CHECK(with(",\"" + std::string(name) + "\":" + value) == Errc::invalid_token);
  for (const char* head : {R"({"typ":"at+jwt"})", R"({"alg":"","typ":"at+jwt"})", R"({"alg":null,"typ":"at+jwt"})", R"({"alg":256,"typ":"at+jwt"})",
                           R"({"alg":["HS256"],"typ":"at+jwt"})", R"({"alg":"none","typ":"at+jwt"})", R"({"alg":"hs256","typ":"at+jwt"})",
                           R"({"alg":"HS384","typ":"at+jwt"})", R"({"alg":"HS256 ","typ":"at+jwt"})", R"(["alg"])"}) {
    CAPTURE(head);
    CHECK(of(head) == Errc::invalid_token);
  }
  for (const char* typ : {"\"\"", "null", "1"})
    CHECK_FALSE(verify_jws(token_of(R"({"alg":"HS256","typ":)" + std::string(typ) + "}", "x"), {key()}, options_for(Algorithm::HS256)));
  const std::string id = key().id();
  CHECK(with(",\"kid\":\"" + id + "\"") == Errc{});
  CHECK(with(",\"kid\":\"" + id + "x\"") == Errc::invalid_token);
  // A kid with a control character names no key, not even one that a host named so.
  const Key odd = key().with_id("a\nb");
  CHECK_FALSE(verify_jws(token_of(R"({"alg":"HS256","kid":"a\nb"})", "x", odd), {odd}, options_for(Algorithm::HS256)));

  const auto padded = [&](std::size_t size) {
    std::string head = R"({"alg":"HS256","typ":"at+jwt","x":")";
    head.append(size - head.size() - 2, 'x').append("\"}");
    return of(head);
  };
  CHECK(padded(2048) == Errc{});
  CHECK(padded(2049) == Errc::invalid_token);
}

TEST_CASE("a token without kid needs exactly one key that fits, and the algorithm is the caller's") {
  const Key other = Key::generate(Algorithm::HS256).value();
  const std::string token = token_of(header, claims(""));
  CHECK(verify_jwt(token, {key()}, options_for(Algorithm::HS256)));
  CHECK_FALSE(verify_jwt(token, {key(), other}, options_for(Algorithm::HS256)));
  CHECK_FALSE(verify_jwt(token, {other, key()}, options_for(Algorithm::HS256)));
  CHECK_FALSE(verify_jwt(token, {other}, options_for(Algorithm::HS256)));
  CHECK(verify_jwt(token, {key(), sample_key(Algorithm::ES256)}, options_for(Algorithm::HS256)));
  CHECK_FALSE(verify_jwt(token, {key(), sample_key(Algorithm::ES256)}, options_for(Algorithm::ES256)));
  // The same secret under another algorithm's name.
  const Key longer = Key::from_secret(std::string(64, 's'), Algorithm::HS256).value();
  const Key strong = Key::from_secret(std::string(64, 's'), Algorithm::HS512).value();
  const std::string weak = token_of(R"({"alg":"HS256"})", claims(""), longer);
  CHECK(verify_jwt(weak, {longer}, options_for(Algorithm::HS256)));
  CHECK_FALSE(verify_jwt(weak, {strong}, options_for(Algorithm::HS512)));
  CHECK_FALSE(verify_jwt(token_of(R"({"alg":"HS256"})", claims(""), strong), {strong}, options_for(Algorithm::HS512)));
}

TEST_CASE("a compact token has three parts, each in its one spelling") {
  const std::string token = token_of(header, claims(",\"a\":1"));
  REQUIRE(verdict(token) == Errc{});
  const std::size_t first = token.find('.'), second = token.rfind('.');
  for (const std::string& bad : {token + ".", "." + token, token + ".x", token.substr(0, second), token.substr(0, second + 1), token.substr(first),
                                 token.substr(first + 1), std::string(".."), std::string("."), std::string(), token + "=", token + "A",
                                 token + "AAAA", token + "\n", " " + token, token.substr(0, token.size() - 1), token.substr(0, token.size() - 4),
                                 std::string(token).insert(first, "="), std::string(token).insert(second, "A")})
    CHECK(verdict(bad) == Errc::invalid_token);
  // 32 bytes leave two bits over in the last character.
  const auto last = [&](char c) { return token.substr(0, token.size() - 1) + c; };
  int accepted = 0;
  for (int c = 1; c < 256; ++c) accepted += verdict(last(static_cast<char>(c))) == Errc{} ? 1 : 0;
  CHECK(accepted == 1);
  // Parts that are signed as they stand and yet are no base64url, or hold bits that say nothing.
  const std::string head = base64url::encode(header), body = base64url::encode(claims(",\"a\":1"));
  REQUIRE(verdict(signed_parts(key(), head + "." + body)) == Errc{});
  for (const std::string& odd : {body + "=", body + "A", body.substr(0, 8) + "+" + body.substr(8), body.substr(0, 4) + "\n" + body.substr(4),
                                 body.substr(0, 7) + "*" + body.substr(8)})
    CHECK(verdict(signed_parts(key(), head + "." + odd)) == Errc::invalid_token);
  CHECK(verdict(signed_parts(key(), "." + body)) == Errc::invalid_token);
  CHECK_FALSE(verify_jws(signed_parts(key(), "." + body), {key()}, options_for(Algorithm::HS256)));
  // A payload may be empty where any bytes may be.
  CHECK(verify_jws(signed_parts(key(), head + "."), {key()}, options_for(Algorithm::HS256))->empty());

  VerifyOptions options = options_for(Algorithm::HS256);
  options.max_token_bytes = token.size();
  CHECK(verify_jwt(token, {key()}, options));
  options.max_token_bytes = token.size() - 1;
  CHECK_FALSE(verify_jwt(token, {key()}, options));
}

TEST_CASE("base64url has one spelling for every value") {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (std::size_t length = 1; length <= 4; ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string text(length, 'A');
        text[at] = static_cast<char>(c);
        const std::size_t value = alphabet.find(static_cast<char>(c));
        const bool last = at + 1 == length;
        const std::size_t unused = length == 2 ? 15 : length == 3 ? 3 : 0;
        const bool fits = length != 1 && value != std::string_view::npos && (!last || (value & unused) == 0);
        const auto bytes = base64url::decode(text);
        CHECK(bytes.has_value() == fits);
        if (bytes) CHECK(base64url::encode(*bytes) == text);
        CHECK(base64url::decode("AAAA" + text).has_value() == fits);
      }
    }
  }
}

TEST_CASE("signatures of RSA, ECDSA and Ed25519 hold in their one form") {
  for (const Algorithm algorithm : {Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::ES512, Algorithm::EdDSA}) {
    CAPTURE(to_text(algorithm));
    const Key& signer = sample_key(algorithm);
    const std::string head = R"({"alg":")" + std::string(to_text(algorithm)) + "\"}";
    const std::string token = token_of(head, claims(""), signer);
    const VerifyOptions options = options_for(algorithm);
    REQUIRE(verify_jwt(token, {signer}, options));
    const std::string parts = token.substr(0, token.rfind('.'));
    const std::string signature = base64url::decode(token.substr(token.rfind('.') + 1)).value();
    const auto holds = [&](const std::string& bytes) { return verify_jwt(parts + "." + base64url::encode(bytes), {signer}, options).has_value(); };
    for (const std::size_t at : {std::size_t{0}, signature.size() / 2, signature.size() - 1}) {
      std::string flipped = signature;
      flipped[at] = static_cast<char>(flipped[at] ^ 1);
      CHECK_FALSE(holds(flipped));
    }
    CHECK_FALSE(holds(signature.substr(1)));
    CHECK_FALSE(holds(signature.substr(0, signature.size() - 1)));
    CHECK_FALSE(holds(std::string(1, '\0') + signature));
    CHECK_FALSE(holds(signature + std::string(1, '\0')));
    CHECK_FALSE(holds(std::string(signature.size(), '\0')));
    CHECK_FALSE(holds(std::string(signature.size(), '\xff')));
  }
  // RSA of the other padding.
  const std::string as_ps = R"({"alg":"PS256"})", as_rs = R"({"alg":"RS256"})";
  CHECK_FALSE(verify_jwt(token_of(as_ps, claims(""), sample_key(Algorithm::RS256)), {sample_key(Algorithm::PS256)}, options_for(Algorithm::PS256)));
  CHECK_FALSE(verify_jwt(token_of(as_rs, claims(""), sample_key(Algorithm::PS256)), {sample_key(Algorithm::RS256)}, options_for(Algorithm::RS256)));
}

TEST_CASE("a PSS salt is as long as its digest (RFC 7518 section 3.5)") {
  const Key& signer = sample_key(Algorithm::PS256);
  const std::string parts = base64url::encode(std::string_view(R"({"alg":"PS256"})")) + "." + base64url::encode(claims(""));
  const Digest256 digest = sha256(as_bytes(parts));
  for (const int salt : {0, 20, 31, 32, 33, 64}) {
    const PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, signer.impl().material->pkey.get(), nullptr));
    std::string signature(256, '\0');
    std::size_t size = signature.size();
    REQUIRE(EVP_PKEY_sign_init(context.get()) == 1);
    REQUIRE(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PSS_PADDING) == 1);
    REQUIRE(EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1);
    REQUIRE(EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), salt) == 1);
    REQUIRE(EVP_PKEY_sign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, digest.data(), digest.size()) == 1);
    CHECK(verify_jwt(parts + "." + base64url::encode(signature), {signer}, options_for(Algorithm::PS256)).has_value() == (salt == 32));
  }
}

TEST_CASE("no byte of a long HMAC secret is left out (RFC 2104 section 2)") {
  for (const std::size_t block : {64U, 128U}) {
    const auto token_under = [&](std::size_t size) {
      return token_of(R"({"alg":"HS256"})", "x", Key::from_secret(std::string(size, 's'), Algorithm::HS256).value());
    };
    CHECK(token_under(block) != token_under(block + 1));
    CHECK(token_under(block + 1) != token_under(block + 2));
  }
}

TEST_CASE("r and s lie between 1 and n - 1") {
  for (const Algorithm algorithm : {Algorithm::ES256, Algorithm::ES384, Algorithm::ES512}) {
    const AlgorithmTraits& traits = traits_of(algorithm);
    DerBuffer der;
    std::vector<std::uint8_t> fixed(2 * traits.field_size, 0);
    const auto accepted = [&] { return ecdsa_to_der(fixed, traits, der).has_value(); };
    CHECK_FALSE(accepted());
    fixed[traits.field_size - 1] = 1;
    CHECK_FALSE(accepted());  // s = 0
    fixed.back() = 1;
    CHECK(accepted());
    std::fill(fixed.begin(), fixed.begin() + static_cast<std::ptrdiff_t>(traits.field_size), std::uint8_t{0xff});
    CHECK_FALSE(accepted());  // r > n
    std::fill(fixed.begin(), fixed.begin() + static_cast<std::ptrdiff_t>(traits.field_size), std::uint8_t{0});
    CHECK_FALSE(accepted());  // r = 0
    fixed.push_back(0);
    CHECK_FALSE(accepted());
    fixed.resize(fixed.size() - 2);
    CHECK_FALSE(accepted());
  }
}
