#include "core/base64url.hpp"
#include "core/digest.hpp"
#include "token/key_material.hpp"
#include "token/openssl.hpp"
#include "vectors/workshop.hpp"

#include <fmt/format.h>
#include <openssl/ec.h>

// What is special to the signatures of one family.

namespace authkit::test {
namespace {

using namespace std::string_literals;

NumberPtr number(std::string_view big_endian) {
  return NumberPtr(BN_bin2bn(reinterpret_cast<const unsigned char*>(big_endian.data()), static_cast<int>(big_endian.size()), nullptr));
}

std::string big_endian(const BIGNUM* value, std::size_t size) {
  std::string out(size, '\0');
  BN_bn2binpad(value, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(size));
  return out;
}

std::string group_order(const AlgorithmTraits& traits) {
  const std::unique_ptr<EC_GROUP, OpensslFree<EC_GROUP_free>> group(EC_GROUP_new_by_curve_name(OBJ_sn2nid(traits.group)));
  return big_endian(EC_GROUP_get0_order(group.get()), traits.field_size);
}

std::string der_integer(std::string_view value) {
  std::size_t zeros = 0;
  while (zeros + 1 < value.size() && value[zeros] == '\0') ++zeros;
  std::string digits(value.substr(zeros));
  if ((digits[0] & 0x80) != 0) digits.insert(0, 1, '\0');
  return std::string("\x02") + static_cast<char>(digits.size()) + digits;
}

std::string der_of(std::string_view fixed) {
  const std::string content = der_integer(fixed.substr(0, fixed.size() / 2)) + der_integer(fixed.substr(fixed.size() / 2));
  return (content.size() > 0x7f ? "\x30\x81"s : "\x30"s) + static_cast<char>(content.size()) + content;
}

/// s + n, in as many bytes; empty when it has no room.
std::string plus(std::string_view a, std::string_view b) {
  const NumberPtr sum(BN_new()), left = number(a), right = number(b);
  BN_add(sum.get(), left.get(), right.get());
  return static_cast<std::size_t>(BN_num_bytes(sum.get())) > a.size() ? std::string() : big_endian(sum.get(), a.size());
}

void add_ecdsa(const Workshop& shop, Variants& out) {
  const AlgorithmTraits& traits = shop.key.impl().traits();
  const std::size_t size = traits.field_size;
  const std::string header = object(shop.header()), claims = object(shop.claims());
  const std::string signature = base64url::decode(Parts(shop.legitimate()).signature).value();
  const std::string r = signature.substr(0, size), s = signature.substr(size), n = group_order(traits);
  const std::string zero(size, '\0'), one = std::string(size - 1, '\0') + '\1', ones(size, '\xff');
  const auto refuse = [&](const std::string& name, const std::string& bytes) { out.refuse("ecdsa." + name, compact(header, claims, bytes)); };

  // CVE-2022-21449: 0 and n are the same to the mathematics, and were the same to Java
  for (const auto& [name, value] : {std::pair{"0", zero}, {"1", one}, {"n", n}, {"n_plus_1", plus(n, one)}, {"ones", ones}}) {
    refuse("r"s + name, value + s);
    refuse("s"s + name, r + value);
    for (const auto& [second, other] : {std::pair{"0", zero}, {"1", one}, {"n", n}}) refuse("r"s + name + "_s" + second, value + other);
  }
  refuse("swapped", s + r);
  refuse("r_twice", r + r);
  const std::string der = der_of(signature);
  refuse("der", der);
  refuse("der_padded", der + std::string(der.size() < 2 * size ? 2 * size - der.size() : 0, '\0'));
  refuse("der_cut", der.substr(0, 2 * size));
  refuse("leading_zeros", zero.substr(1) + '\0' + r + s);
  refuse("zero_before_each", "\0"s + r + "\0"s + s);
  refuse("half", r);
  for (const std::size_t bytes : {3U, 10U, 64U, 500U}) refuse(fmt::format("giant_{}", 2 * bytes * size), std::string(2 * bytes * size, 'x'));

  const NumberPtr high(BN_new()), order = number(n), low = number(s);
  BN_sub(high.get(), order.get(), low.get());
  // A second spelling of a good signature that RFC 7518 section 3.4 does not forbid: revocation goes by jti and sid, never by the text.
  out.accept("ecdsa.other_s", compact(header, claims, r + big_endian(high.get(), size)));
}

void add_eddsa(const Workshop& shop, Variants& out) {
  const std::string header = object(shop.header()), claims = object(shop.claims());
  const std::string signature = base64url::decode(Parts(shop.legitimate()).signature).value();
  const std::string r = signature.substr(0, 32), s = signature.substr(32);
  const auto refuse = [&](const char* name, const std::string& bytes) { out.refuse(std::string("eddsa.") + name, compact(header, claims, bytes)); };
  // RFC 8032 section 5.1.7: S below the group's order L, little-endian
  const std::string order = bytes("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  const auto reversed = [](std::string_view text) { return std::string(text.rbegin(), text.rend()); };
  std::string sum = s;
  for (int times = 1; times < 8; ++times) {
    sum = reversed(plus(reversed(sum), reversed(order)));
    if (sum.empty()) break;
    refuse(fmt::format("s_plus_{}_L", times).c_str(), r + sum);
  }
  const std::string zero(32, '\0'), identity = "\1" + std::string(31, '\0');
  refuse("s_is_L", r + order);
  refuse("s_zero", r + zero);
  refuse("s_ones", r + std::string(32, '\xff'));
  refuse("r_zero", zero + s);
  refuse("r_identity_s_zero", identity + zero);
  refuse("r_identity", identity + s);
  refuse("r_not_canonical", bytes("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f") + zero);
  refuse("r_off_curve", "\2" + std::string(31, '\0') + s);
  refuse("r_sign_flipped", r.substr(0, 31) + static_cast<char>(r[31] ^ '\x80') + s);
  refuse("swapped", s + r);
  refuse("big_endian", reversed(r) + reversed(s));
}

/// RSA's own operation on any block.
std::string rsa_raw(const Key& key, std::string_view block) {
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.impl().material->pkey.get(), nullptr));
  std::string out(block.size(), '\0');
  std::size_t size = out.size();
  if (EVP_PKEY_sign_init(context.get()) != 1 || EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING) != 1 ||
      EVP_PKEY_sign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, reinterpret_cast<const unsigned char*>(block.data()),
                    block.size()) != 1)
    throw std::runtime_error("RSA refused the block");
  return out;
}

