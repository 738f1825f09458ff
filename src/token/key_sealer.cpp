#include "core/hex.hpp"
#include "core/secret.hpp"
#include "core/try.hpp"
#include "token/key_ring.hpp"

namespace authkit {
namespace {

constexpr std::string_view mac_algorithm = "BLAKE2b";

std::string name_of(KeyPurpose purpose, std::string_view id) { return std::string(purpose == KeyPurpose::sign ? "sign/" : "mac/").append(id); }

Error refused(const char* why) { return Error(Errc::key_invalid, why); }

}  // namespace

KeySealer::KeySealer(std::string_view master_key) : key_(keyed_digest(as_bytes(master_key), {as_bytes("authkit key store")})) {}
KeySealer::~KeySealer() { wipe(key_.data(), key_.size()); }

Result<StoredKey> KeySealer::seal(const Key& key, KeyState state, Time now) const {
  std::string jwk = key.private_jwk();
  const Wiper wiper(jwk);
  AUTHKIT_TRY_ASSIGN(auto sealed, authkit::seal(key_, name_of(KeyPurpose::sign, key.id()), as_bytes(jwk)));
  return StoredKey{key.id(), KeyPurpose::sign, std::string(to_text(key.algorithm())), state, std::move(sealed), now, now};
}

Result<StoredKey> KeySealer::seal(const MacKey& key, KeyState state, Time now) const {
  const std::string id = hex::encode(key.id);
  AUTHKIT_TRY_ASSIGN(auto sealed, authkit::seal(key_, name_of(KeyPurpose::mac, id), key.secret));
  return StoredKey{id, KeyPurpose::mac, std::string(mac_algorithm), state, std::move(sealed), now, now};
}

Result<Key> KeySealer::open_sign(const StoredKey& row) const {
  const auto algorithm = parse_algorithm(row.algorithm);
  if (!algorithm) return refused("a stored key has an algorithm that is not known");
  AUTHKIT_TRY_ASSIGN(const Secret jwk, unseal(key_, name_of(KeyPurpose::sign, row.id), row.sealed));
  AUTHKIT_TRY_ASSIGN(Key key, Key::from_jwk(jwk.view(), *algorithm, KeyPart::private_part));
  if (key.id() != row.id) return refused("a stored key is under another id than its own");
  return key;
}

Result<MacKey> KeySealer::open_mac(const StoredKey& row) const {
  MacKey key;
  if (row.algorithm != mac_algorithm || !hex::decode(row.id, key.id)) return refused("a stored MAC key has an algorithm or id that is not known");
  AUTHKIT_TRY_ASSIGN(const Secret secret, unseal(key_, name_of(KeyPurpose::mac, row.id), row.sealed));
  if (secret.bytes().size() != key.secret.size()) return refused("a stored MAC key has another length than 32 bytes");
  std::copy(secret.bytes().begin(), secret.bytes().end(), key.secret.begin());
  return key;
}

}  // namespace authkit
