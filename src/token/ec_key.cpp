#include "token/key_material.hpp"

namespace authkit {
namespace {

Error refused(const char* why) { return Error(Errc::key_invalid, why); }

bool is_valid(EVP_PKEY* pkey, bool is_private) {
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey, nullptr));
  if (!context || EVP_PKEY_public_check(context.get()) != 1) return false;
  // the pair check multiplies d with the base point: a d that does not give x and y is refused
  return !is_private || (EVP_PKEY_private_check(context.get()) == 1 && EVP_PKEY_pairwise_check(context.get()) == 1);
}

}  // namespace

Result<std::shared_ptr<KeyMaterial>> make_ec_material(const KeyParts& parts, Algorithm algorithm) {
  const AlgorithmTraits& traits = traits_of(algorithm);
  const bool is_private = !parts.d.empty();
  if (parts.x.size() != traits.field_size || parts.y.size() != traits.field_size)
    return refused("x and y must have the full length of the curve's field (RFC 7518 section 6.2.1.2)");
  if (is_private && parts.d.size() != traits.field_size)
    return refused("d must have the full length of the curve's order (RFC 7518 section 6.2.2.1)");

  const ErrorMark mark;
  std::string point = "\x04";
  point.append(parts.x).append(parts.y);
  const NumberPtr d(is_private ? BN_bin2bn(reinterpret_cast<const unsigned char*>(parts.d.data()), static_cast<int>(parts.d.size()), nullptr)
                               : nullptr);
  if (is_private && !d) return Errc::out_of_memory;
  if (d) BN_set_flags(d.get(), BN_FLG_CONSTTIME);

  const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, traits.group, 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1 ||
      (d && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, d.get()) != 1))
    return Errc::out_of_memory;

  const ParamsPtr params(OSSL_PARAM_BLD_to_param(builder.get()));
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* made = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
    return refused("the point (x, y) is not on the curve");
  PkeyPtr pkey(made);
  if (!is_valid(pkey.get(), is_private)) return refused("the curve point is not usable, or d does not belong to it");

  auto material = std::make_shared<KeyMaterial>();
  material->pkey = std::move(pkey);
  material->algorithm = algorithm;
  material->can_sign = material->holds_private = is_private;
  material->signature_size = 2 * traits.field_size;
  return material;
}

}  // namespace authkit
