#include "token/signature.hpp"

#include "core/digest.hpp"
#include "token/ecdsa_der.hpp"
#include "token/key_material.hpp"

#include <sodium/crypto_sign.h>

#include <array>

namespace authkit {
namespace {

constexpr std::size_t max_digest = 64;

/// Contexts that were prepared once (EVP_PKEY_verify_init or _sign_init with padding), by key: a context is not thread-safe, and preparing
/// one costs a fifth of an RSA verification. Each holds its EVP_PKEY alive until its place is taken or the thread ends.
class ThreadContexts {
 public:
  EVP_PKEY_CTX* prepared(const KeyMaterial& material, bool to_sign) noexcept {
    for (Entry& entry : entries_)
      if (entry.serial == material.serial && entry.to_sign == to_sign && entry.context) return entry.context.get();
    PkeyContextPtr context = prepare(material, to_sign);
    if (!context) return nullptr;
    Entry& entry = entries_[next_++ % entries_.size()];
    entry = {material.serial, to_sign, std::move(context)};
    return entry.context.get();
  }
  /// After a failed operation: its context starts afresh.
  void drop(const EVP_PKEY_CTX* context) noexcept {
    for (Entry& entry : entries_)
      if (entry.context.get() == context) entry = {};
  }

 private:
  struct Entry {
    std::uint64_t serial = 0;
    bool to_sign = false;
    PkeyContextPtr context;
  };

  static PkeyContextPtr prepare(const KeyMaterial& material, bool to_sign) noexcept {
    const AlgorithmTraits& traits = traits_of(material.algorithm);
    const EVP_MD* digest = fetched_digest(traits.digest_size);
    PkeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, material.pkey.get(), nullptr));
    if (!context || (to_sign ? EVP_PKEY_sign_init(context.get()) : EVP_PKEY_verify_init(context.get())) != 1) return nullptr;
    if (traits.family == KeyFamily::rsa && EVP_PKEY_CTX_set_rsa_padding(context.get(), traits.pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) != 1)
      return nullptr;
    if (EVP_PKEY_CTX_set_signature_md(context.get(), digest) != 1) return nullptr;
    if (traits.pss && (EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), digest) != 1 ||
                       EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), static_cast<int>(traits.digest_size)) != 1))
      return nullptr;
    return context;
  }

  std::array<Entry, 8> entries_;
  std::size_t next_ = 0;
};

thread_local ThreadContexts contexts;
thread_local DigestContextPtr scratch;

EVP_MD_CTX* scratch_context() noexcept {
  if (!scratch) scratch.reset(EVP_MD_CTX_new());
  return scratch.get();
}

bool digest_of(std::string_view input, const AlgorithmTraits& traits, std::uint8_t* out) noexcept {
  EVP_MD_CTX* const context = scratch_context();
  return context != nullptr && EVP_DigestInit_ex2(context, fetched_digest(traits.digest_size), nullptr) == 1 &&
         EVP_DigestUpdate(context, input.data(), input.size()) == 1 && EVP_DigestFinal_ex(context, out, nullptr) == 1;
}

bool hmac(const KeyMaterial& material, std::string_view input, std::uint8_t* out) noexcept {
  EVP_MD_CTX* const context = scratch_context();
  return context != nullptr && EVP_MD_CTX_copy_ex(context, material.hmac_inner.get()) == 1 &&
         EVP_DigestUpdate(context, input.data(), input.size()) == 1 && EVP_DigestFinal_ex(context, out, nullptr) == 1 &&
         EVP_MD_CTX_copy_ex(context, material.hmac_outer.get()) == 1 && EVP_DigestUpdate(context, out, material.signature_size) == 1 &&
         EVP_DigestFinal_ex(context, out, nullptr) == 1;
}

