#include "token/key_material.hpp"

#include <openssl/ec.h>

#include <array>

namespace authkit {
namespace {

/// A number of the key as big-endian bytes: minimal, or padded to `size`. Empty when the key has none.
std::string number_of(const EVP_PKEY* pkey, const char* name, std::size_t size = 0) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(pkey, name, &raw) != 1) return {};
  const NumberPtr number(raw);
  std::string bytes(size == 0 ? static_cast<std::size_t>(BN_num_bytes(raw)) : size, '\0');
  if (BN_bn2binpad(raw, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) < 0) return {};
  return bytes;
}

Error refused(const char* why) { return Error(Errc::key_invalid, why); }

Result<KeyParts> rsa_parts(const EVP_PKEY* pkey, bool with_private) {
  KeyParts parts;
  parts.n = number_of(pkey, OSSL_PKEY_PARAM_RSA_N);
  parts.e = number_of(pkey, OSSL_PKEY_PARAM_RSA_E);
  if (!with_private) return parts;
  parts.d = number_of(pkey, OSSL_PKEY_PARAM_RSA_D);
  parts.p = number_of(pkey, OSSL_PKEY_PARAM_RSA_FACTOR1);
  parts.q = number_of(pkey, OSSL_PKEY_PARAM_RSA_FACTOR2);
  parts.dp = number_of(pkey, OSSL_PKEY_PARAM_RSA_EXPONENT1);
  parts.dq = number_of(pkey, OSSL_PKEY_PARAM_RSA_EXPONENT2);
  parts.qi = number_of(pkey, OSSL_PKEY_PARAM_RSA_COEFFICIENT1);
  if (!number_of(pkey, OSSL_PKEY_PARAM_RSA_FACTOR3).empty()) return refused("RSA keys of more than two primes are not used");
  return parts;
}

Result<KeyParts> ec_parts(const EVP_PKEY* pkey, const AlgorithmTraits& traits, bool with_private) {
  std::array<char, 64> group;
  std::size_t length = 0;
  if (EVP_PKEY_get_group_name(pkey, group.data(), group.size(), &length) != 1 || std::string_view(group.data(), length) != traits.group)
    return refused("the key is on another curve than the algorithm's");
  int explicit_curve = 0;  // parameters that only look like the named curve's (CVE-2020-0601)
  EVP_PKEY_get_int_param(pkey, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &explicit_curve);
  if (explicit_curve != 0) return refused("the curve must be named, not spelled out");
  KeyParts parts;
  parts.x = number_of(pkey, OSSL_PKEY_PARAM_EC_PUB_X, traits.field_size);
  parts.y = number_of(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, traits.field_size);
  if (with_private) parts.d = number_of(pkey, OSSL_PKEY_PARAM_PRIV_KEY, traits.field_size);
  return parts;
}

Result<KeyParts> ed25519_parts(const EVP_PKEY* pkey, bool with_private) {
  KeyParts parts;
  std::size_t size = 32;
  parts.x.resize(size);
  if (EVP_PKEY_get_raw_public_key(pkey, reinterpret_cast<unsigned char*>(parts.x.data()), &size) != 1) return refused("the key has no public half");
  if (!with_private) return parts;
  parts.d.resize(size);
  if (EVP_PKEY_get_raw_private_key(pkey, reinterpret_cast<unsigned char*>(parts.d.data()), &size) != 1) return refused("the key has no private half");
  return parts;
}

}  // namespace

Result<KeyParts> parts_of(const EVP_PKEY* pkey, const AlgorithmTraits& traits, bool with_private) {
  switch (traits.family) {
    case KeyFamily::hmac:
      break;
    case KeyFamily::rsa:
      if (EVP_PKEY_is_a(pkey, "RSA") == 1) return rsa_parts(pkey, with_private);
      break;
    case KeyFamily::ecdsa:
      if (EVP_PKEY_is_a(pkey, "EC") == 1) return ec_parts(pkey, traits, with_private);
      break;
    case KeyFamily::ed25519:
      if (EVP_PKEY_is_a(pkey, "ED25519") == 1) return ed25519_parts(pkey, with_private);
      break;
  }
  return refused("the key is of another kind than the algorithm's");
}

}  // namespace authkit
