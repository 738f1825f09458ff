#include "core/digest.hpp"
#include "token/key_material.hpp"

#include <sodium/core.h>
#include <sodium/crypto_core_ed25519.h>
#include <sodium/crypto_sign.h>

#include <algorithm>

namespace authkit {
namespace {

/// libsodium's secret form: the seed, then the public key.
std::string expand(std::string_view seed) {
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> unused;
  std::string pair(crypto_sign_SECRETKEYBYTES, '\0');
  crypto_sign_seed_keypair(unused.data(), reinterpret_cast<unsigned char*>(pair.data()), reinterpret_cast<const unsigned char*>(seed.data()));
  return pair;
}

}  // namespace

std::string ed25519_public(std::string_view seed) {
  std::string pair = expand(seed);
  const Wiper wiper(pair);
  return pair.substr(32);
}

Result<std::shared_ptr<KeyMaterial>> make_ed25519_material(const KeyParts& parts) {
  static const bool ready = sodium_init() >= 0;  // chooses the fastest implementation
  if (!ready) return Errc::internal;
  if (parts.x.size() != 32) return Error(Errc::key_invalid, "an Ed25519 public key has 32 bytes");

  auto material = std::make_shared<KeyMaterial>();
  std::copy(parts.x.begin(), parts.x.end(), material->ed_public.begin());
  // OpenSSL takes the identity as a key, under which one signature fits every message. This also refuses points of mixed order, which no
  // honest key is, and encodings that are not canonical.
  if (crypto_core_ed25519_is_valid_point(material->ed_public.data()) != 1)
    return Error(Errc::key_invalid, "the Ed25519 key is of small order, not canonical, or not on the curve");

  if (!parts.d.empty()) {
    if (parts.d.size() != 32) return Error(Errc::key_invalid, "an Ed25519 private key has 32 bytes");
    std::string pair = expand(parts.d);
    const Wiper wiper(pair);
    if (std::string_view(pair).substr(32) != parts.x) return Error(Errc::key_invalid, "d does not belong to x");
    material->ed_secret = Secret(as_bytes(pair));
    material->can_sign = material->holds_private = true;
  }
  material->algorithm = Algorithm::EdDSA;
  material->signature_size = crypto_sign_BYTES;
  return material;
}

}  // namespace authkit