bool verify_with_pkey(const KeyMaterial& material, const AlgorithmTraits& traits, std::string_view input,
                      std::span<const std::uint8_t> signature) noexcept {
  DerBuffer der;
  if (traits.family == KeyFamily::ecdsa) {
    const auto size = ecdsa_to_der(signature, traits, der);
    if (!size) return false;
    signature = {der.data(), *size};
  }
  const ErrorMark mark;
  std::array<std::uint8_t, max_digest> digest;
  EVP_PKEY_CTX* const context = contexts.prepared(material, false);
  if (context == nullptr || !digest_of(input, traits, digest.data())) return false;
  if (EVP_PKEY_verify(context, signature.data(), signature.size(), digest.data(), traits.digest_size) == 1) return true;
  contexts.drop(context);
  return false;
}

Result<std::size_t> sign_with_pkey(const KeyMaterial& material, const AlgorithmTraits& traits, std::string_view input, std::span<std::uint8_t> out) {
  const ErrorMark mark;
  std::array<std::uint8_t, max_digest> digest;
  DerBuffer der;
  const bool is_ec = traits.family == KeyFamily::ecdsa;
  EVP_PKEY_CTX* const context = contexts.prepared(material, true);
  std::size_t size = is_ec ? der.size() : out.size();
  if (context == nullptr || !digest_of(input, traits, digest.data())) return Errc::internal;
  if (EVP_PKEY_sign(context, is_ec ? der.data() : out.data(), &size, digest.data(), traits.digest_size) != 1) {
    contexts.drop(context);
    return Errc::internal;
  }
  if (!is_ec) return size;
  if (!ecdsa_from_der({der.data(), size}, traits, out.first(material.signature_size))) return Errc::internal;
  return material.signature_size;
}

}  // namespace

const EVP_MD* fetched_digest(std::size_t digest_size) noexcept {
  static const DigestPtr sha256(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  static const DigestPtr sha384(EVP_MD_fetch(nullptr, "SHA384", nullptr));
  static const DigestPtr sha512(EVP_MD_fetch(nullptr, "SHA512", nullptr));
  return digest_size == 32 ? sha256.get() : digest_size == 48 ? sha384.get() : sha512.get();
}

bool verify_signature(const Key& key, std::string_view input, std::span<const std::uint8_t> signature) noexcept {
  const KeyMaterial& material = *key.impl().material;
  if (signature.size() != material.signature_size) return false;  // first: everything below has buffers of exactly that size
  const AlgorithmTraits& traits = traits_of(material.algorithm);
  switch (traits.family) {
    case KeyFamily::hmac: {
      std::array<std::uint8_t, max_digest> expected;
      return hmac(material, input, expected.data()) && equal_constant_time({expected.data(), traits.digest_size}, signature);
    }
    case KeyFamily::ed25519:
      return crypto_sign_verify_detached(signature.data(), reinterpret_cast<const unsigned char*>(input.data()), input.size(),
                                         material.ed_public.data()) == 0;
    case KeyFamily::rsa:
    case KeyFamily::ecdsa:
      return verify_with_pkey(material, traits, input, signature);
  }
  return false;
}

Result<std::size_t> make_signature(const Key& key, std::string_view input, std::span<std::uint8_t> out) {
  const KeyMaterial& material = *key.impl().material;
  if (!material.can_sign) return Error(Errc::key_invalid, "a public key does not sign");
  if (out.size() < material.signature_size) return Errc::internal;
  const AlgorithmTraits& traits = traits_of(material.algorithm);
  switch (traits.family) {
    case KeyFamily::hmac: {
      std::array<std::uint8_t, max_digest> mac;
      if (!hmac(material, input, mac.data())) return Errc::internal;
      std::copy_n(mac.begin(), traits.digest_size, out.begin());
      return traits.digest_size;
    }
    case KeyFamily::ed25519:
      crypto_sign_detached(out.data(), nullptr, reinterpret_cast<const unsigned char*>(input.data()), input.size(),
                           material.ed_secret.bytes().data());
      return material.signature_size;
    case KeyFamily::rsa:
    case KeyFamily::ecdsa:
      return sign_with_pkey(material, traits, input, out);
  }
  return Errc::internal;
}

}  // namespace authkit
