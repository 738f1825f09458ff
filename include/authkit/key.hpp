#pragma once

#include "authkit/types.hpp"
#include "authkit/unit_of_work.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace authkit {

/// The JWS algorithms (RFC 7518 section 3, RFC 8037 section 3.1). There is no "none".
enum class Algorithm : std::uint8_t { HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA };

/// "ES256" and so on; the reverse gives nothing for every other spelling.
std::string_view to_text(Algorithm algorithm) noexcept;
std::optional<Algorithm> parse_algorithm(std::string_view text) noexcept;

/// Which half of a key pair a caller means; the other one is then refused. An HMAC secret is both.
enum class KeyPart : std::uint8_t { any, public_part, private_part };

/// One key for one algorithm. An algorithm belongs to the key, never to the token, so no verification exists without it.
///
/// Thread safety: any; immutable, cheap to copy (shared). Everything unsafe is refused when the key is loaded, with
/// Errc::key_invalid and the reason: RSA under 2048 or over 8192 bits, with a factor below 1000, or an exponent that is 1, even or over
/// 32 bits; off-curve points; Ed25519 keys that are small-order, not canonical or off the curve; HMAC secrets shorter than the digest
/// (RFC 7518 section 3.2), and keys in PEM, DER, OpenSSH, JWK or point form given as HMAC secrets (a bare Ed25519 key is 32 random-looking
/// bytes and cannot be told); a JWK whose kty, alg, use, key_ops or crv disagree; private members that do not belong to the public ones.
class Key {
 public:
  /// A new private key (or HMAC secret) from the system's random source. RSA keys get 3072 bits.
  static Result<Key> generate(Algorithm algorithm);
  /// RFC 7517 JWK, public or private; its `alg`, when present, must be `algorithm`. `x5c`, `x5u` and unknown members are not looked at.
  static Result<Key> from_jwk(std::string_view json, Algorithm algorithm, KeyPart part = KeyPart::any);
  /// PKCS#8, PKCS#1, SEC1 private or SubjectPublicKeyInfo public key in PEM, one block, not encrypted; never for HMAC.
  static Result<Key> from_pem(std::string_view pem, Algorithm algorithm, KeyPart part = KeyPart::any);
  /// An HMAC secret, at least as long as the digest. `allow_short` admits shorter ones (16 bytes at least) for a migration.
  static Result<Key> from_secret(std::string_view secret, Algorithm algorithm, bool allow_short = false);

  Algorithm algorithm() const noexcept;
  bool is_private() const noexcept;        ///< may sign
  const std::string& id() const noexcept;  ///< `kid`: the JWK's own, else the RFC 7638 thumbprint
  Key with_id(std::string kid) const;      ///< the same key under another `kid`

  /// The public half as a JWK; an HMAC key has none: empty.
  std::string public_jwk() const;
  /// The whole key as a JWK. Secret: keep it sealed.
  std::string private_jwk() const;

  struct Impl;
  const Impl& impl() const noexcept { return *impl_; }

