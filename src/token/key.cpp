#include "authkit/key.hpp"

#include "core/base64url.hpp"
#include "core/digest.hpp"
#include "core/json.hpp"
#include "core/random.hpp"
#include "core/text.hpp"
#include "core/try.hpp"
#include "token/jwk.hpp"
#include "token/key_material.hpp"

#include <atomic>

namespace authkit {
namespace {

constexpr unsigned new_rsa_bits = 3072;  // NIST SP 800-57 part 1 table 2: 128 bits of strength

std::uint64_t next_serial() noexcept {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

std::string base64url_of(std::string_view bytes) { return base64url::encode(bytes); }

/// The required members in lexicographic order, without white space (RFC 7638 section 3.2).
std::string required_members(const KeyParts& parts, const AlgorithmTraits& traits) {
  switch (traits.family) {
    case KeyFamily::hmac:
      return R"("k":")" + base64url_of(parts.k) + R"(","kty":"oct")";
    case KeyFamily::rsa:
      return R"("e":")" + base64url_of(parts.e) + R"(","kty":"RSA","n":")" + base64url_of(parts.n) + '"';
    case KeyFamily::ecdsa:
      return std::string(R"("crv":")") + traits.curve + R"(","kty":"EC","x":")" + base64url_of(parts.x) + R"(","y":")" + base64url_of(parts.y) + '"';
    case KeyFamily::ed25519:
      return R"("crv":"Ed25519","kty":"OKP","x":")" + base64url_of(parts.x) + '"';
  }
  return {};
}

}  // namespace

bool is_key_id(std::string_view text) noexcept { return !text.empty() && text.size() <= 256 && !has_control(text) && valid_utf8(text); }

Result<std::shared_ptr<KeyMaterial>> make_material(const KeyParts& parts, Algorithm algorithm) {
  switch (traits_of(algorithm).family) {
    case KeyFamily::hmac:
      return make_hmac_material(parts.k, algorithm, false);
    case KeyFamily::rsa:
      return make_rsa_material(parts, algorithm);
    case KeyFamily::ecdsa:
      return make_ec_material(parts, algorithm);
    case KeyFamily::ed25519:
      return make_ed25519_material(parts);
  }
  return Errc::internal;
}

std::string token_header(Algorithm algorithm, std::string_view kid, std::string_view typ) {
  std::string header = R"({"alg":")";
  header.append(to_text(algorithm)).append(R"(","typ":")").append(typ).append(R"(","kid":)");
  json::quote_to(header, kid);
  return base64url::encode(header += '}');
}

Key KeyAccess::make(std::shared_ptr<const KeyMaterial> material, std::string kid) {
  auto impl = std::make_shared<Key::Impl>();
  impl->access_header = token_header(material->algorithm, kid, "at+jwt");
  impl->material = std::move(material);
  impl->id = std::move(kid);
  return Key(std::move(impl));
}

Key finish_key(std::shared_ptr<KeyMaterial> material, const KeyParts& parts, std::string kid) {
  const AlgorithmTraits& traits = traits_of(material->algorithm);
  material->serial = next_serial();
  std::string members = required_members(parts, traits);
  if (kid.empty()) {
    std::string json = '{' + members + '}';
    const Wiper wiper(json);
    kid = base64url::encode(sha256(as_bytes(json)));
  }
  if (traits.family == KeyFamily::hmac) {
    wipe(members.data(), members.size());
  } else {
    material->public_members = std::move(members);
  }
  return KeyAccess::make(std::move(material), std::move(kid));
}

Result<Key> make_key(const KeyParts& parts, Algorithm algorithm, std::string kid) {
  AUTHKIT_TRY_ASSIGN(auto material, make_material(parts, algorithm));
  return finish_key(std::move(material), parts, std::move(kid));
}

Result<Key> Key::from_secret(std::string_view secret, Algorithm algorithm, bool allow_short) {
  if (traits_of(algorithm).family != KeyFamily::hmac) return Error(Errc::key_invalid, "a bare secret is a key for HMAC only");
  AUTHKIT_TRY_ASSIGN(auto material, make_hmac_material(secret, algorithm, allow_short));
  KeyParts parts;
  parts.k = secret;
  return finish_key(std::move(material), parts, {});
}

Result<Key> Key::generate(Algorithm algorithm) {
  const AlgorithmTraits& traits = traits_of(algorithm);
  KeyParts parts;
  if (traits.family == KeyFamily::hmac || traits.family == KeyFamily::ed25519) {
    std::string& secret = traits.family == KeyFamily::hmac ? parts.k : parts.d;
    secret.resize(traits.family == KeyFamily::hmac ? traits.digest_size : 32);
    AUTHKIT_TRY(random_bytes({reinterpret_cast<std::uint8_t*>(secret.data()), secret.size()}));
    if (traits.family == KeyFamily::ed25519) parts.x = ed25519_public(parts.d);
    return make_key(parts, algorithm, {});
  }

  const ErrorMark mark;
  const PkeyPtr pkey(traits.family == KeyFamily::ecdsa ? EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", traits.group) : EVP_RSA_gen(new_rsa_bits));
  if (!pkey) return Errc::random_unavailable;
  AUTHKIT_TRY_ASSIGN(parts, parts_of(pkey.get(), traits, true));
  return make_key(parts, algorithm, {});
}

Algorithm Key::algorithm() const noexcept { return impl_->material->algorithm; }
bool Key::is_private() const noexcept { return impl_->material->can_sign; }
const std::string& Key::id() const noexcept { return impl_->id; }

Key Key::with_id(std::string kid) const { return KeyAccess::make(impl_->material, std::move(kid)); }

std::string Key::public_jwk() const { return impl_->material->public_members.empty() ? std::string() : write_jwk(*this, false); }
std::string Key::private_jwk() const { return impl_->material->holds_private ? write_jwk(*this, true) : std::string(); }

}  // namespace authkit