std::string digest_of(std::string_view input, const AlgorithmTraits& traits) {
  std::string out(traits.digest_size, '\0');
  EVP_Digest(input.data(), input.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr, fetched_digest(traits.digest_size), nullptr);
  return out;
}

std::string pss(const Key& key, std::string_view input, int salt) {
  const AlgorithmTraits& traits = key.impl().traits();
  const std::string digest = digest_of(input, traits);
  const EVP_MD* hash = fetched_digest(traits.digest_size);
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.impl().material->pkey.get(), nullptr));
  std::string out(key.impl().material->signature_size, '\0');
  std::size_t size = out.size();
  if (EVP_PKEY_sign_init(context.get()) != 1 || EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PSS_PADDING) != 1 ||
      EVP_PKEY_CTX_set_signature_md(context.get(), hash) != 1 || EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), salt) != 1 ||
      EVP_PKEY_sign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, reinterpret_cast<const unsigned char*>(digest.data()),
                    digest.size()) != 1)
    throw std::runtime_error("RSA-PSS refused to sign");
  return out;
}

void add_rsa(const Workshop& shop, Variants& out) {
  const KeyMaterial& material = *shop.key.impl().material;
  const AlgorithmTraits& traits = shop.key.impl().traits();
  const std::size_t size = material.signature_size;
  const std::string header = object(shop.header()), claims = object(shop.claims());
  const Parts good(shop.legitimate());
  const std::string input = good.header + "." + good.payload, signature = base64url::decode(good.signature).value();
  const auto refuse = [&](const std::string& name, const std::string& bytes) { out.refuse("rsa." + name, compact(header, claims, bytes)); };

  KeyParts parts = parts_of(material.pkey.get(), traits, false).value();
  const std::string n = parts.n;
  const NumberPtr order = number(n), less(BN_dup(order.get()));
  BN_sub_word(less.get(), 1);
  refuse("sig_is_n", n);
  refuse("sig_is_n_less_1", big_endian(less.get(), size));
  refuse("leading_zero", "\0"s + signature);
  refuse("two_leading_zeros", "\0\0"s + signature);
  for (int i = 0;; ++i) {  // a second spelling of the same number modulo n, for a token whose signature leaves room for it
    const Parts other(shop.with_claim("x", std::to_string(i)));
    const std::string sum = plus(base64url::decode(other.signature).value(), n);
    if (sum.empty()) continue;
    out.refuse("rsa.sig_plus_n", other.header + "." + other.payload + "." + base64url::encode(sum));
    break;
  }
  if (traits.pss) {
    for (const int salt : {0, 20, 31, 33, 64, 100})
      if (salt != static_cast<int>(traits.digest_size)) refuse(fmt::format("pss_salt_{}", salt), pss(shop.key, input, salt));
    refuse("pss_salt_max", pss(shop.key, input, RSA_PSS_SALTLEN_MAX));
    out.accept("rsa.pss_salt_of_digest", compact(header, claims, pss(shop.key, input, static_cast<int>(traits.digest_size))));
    return;
  }
  // RFC 8017 section 9.2, and what lenient readers of its encoding let pass (Bleichenbacher 2006, CVE-2006-4339, CVE-2014-1568)
  const std::string digest = digest_of(input, traits);
  const std::string oid = traits.digest_size == 32 ? "01" : traits.digest_size == 48 ? "02" : "03";
  const auto info = [&](const std::string& hash_oid, const std::string& parameters, const std::string& hash) {
    const std::string algorithm = bytes("06096086480165030402" + hash_oid) + parameters;
    const std::string inner = "\x30"s + static_cast<char>(algorithm.size()) + algorithm + "\x04" + static_cast<char>(hash.size()) + hash;
    return "\x30"s + static_cast<char>(inner.size()) + inner;
  };
  const auto block = [&](const std::string& content, char type = '\1') {
    return "\0"s + type + std::string(size - 3 - content.size(), '\xff') + '\0' + content;
  };
  const std::string null = "\x05\x00"s, right = info(oid, null, digest);
  out.accept("rsa.own_padding", compact(header, claims, rsa_raw(shop.key, block(right))));
  refuse("no_null", rsa_raw(shop.key, block(info(oid, "", digest))));
  refuse("long_null", rsa_raw(shop.key, block(info(oid, "\x05\x01\x00"s, digest))));
  refuse("parameters_garbage", rsa_raw(shop.key, block(info(oid, "\x04\x04\x01\x02\x03\x04"s, digest))));
  refuse("no_digest_info", rsa_raw(shop.key, block(digest)));
  refuse("other_digest_name", rsa_raw(shop.key, block(info(oid == "01" ? "02" : "01", null, digest))));
  refuse("digest_byte_short", rsa_raw(shop.key, block(info(oid, null, digest.substr(1)))));
  refuse("digest_byte_long", rsa_raw(shop.key, block(info(oid, null, digest + "x"))));
  refuse("digest_empty", rsa_raw(shop.key, block(info(oid, null, ""))));
  refuse("garbage_after", rsa_raw(shop.key, block(right + std::string(8, 'x'))));
  refuse("block_type_0", rsa_raw(shop.key, "\0\0"s + std::string(size - 3 - right.size(), '\0') + '\0' + right));
  refuse("block_type_2", rsa_raw(shop.key, block(right, '\2')));
  refuse("short_padding_garbage", rsa_raw(shop.key, "\0\1"s + std::string(8, '\xff') + '\0' + right + std::string(size - 11 - right.size(), 'x')));
  refuse("no_padding_garbage", rsa_raw(shop.key, "\0\1\0"s + right + std::string(size - 3 - right.size(), 'x')));
  std::string broken = block(right);
  broken[20] = '\xfe';
  refuse("padding_byte", rsa_raw(shop.key, broken));
  broken = block(right);
  broken[size - right.size() - 1] = '\xff';
  refuse("no_separator", rsa_raw(shop.key, broken));
  broken = block(right);
  broken[0] = '\1';
  broken[1] = '\0';
  refuse("no_leading_zero", rsa_raw(shop.key, broken));
}

}  // namespace

