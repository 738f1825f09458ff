#include "core/base64url.hpp"
#include "core/digest.hpp"
#include "core/json.hpp"
#include "token/openssl.hpp"
#include "vectors/test_keys.hpp"
#include "vectors/workshop.hpp"

#include <fmt/format.h>
#include <sodium/crypto_core_ed25519.h>
#include <sodium/crypto_hash_sha512.h>
#include <sodium/crypto_scalarmult_ed25519.h>
#include <sodium/crypto_sign.h>

#include <array>

// Keys that must not be loaded. Where it can be made, the signature is one that the key would verify, so that only the key is wrong.

namespace authkit::test {
namespace {

using namespace std::string_literals;

constexpr std::string_view payload = R"({"sub":"x"})";

std::string input_for(std::string_view alg) { return base64url::encode("{\"alg\":" + quote(alg) + "}") + "." + base64url::encode(payload); }
std::string encoded(std::string_view bytes) { return quote(base64url::encode(bytes)); }

std::string good_token(Algorithm algorithm) {
  const std::string input = input_for(to_text(algorithm));
  return input + "." + base64url::encode(signature_of(test_key(algorithm), input));
}

// ---- RSA

NumberPtr from_hex(const char* hex) {
  BIGNUM* out = nullptr;
  BN_hex2bn(&out, hex);
  return NumberPtr(out);
}

/// The first prime from there on.
NumberPtr prime_from(const std::string& hex) {
  const NumberContextPtr context(BN_CTX_new());
  NumberPtr out = from_hex(hex.c_str());
  BN_add_word(out.get(), 1);
  while (BN_check_prime(out.get(), context.get(), nullptr) != 1) BN_add_word(out.get(), 2);
  return out;
}

std::string bytes_of(const BIGNUM* value, std::size_t size = 0) {
  std::string out(size == 0 ? static_cast<std::size_t>(BN_num_bytes(value)) : size, '\0');
  BN_bn2binpad(value, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size()));
  return out;
}

std::string rsa_jwk(std::string_view n, std::string_view e) { return object({{"kty", R"("RSA")"}, {"n", encoded(n)}, {"e", encoded(e)}}); }

/// The block that RS256 signs (RFC 8017 section 9.2).
NumberPtr block_of(const std::string& input, std::size_t size) {
  const Digest256 digest = sha256(as_bytes(input));
  const std::string info = bytes("3031300d060960864801650304020105000420") + std::string(reinterpret_cast<const char*>(digest.data()), digest.size());
  const std::string block = "\0\1"s + std::string(size - 3 - info.size(), '\xff') + '\0' + info;
  return NumberPtr(BN_bin2bn(reinterpret_cast<const unsigned char*>(block.data()), static_cast<int>(size), nullptr));
}

/// RS256 by hand, with any numbers.
std::string rsa_token(const BIGNUM* n, const BIGNUM* d) {
  const std::string input = input_for("RS256");
  const auto size = static_cast<std::size_t>(BN_num_bytes(n));
  const NumberPtr message = block_of(input, size), out(BN_new());
  const NumberContextPtr context(BN_CTX_new());
  BN_mod_exp(out.get(), message.get(), d, n, context.get());
  return input + "." + base64url::encode(bytes_of(out.get(), size));
}

/// A token whose signature is a square root of its block: what an exponent of 2 would verify.
std::string square_root_token(const BIGNUM* p, const BIGNUM* q, const BIGNUM* n, const BIGNUM* qi) {
  const NumberContextPtr context(BN_CTX_new());
  const auto size = static_cast<std::size_t>(BN_num_bytes(n));
  for (int i = 0;; ++i) {  // one block in four has a root
    const std::string input = base64url::encode(R"({"alg":"RS256"})"s) + "." + base64url::encode(fmt::format("{{\"n\":{}}}", i));
    const NumberPtr message = block_of(input, size), root(BN_new());
    if (BN_kronecker(message.get(), p, context.get()) != 1 || BN_kronecker(message.get(), q, context.get()) != 1) continue;
    const NumberPtr of_p(BN_mod_sqrt(nullptr, message.get(), p, context.get())), of_q(BN_mod_sqrt(nullptr, message.get(), q, context.get()));
    BN_mod_sub(root.get(), of_p.get(), of_q.get(), p, context.get());
    BN_mod_mul(root.get(), root.get(), qi, p, context.get());
    BN_mul(root.get(), root.get(), q, context.get());
    BN_add(root.get(), root.get(), of_q.get());
    return input + "." + base64url::encode(bytes_of(root.get(), size));
  }
}

/// d for e modulo a product of primes.
NumberPtr inverse_of(const BIGNUM* e, std::initializer_list<const BIGNUM*> primes) {
  const NumberContextPtr context(BN_CTX_new());
  NumberPtr phi(BN_new()), less(BN_new());
  BN_one(phi.get());
  for (const BIGNUM* prime : primes) {
    BN_sub(less.get(), prime, BN_value_one());
    BN_mul(phi.get(), phi.get(), less.get(), context.get());
  }
  return NumberPtr(BN_mod_inverse(nullptr, e, phi.get(), context.get()));
}

NumberPtr product(const BIGNUM* a, const BIGNUM* b) {
  const NumberContextPtr context(BN_CTX_new());
  NumberPtr out(BN_new());
  BN_mul(out.get(), a, b, context.get());
  return out;
}

}  // namespace

