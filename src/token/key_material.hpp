#pragma once

#include "authkit/key.hpp"

#include "core/secret.hpp"
#include "token/algorithm.hpp"
#include "token/openssl.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace authkit {

/// The members of a JWK as bytes: big-endian numbers without leading zeros for RSA, fixed-length coordinates for curves.
/// Wiped when it goes.
struct KeyParts {
  std::string n, e, d, p, q, dp, dq, qi, x, y, k;

  KeyParts() = default;
  KeyParts(KeyParts&&) noexcept = default;
  KeyParts& operator=(KeyParts&&) noexcept = default;
  ~KeyParts() {
    for (std::string* part : {&n, &e, &d, &p, &q, &dp, &dq, &qi, &x, &y, &k}) wipe(part->data(), part->size());
  }
};

/// A key in the form that signs and verifies fastest. Immutable once made.
struct KeyMaterial {
  Algorithm algorithm{};
  bool can_sign = false;
  bool holds_private = false;
  std::size_t signature_size = 0;
  std::uint64_t serial = 0;  ///< unique in the process; what per-thread contexts are found by

  PkeyPtr pkey;                              ///< RSA and ECDSA
  std::array<std::uint8_t, 32> ed_public{};  ///< Ed25519
  Secret ed_secret;                          ///< libsodium's form: seed, then public key
  Secret hmac_secret;
  DigestContextPtr hmac_inner, hmac_outer;  ///< keyed; copied for each MAC

  std::string public_members;  ///< the required public members in lexicographic order (RFC 7638 section 3.2); empty for HMAC
};

struct Key::Impl {
  std::shared_ptr<const KeyMaterial> material;
  std::string id;
  std::string access_header;  ///< base64url of the header of our own access tokens under this key: token_header(key, "at+jwt")

  const AlgorithmTraits& traits() const noexcept { return traits_of(material->algorithm); }
};

/// The key-making functions' way into Key.
struct KeyAccess {
  static Key make(std::shared_ptr<const KeyMaterial> material, std::string kid);
};

/// base64url of the header of tokens of that typ under the key.
std::string token_header(Algorithm algorithm, std::string_view kid, std::string_view typ);

/// What may be a `kid`: 1 to 256 bytes of UTF-8 without control characters.
bool is_key_id(std::string_view text) noexcept;

// One maker a family, each with all checks of its family.
Result<std::shared_ptr<KeyMaterial>> make_hmac_material(std::string_view secret, Algorithm algorithm, bool allow_short);
Result<std::shared_ptr<KeyMaterial>> make_rsa_material(const KeyParts& parts, Algorithm algorithm);
Result<std::shared_ptr<KeyMaterial>> make_ec_material(const KeyParts& parts, Algorithm algorithm);
Result<std::shared_ptr<KeyMaterial>> make_ed25519_material(const KeyParts& parts);
std::string ed25519_public(std::string_view seed);
Result<std::shared_ptr<KeyMaterial>> make_material(const KeyParts& parts, Algorithm algorithm);

/// The parts of a key that OpenSSL holds (from PEM or newly made); they still pass through make_material().
Result<KeyParts> parts_of(const EVP_PKEY* pkey, const AlgorithmTraits& traits, bool with_private);
/// Makes, checks and names the key in one step. `kid` empty: the RFC 7638 thumbprint.
Result<Key> make_key(const KeyParts& parts, Algorithm algorithm, std::string kid);
/// Names a key whose material was checked already.
Key finish_key(std::shared_ptr<KeyMaterial> material, const KeyParts& parts, std::string kid);

/// Why `secret` must not be an HMAC secret although it is long enough: it is the text or the bytes of a public (or other) key, which an
/// attacker may know. Empty when it is none.
std::string_view key_in_disguise(std::string_view secret);

}  // namespace authkit