void add_signature_variants(const Workshop& shop, Variants& out) {
  switch (shop.key.impl().traits().family) {
    case KeyFamily::ecdsa:
      return add_ecdsa(shop, out);
    case KeyFamily::ed25519:
      return add_eddsa(shop, out);
    case KeyFamily::rsa:
      return add_rsa(shop, out);
    case KeyFamily::hmac:
      break;
  }
  const std::string header = object(shop.header()), claims = object(shop.claims());
  const Parts good(shop.legitimate());
  const std::string input = good.header + "." + good.payload, mac = base64url::decode(good.signature).value();
  for (const std::size_t size : {1U, 2U, 4U, 8U, 16U, 20U, 31U})
    out.refuse(fmt::format("hmac.truncated_to_{}", size), compact(header, claims, mac.substr(0, size)));
  const std::string secret(shop.key.impl().material->hmac_secret.view());
  out.accept("hmac.own_mac", compact(header, claims, mac_of(shop.key.algorithm(), secret, input)));
  out.refuse("hmac.empty_secret", compact(header, claims, mac_of(shop.key.algorithm(), "", input)));
  out.refuse("hmac.secret_in_base64", compact(header, claims, mac_of(shop.key.algorithm(), base64url::encode(secret), input)));
  out.refuse("hmac.secret_cut", compact(header, claims, mac_of(shop.key.algorithm(), secret.substr(0, secret.size() - 1), input)));
  out.refuse("hmac.secret_is_digest", compact(header, claims, digest_of(secret + input, shop.key.impl().traits())));
  for (const char* guess : {"secret", "password", "changeme", "your-256-bit-secret", "your_jwt_secret_key_change_in_production"})
    out.refuse(fmt::format("hmac.guess_{}", guess), compact(header, claims, mac_of(shop.key.algorithm(), guess, input)));
}

}  // namespace authkit::test