 private:
  explicit Key(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  friend struct KeyAccess;
  std::shared_ptr<const Impl> impl_;
};

/// The keys of a JWK Set (RFC 7517 section 5) that are usable for `algorithm`; entries of another kty, crv, alg, use or key_ops, weak ones,
/// and private ones where public ones are meant are left out. Errors: Errc::key_invalid for what is no set, and for two usable keys
/// under one `kid`.
Result<std::vector<Key>> parse_jwks(std::string_view json, Algorithm algorithm, KeyPart part = KeyPart::public_part);
/// The public halves of `keys` as a JWK Set; HMAC keys have none.
std::string public_jwks(const std::vector<Key>& keys);

/// A key's life: published but not used yet, used for new tokens, only verifying old ones.
enum class KeyState : std::uint8_t { next, active, retired };
/// `sign`: access tokens (JWS). `mac`: refresh tokens, session cookies and their digests.
enum class KeyPurpose : std::uint8_t { sign, mac };

/// A key as a store sees it: sealed under the master key, so a stolen table alone makes no token.
struct StoredKey {
  std::string id;  ///< `kid`
  KeyPurpose purpose = KeyPurpose::sign;
  std::string algorithm;  ///< "ES256", ...; "BLAKE2b" for mac keys
  KeyState state = KeyState::active;
  std::string sealed;  ///< text, opaque to the store
  Time created_at;
  Time changed_at;  ///< of the last change of state
};

/// Where keys live. Thread safety: any thread; blocking.
class KeyStore {
 public:
  virtual ~KeyStore() = default;
  /// All keys of the deployment, oldest first; few.
  virtual Result<std::vector<StoredKey>> list(const Context& context) = 0;
  /// False when a key of that id exists already.
  virtual Result<bool> insert(Tx& tx, const StoredKey& key) = 0;
  /// False when there is no such key, or it was not in state `from`.
  virtual Result<bool> set_state(Tx& tx, std::string_view id, KeyState from, KeyState to, Time now) = 0;
  /// Removes retired keys changed before `before`; how many.
  virtual Result<std::size_t> purge(Tx& tx, Time before) = 0;
};

/// Secret bytes for refresh tokens and cookies, by four-byte id.
struct MacKey {
  std::array<std::uint8_t, 4> id{};
  std::array<std::uint8_t, 32> secret{};
};

/// The keys of one deployment, unsealed and in memory. All instances on one store follow each other's rotations by refresh().
///
/// Thread safety: any thread; readers see immutable snapshots. Ownership: holds its store shared.
class KeyRing {
 public:
  /// Keys managed in `store`, sealed under the 32-byte `master_key`; makes the first ones when there are none (in one unit of work, so
  /// two instances that start at once agree). `sign_with` is for keys made from now on: one that is stored already stays until it is rotated.
  static Result<std::shared_ptr<KeyRing>> open(std::shared_ptr<KeyStore> store, std::shared_ptr<UnitOfWork> work, std::string_view master_key,
                                               Algorithm sign_with, Clock clock);
  /// Fixed keys, nothing stored: the first private one signs. Refresh tokens get a MAC key derived from `mac_secret` (32 bytes; empty:
  /// none, for a ring that only verifies access tokens).
  static Result<std::shared_ptr<KeyRing>> fixed(std::vector<Key> keys, std::string_view mac_secret);
  virtual ~KeyRing() = default;

  struct Snapshot {
    std::vector<Key> verify;      ///< next, active and retired: all that may verify
    std::optional<Key> sign;      ///< the active one; nothing in a verifier-only ring
    std::vector<MacKey> macs;     ///< the first is the active one
    Time signing_since{};         ///< when `sign` became active; Time{} for fixed keys
    bool next_published = false;  ///< a next key waits: rotate() will move it on
    bool unavailable = false;     ///< the keys are not known now: a token can be neither accepted nor refused
  };
  virtual std::shared_ptr<const Snapshot> snapshot() const = 0;

  /// Reads the store again; cheap when nothing changed.
  virtual Result<void> refresh(const Context& context = {}) = 0;
  /// Publishes a next key (the first call) or moves next to active, active to retired when the next one has been published for
  /// `publish_time`, and drops retired keys after `retire_time`; MAC keys go the same way. What `authkit keys rotate` calls.
  /// `publish_time` must exceed the longest time between two refresh() of any instance, `retire_time` the lifetime of access tokens and the
  /// idle lifetime of sessions: what a dropped key made is refused.
  virtual Result<void> rotate(Duration publish_time, Duration retire_time, const Context& context = {}) = 0;
  /// The same for a rotation that has begun, and begins none; then refresh(). What maintain() calls.
  virtual Result<void> follow(Duration publish_time, Duration retire_time, const Context& context = {});
  /// A token named a key that the snapshot does not have. True: look again, there is a newer snapshot. Does nothing here; RemoteKeyRing acts on
  /// it.
  virtual bool miss(std::string_view kid) noexcept;
};

}  // namespace authkit
