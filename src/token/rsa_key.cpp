#include "core/digest.hpp"
#include "core/try.hpp"
#include "token/key_material.hpp"

#include <array>

namespace authkit {
namespace {

constexpr int min_modulus_bits = 2048;
constexpr int max_modulus_bits = 8192;  // a check of a larger one costs whole milliseconds (CVE-2023-6237)
constexpr int max_exponent_bits = 32;

NumberPtr number(std::string_view bytes) {
  return NumberPtr(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr));
}

bool is_minimal(std::string_view bytes) { return !bytes.empty() && bytes.front() != '\0'; }

Error refused(const char* why) { return Error(Errc::key_invalid, why); }

/// A factor below 1000 makes a modulus worthless; OpenSSL's own public check looks further and takes tens of milliseconds.
bool has_small_factor(const BIGNUM* n) {
  for (BN_ULONG divisor = 3; divisor < 1000; divisor += 2)
    if (BN_mod_word(n, divisor) == 0) return true;
  return false;
}

/// The private half: every relation of RFC 8017 section 3.2 between its numbers, so that no member was swapped or mistyped.
bool is_consistent(const BIGNUM* n, const BIGNUM* e, const BIGNUM* d, const BIGNUM* p, const BIGNUM* q, const BIGNUM* dp, const BIGNUM* dq,
                   const BIGNUM* qi) {
  const NumberContextPtr context(BN_CTX_new());
  const NumberPtr product(BN_new()), p1(BN_dup(p)), q1(BN_dup(q)), rest(BN_new());
  if (!context || !product || !p1 || !q1 || !rest) return false;
  const auto is_inverse = [&](const BIGNUM* a, const BIGNUM* b, const BIGNUM* modulus) {
    return BN_mod_mul(product.get(), a, b, modulus, context.get()) == 1 && BN_is_one(product.get());
  };
  if (BN_mul(product.get(), p, q, context.get()) != 1 || BN_cmp(product.get(), n) != 0) return false;
  if (BN_is_one(p) || BN_is_one(q) || BN_sub_word(p1.get(), 1) != 1 || BN_sub_word(q1.get(), 1) != 1) return false;
  if (BN_mod(rest.get(), d, p1.get(), context.get()) != 1 || BN_cmp(rest.get(), dp) != 0) return false;
  if (BN_mod(rest.get(), d, q1.get(), context.get()) != 1 || BN_cmp(rest.get(), dq) != 0) return false;
  return BN_cmp(d, n) < 0 && is_inverse(e, dp, p1.get()) && is_inverse(e, dq, q1.get()) && is_inverse(q, qi, p);
}

}  // namespace

Result<std::shared_ptr<KeyMaterial>> make_rsa_material(const KeyParts& parts, Algorithm algorithm) {
  if (!is_minimal(parts.n) || !is_minimal(parts.e)) return refused("an RSA key needs n and e without leading zero bytes");
  if (parts.n.size() > max_modulus_bits / 8) return refused("the RSA modulus has more than 8192 bits");
  if (parts.e.size() > max_exponent_bits / 8) return refused("the RSA exponent has more than 32 bits");

  const ErrorMark mark;
  const NumberPtr n = number(parts.n), e = number(parts.e);
  if (!n || !e) return Errc::out_of_memory;
  if (BN_num_bits(n.get()) < min_modulus_bits) return refused("the RSA modulus has fewer than 2048 bits");
  if (!BN_is_odd(n.get()) || has_small_factor(n.get())) return refused("the RSA modulus has a small factor");
  if (!BN_is_odd(e.get()) || BN_is_one(e.get())) return refused("the RSA exponent must be odd and at least 3");

  const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
    return Errc::out_of_memory;

  const bool is_private = !parts.d.empty();
  std::array<NumberPtr, 6> secrets;
  if (is_private) {
    const std::array<const std::string*, 6> bytes{&parts.d, &parts.p, &parts.q, &parts.dp, &parts.dq, &parts.qi};
    static constexpr std::array names{OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,   OSSL_PKEY_PARAM_RSA_FACTOR2,
                                      OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
    for (std::size_t i = 0; i < secrets.size(); ++i) {
      if (!is_minimal(*bytes[i]) || bytes[i]->size() > parts.n.size()) return refused("a private RSA key needs d, p, q, dp, dq and qi");
      secrets[i] = number(*bytes[i]);
      if (!secrets[i]) return Errc::out_of_memory;
      BN_set_flags(secrets[i].get(), BN_FLG_CONSTTIME);
      if (OSSL_PARAM_BLD_push_BN(builder.get(), names[i], secrets[i].get()) != 1) return Errc::out_of_memory;
    }
    if (!is_consistent(n.get(), e.get(), secrets[0].get(), secrets[1].get(), secrets[2].get(), secrets[3].get(), secrets[4].get(), secrets[5].get()))
      return refused("the numbers of the private RSA key do not belong together");
  }

  const ParamsPtr params(OSSL_PARAM_BLD_to_param(builder.get()));
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* pkey = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &pkey, is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
    return refused("the RSA key cannot be used");
  auto material = std::make_shared<KeyMaterial>();
  material->pkey.reset(pkey);
  material->algorithm = algorithm;
  material->can_sign = material->holds_private = is_private;
  material->signature_size = static_cast<std::size_t>(EVP_PKEY_get_size(pkey));
  return material;
}

}  // namespace authkit
