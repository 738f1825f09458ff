#pragma once

#include "authkit/key.hpp"

#include "core/digest.hpp"

#include <memory>
#include <mutex>
#include <shared_mutex>

namespace authkit {

/// The snapshot that readers see: taken under a lock that is held for two pointer copies.
class SnapshotHolder {
 public:
  std::shared_ptr<const KeyRing::Snapshot> get() const {
    const std::shared_lock lock(mutex_);
    return current_;
  }
  void set(std::shared_ptr<const KeyRing::Snapshot> next) {
    const std::unique_lock lock(mutex_);
    current_.swap(next);
  }

 private:
  mutable std::shared_mutex mutex_;
  std::shared_ptr<const KeyRing::Snapshot> current_ = std::make_shared<const KeyRing::Snapshot>();
};

/// How a stored key is sealed and opened again. The name bound to the ciphertext is purpose and kid, so a row cannot stand in for another.
class KeySealer {
 public:
  explicit KeySealer(std::string_view master_key);
  KeySealer(const KeySealer&) = delete;
  KeySealer& operator=(const KeySealer&) = delete;
  ~KeySealer();

  Result<StoredKey> seal(const Key& key, KeyState state, Time now) const;
  Result<StoredKey> seal(const MacKey& key, KeyState state, Time now) const;
  /// Errors: Errc::key_invalid for another master key, a changed row, a row under another id or algorithm.
  Result<Key> open_sign(const StoredKey& row) const;
  Result<MacKey> open_mac(const StoredKey& row) const;

 private:
  Digest256 key_;
};

}  // namespace authkit