void add_rsa_key_lines(Lines& out) {
  const auto refuse = [&](const char* name, const std::string& jwk, const std::string& token) {
    out.refuse(std::string("key.rsa_") + name, "RS256", jwk, token);
  };
  const json::Value full = json::parse(test_key(Algorithm::RS256).private_jwk()).value();
  const auto part = [&](const char* name) { return base64url::decode(full.find(name)->text).value(); };
  const auto number = [&](const char* name) {
    return NumberPtr(BN_bin2bn(reinterpret_cast<const unsigned char*>(part(name).data()), static_cast<int>(part(name).size()), nullptr));
  };
  const std::string n = part("n"), e = part("e"), good = good_token(Algorithm::RS256);
  const NumberPtr big_n = number("n"), big_e = number("e"), big_d = number("d"), p = number("p"), q = number("q");
  out.accept("key.rsa_by_hand", "RS256", rsa_jwk(n, e), rsa_token(big_n.get(), big_d.get()));

  const NumberPtr small_p = prime_from("C0" + std::string(126, '0')), small_q = prime_from("E0" + std::string(126, '0'));
  const NumberPtr weak = product(small_p.get(), small_q.get()), weak_too = product(p.get(), small_q.get());
  refuse("n_1024", rsa_jwk(bytes_of(weak.get()), e), rsa_token(weak.get(), inverse_of(big_e.get(), {small_p.get(), small_q.get()}).get()));
  refuse("n_1536", rsa_jwk(bytes_of(weak_too.get()), e), rsa_token(weak_too.get(), inverse_of(big_e.get(), {p.get(), small_q.get()}).get()));
  refuse("n_2047", rsa_jwk(bytes_of(big_n.get()).replace(0, 1, 1, '\x7f'), e), good);

  const NumberPtr three = from_hex("3"), nine_hundred = from_hex("3E5"), even = from_hex("10000"), one = from_hex("1");
  const NumberPtr by_three = product(big_n.get(), three.get()), by_997 = product(big_n.get(), nine_hundred.get());
  refuse("n_factor_3", rsa_jwk(bytes_of(by_three.get()), e),
         rsa_token(by_three.get(), inverse_of(big_e.get(), {p.get(), q.get(), three.get()}).get()));
  refuse("n_factor_997", rsa_jwk(bytes_of(by_997.get()), e),
         rsa_token(by_997.get(), inverse_of(big_e.get(), {p.get(), q.get(), nine_hundred.get()}).get()));
  std::string even_n = n;
  even_n.back() = static_cast<char>(even_n.back() & ~1);
  refuse("n_even", rsa_jwk(even_n, e), good);
  refuse("n_zero", rsa_jwk(std::string(256, '\0'), e), good);
  refuse("n_one", rsa_jwk("\1", e), good);
  refuse("n_power_of_two", rsa_jwk("\x80" + std::string(255, '\0'), e), good);
  refuse("n_ones", rsa_jwk(std::string(256, '\xff'), e), good);
  refuse("n_leading_zero", rsa_jwk("\0"s + n, e), good);
  refuse("n_empty", object({{"kty", R"("RSA")"}, {"n", R"("")"}, {"e", encoded(e)}}), good);
  refuse("n_missing", object({{"kty", R"("RSA")"}, {"e", encoded(e)}}), good);
  // CVE-2023-6237: looking at it is what costs
  for (const std::size_t size : {1025U, 2048U, 4096U, 16'000U})
    refuse(fmt::format("n_huge_{}", 8 * size).c_str(), rsa_jwk(std::string(size - 1, '\xfe') + "\x7f", e),
           good + std::string((size - 256) / 3 * 4, 'A'));

  refuse("e_one", rsa_jwk(n, "\1"), rsa_token(big_n.get(), one.get()));
  refuse("e_zero", rsa_jwk(n, "\0"s), good);
  refuse("e_two", rsa_jwk(n, "\2"), square_root_token(p.get(), q.get(), big_n.get(), number("qi").get()));
  refuse("e_even", rsa_jwk(n, bytes_of(even.get())), good);
  refuse("e_empty", object({{"kty", R"("RSA")"}, {"n", encoded(n)}, {"e", R"("")"}}), good);
  refuse("e_missing", object({{"kty", R"("RSA")"}, {"n", encoded(n)}}), good);
  refuse("e_leading_zero", rsa_jwk(n, "\0"s + e), good);
  refuse("e_huge", rsa_jwk(n, part("d")), rsa_token(big_n.get(), big_e.get()));  // d and e changed places: it would hold
  refuse("e_33_bits", rsa_jwk(n, "\1\0\0\0\1"s), good);
  refuse("e_is_n", rsa_jwk(n, n), good);
  refuse("e_number", object({{"kty", R"("RSA")"}, {"n", encoded(n)}, {"e", "65537"}}), good);

  const Members whole = members_of(test_key(Algorithm::RS256).private_jwk());
  refuse("private", object(whole), good);
  refuse("private_swapped_primes", object(with(with(whole, "p", encoded(part("q"))), "q", encoded(part("p")))), good);
  for (const char* name : {"d", "p", "q", "dp", "dq", "qi"})
    refuse(fmt::format("public_with_{}", name).c_str(), object(with(members_of(rsa_jwk(n, e)), name, encoded(part(name)))), good);
  refuse("public_with_oth", object(with(members_of(rsa_jwk(n, e)), "oth", "[]")), good);
}

void add_ed25519_key_lines(Lines& out) {
  const std::string input = input_for("EdDSA"), good = good_token(Algorithm::EdDSA), zero(32, '\0'), identity = "\1" + std::string(31, '\0');
  const auto jwk = [](std::string_view x) { return object({{"kty", R"("OKP")"}, {"crv", R"("Ed25519")"}, {"x", encoded(x)}}); };
  // Every point of order 1, 2, 4 and 8, canonical or not. R = identity and S = 0 is the signature of each message whose hash takes the
  // key to the identity: one is looked for, so that a check of the equation alone says yes (OpenSSL 3.0 does for the identity).
  static constexpr std::array<std::pair<const char*, const char*>, 16> small{
      {{"identity", "0100000000000000000000000000000000000000000000000000000000000000"},
       {"identity_signed", "0100000000000000000000000000000000000000000000000000000000000080"},
       {"identity_not_canonical", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
       {"identity_not_canonical_signed", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"},
       {"order_2", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
       {"order_2_signed", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"},
       {"order_4", "0000000000000000000000000000000000000000000000000000000000000000"},
       {"order_4_signed", "0000000000000000000000000000000000000000000000000000000000000080"},
       {"order_4_not_canonical", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
       {"order_4_not_canonical_signed", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"},
       {"order_8_a", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"},
       {"order_8_b", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"},
       {"order_8_c", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"},
       {"order_8_d", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"},
       {"ones", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
       {"off_curve", "0200000000000000000000000000000000000000000000000000000000000000"}}};
  const auto hash_of = [](const std::string& r, const std::string& key, const std::string& message) {
    const std::string all = r + key + message;
    std::array<unsigned char, 64> wide;
    std::array<unsigned char, 32> reduced;
    crypto_hash_sha512(wide.data(), reinterpret_cast<const unsigned char*>(all.data()), all.size());
    crypto_core_ed25519_scalar_reduce(reduced.data(), wide.data());
    return reduced;
  };
  for (const auto& [name, hex] : small) {
    const std::string key = bytes(hex);
    for (int i = 0;; ++i) {
      const std::string text = base64url::encode(R"({"alg":"EdDSA"})"s) + "." + base64url::encode(fmt::format("{{\"n\":{}}}", i));
      if (hash_of(identity, key, text)[0] % 8 != 0) continue;
      out.refuse(std::string("eddsa.key_") + name, "EdDSA", jwk(key), text + "." + base64url::encode(identity + zero));
      break;
    }
    out.refuse(std::string("eddsa.key_") + name + "_good_signature", "EdDSA", jwk(key), good);
  }
  // A key with a part of small order, and a signature by its owner that the plain equation accepts.
  const std::string seed(32, '\7'), torsion = bytes(small[10].second);
  std::array<unsigned char, 32> point, mixed, scalar, nonce, s, r;
  std::array<unsigned char, 64> pair;
  crypto_sign_seed_keypair(point.data(), pair.data(), reinterpret_cast<const unsigned char*>(seed.data()));
  std::array<unsigned char, 64> wide;
  crypto_hash_sha512(wide.data(), reinterpret_cast<const unsigned char*>(seed.data()), seed.size());
  wide[0] &= 248;
  wide[31] = static_cast<unsigned char>((wide[31] & 127) | 64);
  std::fill(wide.begin() + 32, wide.end(), static_cast<unsigned char>(0));
  crypto_core_ed25519_scalar_reduce(scalar.data(), wide.data());
  crypto_core_ed25519_add(mixed.data(), point.data(), reinterpret_cast<const unsigned char*>(torsion.data()));
  nonce.fill(0);
  nonce[0] = 9;
  crypto_scalarmult_ed25519_base_noclamp(r.data(), nonce.data());
  const auto text_of = [](const auto& bytes) { return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()); };
  for (int i = 0;; ++i) {
    const std::string text = base64url::encode(R"({"alg":"EdDSA"})"s) + "." + base64url::encode(fmt::format("{{\"n\":{}}}", i));
    const auto hash = hash_of(text_of(r), text_of(mixed), text);
    if (hash[0] % 8 != 0) continue;
    crypto_core_ed25519_scalar_mul(s.data(), hash.data(), scalar.data());
    crypto_core_ed25519_scalar_add(s.data(), s.data(), nonce.data());
    out.refuse("eddsa.key_mixed_order", "EdDSA", jwk(text_of(mixed)), text + "." + base64url::encode(text_of(r) + text_of(s)));
    break;
  }

  const Members own = members_of(test_key(Algorithm::EdDSA).public_jwk());
  const std::string x = base64url::decode(json::parse(object(own)).value().find("x")->text).value();
  const auto refuse = [&](const char* name, const std::string& key) { out.refuse(std::string("key.okp_") + name, "EdDSA", key, good); };
  out.accept("key.okp_good", "EdDSA", jwk(x), good);
  refuse("x_short", jwk(x.substr(1)));
  refuse("x_long", jwk(x + '\0'));
  refuse("x_empty", object(with(own, "x", R"("")")));
  refuse("x_missing", object(without(own, "x")));
  refuse("x_padded", object(with(own, "x", quote(base64url::encode(x) + "="))));
  refuse("x_sign_flipped", jwk(x.substr(0, 31) + static_cast<char>(x[31] ^ '\x80')));
  refuse("x_number", object(with(own, "x", "1")));
  refuse("crv_x25519", object(with(own, "crv", R"("X25519")")));
  refuse("crv_ed448", object(with(own, "crv", R"("Ed448")")));
  refuse("crv_lower_case", object(with(own, "crv", R"("ed25519")")));
  refuse("crv_missing", object(without(own, "crv")));
  refuse("crv_p256", object(with(own, "crv", R"("P-256")")));
  refuse("with_y", object(with(with(own, "kty", R"("EC")"), "y", encoded(x))));
  refuse("private", test_key(Algorithm::EdDSA).private_jwk());
}

void add_hmac_key_lines(Lines& out) {
  const auto add = [&](bool ok, const std::string& name, Algorithm algorithm, const std::string& jwk, const std::string& secret) {
    const std::string input = input_for(to_text(algorithm));
    out.add(ok, "key.hmac_" + name, "jws", to_text(algorithm), jwk, input + "." + base64url::encode(mac_of(algorithm, secret, input)));
  };
  const auto oct = [](std::string_view secret) { return object({{"kty", R"("oct")"}, {"k", encoded(secret)}}); };
  for (const Algorithm algorithm : {Algorithm::HS256, Algorithm::HS384, Algorithm::HS512}) {
    const std::string name(to_text(algorithm));
    const std::size_t digest = traits_of(algorithm).digest_size;
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{8}, std::size_t{16}, digest - 1}) {
      const std::string secret(size, 's');
      add(false, fmt::format("{}_bytes_{}", size, name), algorithm, oct(secret), secret);
    }
    const std::string secret(digest, 's');
    add(true, "enough_" + name, algorithm, oct(secret), secret);
    add(false, "k_missing_" + name, algorithm, R"({"kty":"oct"})", "");
    add(false, "k_null_" + name, algorithm, R"({"kty":"oct","k":null})", "");
    add(false, "k_number_" + name, algorithm, R"({"kty":"oct","k":0})", "");
    add(false, "k_padded_" + name, algorithm, object({{"kty", R"("oct")"}, {"k", quote(base64url::encode(secret) + "=")}}), secret);
    add(false, "k_standard_alphabet_" + name, algorithm, object({{"kty", R"("oct")"}, {"k", quote(std::string(digest * 2, '/'))}}),
        std::string(digest * 3 / 2, '\xff'));
    add(false, "k_blank_" + name, algorithm, object({{"kty", R"("oct")"}, {"k", quote(" " + base64url::encode(secret))}}), secret);
    add(false, "huge_" + name, algorithm, oct(std::string(4097, 's')), std::string(4097, 's'));
    add(false, "key_ops_sign_" + name, algorithm, object({{"kty", R"("oct")"}, {"k", encoded(secret)}, {"key_ops", R"(["sign"])"}}), secret);
  }
}

}  // namespace authkit::test
