#include "token/key_ring.hpp"

#include "core/secret.hpp"

#include <algorithm>

namespace authkit {
namespace {

class FixedKeyRing final : public KeyRing {
 public:
  explicit FixedKeyRing(Snapshot snapshot) : snapshot_(std::make_shared<const Snapshot>(std::move(snapshot))) {}

  std::shared_ptr<const Snapshot> snapshot() const override { return snapshot_; }
  Result<void> refresh(const Context&) override { return {}; }
  Result<void> rotate(Duration, Duration, const Context&) override {
    return Error(Errc::config_invalid, "these keys are fixed: rotate them where they are configured");
  }

 private:
  std::shared_ptr<const Snapshot> snapshot_;
};

/// Two uses of one configured secret give two unrelated values.
MacKey derived_mac(std::string_view secret) {
  MacKey key;
  key.secret = keyed_digest(as_bytes(secret), {as_bytes("authkit mac key")});
  const Digest256 name = keyed_digest(as_bytes(secret), {as_bytes("authkit mac id")});
  std::copy_n(name.begin(), key.id.size(), key.id.begin());
  return key;
}

}  // namespace

Result<void> KeyRing::follow(Duration, Duration, const Context& context) { return refresh(context); }
bool KeyRing::miss(std::string_view) noexcept { return false; }

Result<std::shared_ptr<KeyRing>> KeyRing::fixed(std::vector<Key> keys, std::string_view mac_secret) {
  if (keys.empty()) return Error(Errc::key_invalid, "a key ring needs a key");
  if (!mac_secret.empty() && mac_secret.size() != 32) return Error(Errc::key_invalid, "the MAC secret must have 32 bytes");
  for (auto key = keys.begin(); key != keys.end(); ++key)
    if (std::any_of(keys.begin(), key, [&](const Key& other) { return other.id() == key->id(); }))
      return Error(Errc::key_invalid, "two keys have the same kid");

  Snapshot snapshot;
  const auto signer = std::find_if(keys.begin(), keys.end(), [](const Key& key) { return key.is_private(); });
  if (signer != keys.end()) snapshot.sign = *signer;
  snapshot.verify = std::move(keys);
  if (!mac_secret.empty()) snapshot.macs.push_back(derived_mac(mac_secret));
  return std::shared_ptr<KeyRing>(std::make_shared<FixedKeyRing>(std::move(snapshot)));
}

}  // namespace authkit
