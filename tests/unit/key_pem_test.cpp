// PEM, secrets and sets: the other ways in which keys come.
#include "authkit/key.hpp"
#include "authkit/verifier.hpp"

#include "core/hex.hpp"
#include "token/key_material.hpp"
#include "unit/key_samples.hpp"

#include <doctest/doctest.h>
#include <openssl/pem.h>

#include <algorithm>
#include <functional>

using namespace authkit;
using namespace authkit::test;

namespace {

bool refused(const Result<Key>& key) { return !key && key.error().code == Errc::key_invalid && !key.error().detail.empty(); }

std::string written(const std::function<int(BIO*)>& write) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  REQUIRE(write(bio.get()) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

PkeyPtr pkey_of(const Key& key) {
  if (key.algorithm() != Algorithm::EdDSA) {
    EVP_PKEY* pkey = key.impl().material->pkey.get();
    EVP_PKEY_up_ref(pkey);
    return PkeyPtr(pkey);
  }
  const std::string seed = bytes_of(key.private_jwk(), "d");
  return PkeyPtr(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(seed.data()), seed.size()));
}

std::string pkcs8_of(const Key& key, const EVP_CIPHER* cipher = nullptr) {
  const PkeyPtr pkey = pkey_of(key);
  const auto* secret = reinterpret_cast<const unsigned char*>("pass");
  return written(
      [&](BIO* bio) { return PEM_write_bio_PrivateKey(bio, pkey.get(), cipher, cipher ? secret : nullptr, cipher ? 4 : 0, nullptr, nullptr); });
}

/// PKCS#1 for RSA, SEC1 for EC.
std::string traditional_of(const Key& key) {
  const PkeyPtr pkey = pkey_of(key);
  return written([&](BIO* bio) { return PEM_write_bio_PrivateKey_traditional(bio, pkey.get(), nullptr, nullptr, 0, nullptr, nullptr); });
}

std::string public_pem_of(const Key& key) {
  const PkeyPtr pkey = pkey_of(key);
  return written([&](BIO* bio) { return PEM_write_bio_PUBKEY(bio, pkey.get()); });
}

std::string relabelled(std::string pem, std::string_view from, std::string_view to) {
  for (std::size_t at = pem.find(from); at != std::string::npos; at = pem.find(from, at + to.size())) pem.replace(at, from.size(), to);
  return pem;
}

std::string der_of(const std::string& pem) {
  std::string text;
  for (std::size_t at = pem.find('\n') + 1; at < pem.find("-----END"); ++at)
    if (pem[at] != '\n') text.push_back(pem[at]);
  return base64url::decode_lenient(text).value();
}

}  // namespace

TEST_CASE("every key that is not a secret survives PEM, in each form it has") {
  for (const Algorithm algorithm : all_algorithms) {
    if (is_hmac(algorithm)) continue;
    CAPTURE(to_text(algorithm));
    const Key& key = sample_key(algorithm);
    CHECK(Key::from_pem(pkcs8_of(key), algorithm)->private_jwk() == key.private_jwk());
    CHECK(Key::from_pem(pkcs8_of(key), algorithm, KeyPart::private_part)->id() == key.id());
    if (algorithm != Algorithm::EdDSA) CHECK(Key::from_pem(traditional_of(key), algorithm)->private_jwk() == key.private_jwk());
    const std::string open = public_pem_of(key);
    CHECK(Key::from_pem(open, algorithm)->public_jwk() == key.public_jwk());
    CHECK_FALSE(Key::from_pem(open, algorithm, KeyPart::public_part)->is_private());
    CHECK(Key::from_pem(" \r\n\t" + open + "\n\n", algorithm));

    CHECK(refused(Key::from_pem(open, algorithm, KeyPart::private_part)));
    CHECK(refused(Key::from_pem(pkcs8_of(key), algorithm, KeyPart::public_part)));
    for (const Algorithm other : all_algorithms) {
      const bool fits = is_rsa(algorithm) ? is_rsa(other) : other == algorithm;
      CHECK(Key::from_pem(open, other).has_value() == fits);
      CHECK(fits != refused(Key::from_pem(open, other)));
    }
  }
}

