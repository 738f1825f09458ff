#pragma once

#include "authkit/key.hpp"

#include "token/key_material.hpp"
#include "token/signature.hpp"
#include "vectors/workshop.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sodium.h>

#include <array>
#include <cstdlib>
#include <string>

namespace authkit::test {

/// What OpenSSL or libsodium takes for the one operation, everything prepared that can be.
class Primitive {
 public:
  Primitive(const Key& key, std::string signed_input) : key_(key), traits_(key.impl().traits()), input_(std::move(signed_input)) {
    const KeyMaterial& material = *key.impl().material;
    if (!material.pkey) {
      signature_ = signature_of(key, input_);
      return;
    }
    sign_ = prepared(material, true);
    verify_ = prepared(material, false);
    signature_.resize(sign());
    signature_.assign(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(signature_.size()));
  }

  std::size_t sign() {
    if (traits_.family == KeyFamily::hmac) return mac();
    std::size_t size = out_.size();
    if (traits_.family == KeyFamily::ed25519) {
      crypto_sign_detached(bytes(out_), nullptr, bytes(input_), input_.size(), key_.impl().material->ed_secret.bytes().data());
      return crypto_sign_BYTES;
    }
    if (EVP_PKEY_sign(sign_.get(), bytes(out_), &size, digest_.data(), digest()) != 1) std::abort();
    return size;
  }

  void verify() {
    if (traits_.family == KeyFamily::hmac) {
      if (CRYPTO_memcmp(out_.data(), signature_.data(), mac()) != 0) std::abort();
    } else if (traits_.family == KeyFamily::ed25519) {
      if (crypto_sign_verify_detached(bytes(signature_), bytes(input_), input_.size(), key_.impl().material->ed_public.data()) != 0) std::abort();
    } else if (EVP_PKEY_verify(verify_.get(), bytes(signature_), signature_.size(), digest_.data(), digest()) != 1) {
      std::abort();
    }
  }

 private:
  static unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

  /// From keyed states, as quick as OpenSSL's public functions are.
  std::size_t mac() {
    const KeyMaterial& material = *key_.impl().material;
    EVP_MD_CTX* const context = scratch_.get();
    const bool done = EVP_MD_CTX_copy_ex(context, material.hmac_inner.get()) == 1 && EVP_DigestUpdate(context, input_.data(), input_.size()) == 1 &&
                      EVP_DigestFinal_ex(context, bytes(out_), nullptr) == 1 && EVP_MD_CTX_copy_ex(context, material.hmac_outer.get()) == 1 &&
                      EVP_DigestUpdate(context, out_.data(), material.signature_size) == 1 && EVP_DigestFinal_ex(context, bytes(out_), nullptr) == 1;
    if (!done) std::abort();
    return material.signature_size;
  }

  std::size_t digest() {
    if (EVP_Digest(input_.data(), input_.size(), digest_.data(), nullptr, fetched_digest(traits_.digest_size), nullptr) != 1) std::abort();
    return traits_.digest_size;
  }

  PkeyContextPtr prepared(const KeyMaterial& material, bool to_sign) const {
    PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, material.pkey.get(), nullptr));
    const EVP_MD* hash = fetched_digest(traits_.digest_size);
    bool done = (to_sign ? EVP_PKEY_sign_init(context.get()) : EVP_PKEY_verify_init(context.get())) == 1;
    if (traits_.family == KeyFamily::rsa)
      done = done && EVP_PKEY_CTX_set_rsa_padding(context.get(), traits_.pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) == 1;
    done = done && EVP_PKEY_CTX_set_signature_md(context.get(), hash) == 1;
    if (traits_.pss) done = done && EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), static_cast<int>(traits_.digest_size)) == 1;
    if (!done) std::abort();
    return context;
  }

  const Key& key_;
  const AlgorithmTraits& traits_;
  std::string input_, signature_, out_ = std::string(1024, '\0');
  std::array<unsigned char, 64> digest_{};
  PkeyContextPtr sign_, verify_;
  DigestContextPtr scratch_{EVP_MD_CTX_new()};
};

}  // namespace authkit::test