TEST_CASE("PEM that is not one plain block of a key is refused") {
  const Key& ec = sample_key(Algorithm::ES256);
  const std::string open = public_pem_of(ec), whole = pkcs8_of(ec);
  const auto load = [](const std::string& pem) { return Key::from_pem(pem, Algorithm::ES256); };
  REQUIRE(load(open));
  REQUIRE(load(whole));
  CHECK(refused(load(pkcs8_of(ec, EVP_aes_256_cbc()))));
  CHECK(refused(load(open + open)));
  CHECK(refused(load(open + whole)));
  CHECK(refused(load("x" + open)));
  CHECK(refused(load("a comment\n" + open)));
  CHECK(refused(load(open + "a comment")));
  CHECK(refused(load("")));
  CHECK(refused(load("-----BEGIN PUBLIC KEY-----")));
  CHECK(refused(load("-----BEGIN PUBLIC KEY----------END PUBLIC KEY-----")));
  CHECK(refused(load(open.substr(0, open.size() / 2))));
  CHECK(refused(load(relabelled(open, "PUBLIC KEY", "PRIVATE KEY"))));
  CHECK(refused(load(relabelled(whole, "PRIVATE KEY", "PUBLIC KEY"))));
  CHECK(refused(load(relabelled(open, "PUBLIC KEY", "CERTIFICATE"))));
  CHECK(refused(load(relabelled(open, "PUBLIC KEY", "EC PUBLIC KEY"))));
  CHECK(refused(load(relabelled(whole, "PRIVATE KEY", "ENCRYPTED PRIVATE KEY"))));
  CHECK(refused(load(relabelled(whole, "PRIVATE KEY", "OPENSSH PRIVATE KEY"))));
  CHECK(refused(load(std::string(whole).insert(whole.find('\n') + 1, "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n"))));
  std::string torn = open;
  torn[torn.find('\n') + 9] = '!';
  CHECK(refused(load(torn)));
  CHECK(refused(load(open + std::string(32 * 1024, '\n') + " ")));
  CHECK(refused(load(ec.public_jwk())));
}

TEST_CASE("weak keys are refused in PEM as they are in a JWK") {
  const PkeyPtr weak(EVP_RSA_gen(1024));
  const std::string pem = written([&](BIO* bio) { return PEM_write_bio_PUBKEY(bio, weak.get()); });
  CHECK(refused(Key::from_pem(pem, Algorithm::RS256)));
  const std::string whole = written([&](BIO* bio) { return PEM_write_bio_PrivateKey(bio, weak.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  CHECK(refused(Key::from_pem(whole, Algorithm::PS512)));

  // A curve that is spelled out may look like P-256 and be none (CVE-2020-0601).
  const PkeyPtr spelled(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  REQUIRE(EVP_PKEY_set_utf8_string_param(spelled.get(), OSSL_PKEY_PARAM_EC_ENCODING, OSSL_PKEY_EC_ENCODING_EXPLICIT) == 1);
  CHECK(refused(Key::from_pem(written([&](BIO* bio) { return PEM_write_bio_PUBKEY(bio, spelled.get()); }), Algorithm::ES256)));

  const PkeyPtr koblitz(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "secp256k1"));
  CHECK(refused(Key::from_pem(written([&](BIO* bio) { return PEM_write_bio_PUBKEY(bio, koblitz.get()); }), Algorithm::ES256)));
  const PkeyPtr exchange(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
  CHECK(refused(Key::from_pem(written([&](BIO* bio) { return PEM_write_bio_PUBKEY(bio, exchange.get()); }), Algorithm::EdDSA)));
}

TEST_CASE("a secret is as long as its digest, and for HMAC only") {
  for (const Algorithm algorithm : all_algorithms) {
    CAPTURE(to_text(algorithm));
    if (!is_hmac(algorithm)) {
      CHECK(refused(Key::from_secret(std::string(64, 's'), algorithm)));
      continue;
    }
    const std::size_t least = algorithm == Algorithm::HS256 ? 32 : algorithm == Algorithm::HS384 ? 48 : 64;
    CHECK(Key::from_secret(std::string(least, 's'), algorithm)->is_private());
    CHECK(refused(Key::from_secret(std::string(least - 1, 's'), algorithm)));
    CHECK(refused(Key::from_secret("", algorithm)));
    CHECK(refused(Key::from_secret("", algorithm, true)));
    CHECK(Key::from_secret(std::string(16, 's'), algorithm, true));
    CHECK(refused(Key::from_secret(std::string(15, 's'), algorithm, true)));
    CHECK(Key::from_secret(std::string(4096, 's'), algorithm));
    CHECK(refused(Key::from_secret(std::string(4097, 's'), algorithm)));
    CHECK(refused(Key::from_jwk(R"({"kty":"oct","k":)" + quoted(std::string(least - 1, 's')) + "}", algorithm)));
    for (const char* k : {"\"\"", "null", "1", "\"====\"", "\"a b\""})
      CHECK(refused(Key::from_jwk(R"({"kty":"oct","k":)" + std::string(k) + "}", algorithm)));
  }
  CHECK(Key::from_secret(std::string(64, 's'), Algorithm::HS256)->id() != Key::from_secret(std::string(65, 's'), Algorithm::HS256)->id());
  // Longer than a block of the digest: hashed first (RFC 2104), so it must not be cut.
  for (const std::size_t size : {64U, 65U, 128U, 129U}) CHECK(Key::from_secret(std::string(size, 's'), Algorithm::HS512, true));
}

TEST_CASE("a public key is never an HMAC secret, however it is written") {
  for (const Algorithm algorithm : {Algorithm::RS256, Algorithm::ES256, Algorithm::ES384, Algorithm::ES512, Algorithm::EdDSA}) {
    CAPTURE(to_text(algorithm));
    const Key& key = sample_key(algorithm);
    std::vector<std::string> spellings{public_pem_of(key), " " + public_pem_of(key), "\xef\xbb\xbf" + public_pem_of(key),
                                       pkcs8_of(key),      key.public_jwk(),         R"({ "keys":[)" + key.public_jwk() + "]}"};
    const std::string der = der_of(public_pem_of(key));
    spellings.push_back(relabelled(public_pem_of(key), "\n", "\r\n"));
    if (algorithm == Algorithm::RS256) spellings.push_back(der_of(traditional_of(key)));
    std::vector<std::string> binaries{der, der_of(pkcs8_of(key))};
    if (algorithm == Algorithm::ES256 || algorithm == Algorithm::ES384 || algorithm == Algorithm::ES512)
      binaries.push_back("\x04" + bytes_of(key.public_jwk(), "x") + bytes_of(key.public_jwk(), "y"));
    for (const std::string& bytes : binaries) {
      const std::span raw(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
      std::string standard = base64url::encode(bytes);
      std::replace(standard.begin(), standard.end(), '-', '+');
      std::replace(standard.begin(), standard.end(), '_', '/');
      std::string upper = hex::encode(raw);
      for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
      spellings.insert(spellings.end(), {bytes, base64url::encode(bytes), standard,
                                         standard + "==", standard.substr(0, 20) + "\n" + standard.substr(20), hex::encode(raw), upper});
    }
    for (const std::string& spelling : spellings) {
      CHECK(refused(Key::from_secret(spelling, Algorithm::HS256)));
      CHECK(refused(Key::from_secret(spelling, Algorithm::HS256, true)));
      CHECK(refused(Key::from_jwk(R"({"kty":"oct","k":)" + quoted(spelling) + "}", Algorithm::HS256)));
    }
  }
  for (const char* text : {"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7 me@host", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ me@host",
                           "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAI and more", "AAAAB3NzaC1yc2EAAAADAQABAAABgQC7 alone and long",
                           "AAAAC3NzaC1lZDI1NTE5AAAAIJ alone and long enough", "ecdsa-sha2-nistp256 and something long enough",
                           "ssh-dss AAAAB3NzaC1kc3MAAACBA and something long", "AAAAB3NzaC1kc3MAAACBA alone and long enough too",
                           "---- BEGIN SSH2 PUBLIC KEY ---- and more and more"})
    CHECK(refused(Key::from_secret(text, Algorithm::HS256)));
  // What merely resembles one is a secret like others.
  std::string der_like = std::string("\x30\x3e", 2) + std::string(62, '\x41');
  CHECK(Key::from_secret(der_like, Algorithm::HS256));
  CHECK(Key::from_secret("\x04" + std::string(64, '\x41'), Algorithm::HS256));  // no point of P-256
}

TEST_CASE("a set gives the keys that are usable for the algorithm and leaves out the others") {
  const std::string ec = sample_key(Algorithm::ES256).public_jwk(), other = Key::generate(Algorithm::ES256)->public_jwk();
  const std::string set = R"({"keys":[)" + sample_key(Algorithm::RS256).public_jwk() + "," + ec + "," + sample_key(Algorithm::ES384).public_jwk() +
                          "," + sample_key(Algorithm::HS256).private_jwk() + "," + sample_key(Algorithm::EdDSA).public_jwk() + "," +
                          Key::generate(Algorithm::ES256)->private_jwk() + "," + edited(other, {{"use", "\"enc\""}}) + "," +
                          edited(other, {{"alg", "\"ES384\""}}) + "," + edited(other, {{"key_ops", "[\"sign\"]"}}) + "," +
                          edited(other, {{"x", "\"AAAA\""}}) + R"(,{"kty":"EC"},1,null,"x",[]],"more":{}})";
  const auto keys = parse_jwks(set, Algorithm::ES256).value();
  REQUIRE(keys.size() == 1);
  CHECK(keys.front().public_jwk() == ec);
  CHECK(parse_jwks(set, Algorithm::EdDSA)->size() == 1);
  CHECK(parse_jwks(set, Algorithm::RS256)->size() == 1);
  CHECK(parse_jwks(set, Algorithm::RS384)->empty());
  CHECK(parse_jwks(set, Algorithm::HS256)->size() == 1);
  CHECK(parse_jwks(set, Algorithm::ES256, KeyPart::private_part)->size() == 1);
  CHECK(parse_jwks(set, Algorithm::ES256, KeyPart::any)->size() == 2);
  CHECK(parse_jwks(R"({"keys":[]})", Algorithm::ES256)->empty());
  CHECK(verification_keys(set, Algorithm::ES256)->size() == 1);

  const auto fails = [](const std::string& text) { return parse_jwks(text, Algorithm::ES256).error().code == Errc::key_invalid; };
  CHECK(fails(R"({"keys":[)" + ec + "," + ec + "]}"));
  CHECK(fails(R"({"keys":[)" + ec + "," + edited(other, {{"kid", '"' + sample_key(Algorithm::ES256).id() + '"'}}) + "]}"));
  for (const char* text :
       {"", "[]", "{}", "null", R"({"keys":{}})", R"({"keys":null})", R"({"keys":[],"keys":[]})", R"({"Keys":[]})", R"({"keys":[]} x)"})
    CHECK(fails(text));
  CHECK(fails(ec));
  std::string many = "{\"keys\":[1";
  for (int i = 0; i < 127; ++i) many += ",1";
  CHECK(parse_jwks(many + "]}", Algorithm::ES256));
  CHECK(fails(many + ",1]}"));
  CHECK(fails(R"({"keys":[],"pad":")" + std::string(256 * 1024, 'x') + "\"}"));
  CHECK(verification_keys(R"({"keys":[],"kty":"EC"})", Algorithm::ES256).error().code == Errc::key_invalid);
  CHECK(verification_keys("{}", Algorithm::ES256).error().code == Errc::key_invalid);
}

TEST_CASE("a public set holds the public halves of keys and nothing else") {
  const std::string set =
      public_jwks({sample_key(Algorithm::HS256), sample_key(Algorithm::ES256), sample_key(Algorithm::RS256), sample_key(Algorithm::EdDSA)});
  const json::Value document = json::parse(set).value();
  REQUIRE(document.find("keys")->items.size() == 3);
  for (const json::Value& jwk : document.find("keys")->items)
    for (const char* member : {"d", "p", "q", "dp", "dq", "qi", "k"}) CHECK(jwk.find(member) == nullptr);
  CHECK(public_jwks({}) == R"({"keys":[]})");
  CHECK(public_jwks({sample_key(Algorithm::HS512)}) == R"({"keys":[]})");
}
