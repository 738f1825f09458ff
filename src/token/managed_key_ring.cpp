#include "core/in_transaction.hpp"
#include "core/random.hpp"
#include "core/secret.hpp"
#include "core/try.hpp"
#include "token/key_ring.hpp"

#include <algorithm>
#include <map>

namespace authkit {
namespace {

/// The id of the first MAC key of a deployment. Only one instance can insert it: that one makes the first keys, all others read them.
constexpr std::array<std::uint8_t, 4> first_mac_id{0, 0, 0, 1};

Result<MacKey> new_mac(bool first) {
  MacKey key;
  key.id = first_mac_id;
  if (!first) AUTHKIT_TRY(random_bytes(key.id));
  AUTHKIT_TRY(random_bytes(key.secret));
  return key;
}

/// By age, and by id where two were made in the same millisecond: every instance comes to the same order.
bool older(const StoredKey* a, const StoredKey* b) { return std::tie(a->created_at, a->id) < std::tie(b->created_at, b->id); }

class ManagedKeyRing final : public KeyRing {
 public:
  ManagedKeyRing(std::shared_ptr<KeyStore> store, std::shared_ptr<UnitOfWork> work, std::string_view master_key, Algorithm sign_with, Clock clock)
      : store_(std::move(store)), work_(std::move(work)), sealer_(master_key), sign_with_(sign_with), clock_(std::move(clock)) {}

  Result<void> start() {
    const Context context;
    AUTHKIT_TRY_ASSIGN(auto rows, store_->list(context));
    if (!active_of(rows, KeyPurpose::mac) || !active_of(rows, KeyPurpose::sign)) AUTHKIT_TRY(make_missing(rows, context));
    return refresh(context);
  }

  std::shared_ptr<const Snapshot> snapshot() const override { return holder_.get(); }

  Result<void> refresh(const Context& context) override {
    const std::lock_guard lock(mutex_);
    AUTHKIT_TRY_ASSIGN(auto rows, store_->list(context));
    return load(rows);
  }

  Result<void> rotate(Duration publish_time, Duration retire_time, const Context& context) override {
    AUTHKIT_TRY_ASSIGN(const auto rows, store_->list(context));
    const Time now = clock_();
    const auto step = [&](Tx& tx) -> Result<void> {
      AUTHKIT_TRY(advance(tx, rows, KeyPurpose::sign, now, publish_time));
      AUTHKIT_TRY(advance(tx, rows, KeyPurpose::mac, now, publish_time));
      AUTHKIT_TRY(store_->purge(tx, now - retire_time));
      return {};
    };
    AUTHKIT_TRY(in_transaction(*work_, context, step));
    return refresh(context);
  }

  Result<void> follow(Duration publish_time, Duration retire_time, const Context& context) override {
    AUTHKIT_TRY_ASSIGN(const auto rows, store_->list(context));
    const Time now = clock_();
    const bool due = std::any_of(rows.begin(), rows.end(), [&](const StoredKey& row) {
      return (row.state == KeyState::next && row.changed_at <= now - publish_time) ||
             (row.state == KeyState::retired && row.changed_at < now - retire_time);
    });
    const auto step = [&](Tx& tx) -> Result<void> {
      AUTHKIT_TRY(promote(tx, rows, KeyPurpose::sign, now, publish_time));
      AUTHKIT_TRY(promote(tx, rows, KeyPurpose::mac, now, publish_time));
      AUTHKIT_TRY(store_->purge(tx, now - retire_time));
      return {};
    };
    if (due) AUTHKIT_TRY(in_transaction(*work_, context, step));
    return refresh(context);
  }

 private:
  using Rows = std::vector<StoredKey>;

  static const StoredKey* oldest(const Rows& rows, KeyPurpose purpose, KeyState state) {
    const StoredKey* found = nullptr;
    for (const StoredKey& row : rows)
      if (row.purpose == purpose && row.state == state && (found == nullptr || older(&row, found))) found = &row;
    return found;
  }
  /// Of two active keys (instances whose clocks differ rotated at once) the older one is used, by all instances alike.
  static const StoredKey* active_of(const Rows& rows, KeyPurpose purpose) { return oldest(rows, purpose, KeyState::active); }

  /// One unit of work: of instances that start at once, one inserts all and the others nothing.
  Result<void> make_missing(const Rows& rows, const Context& context) {
    const Time now = clock_();
    const bool first = rows.empty();
    return in_transaction(*work_, context, [&](Tx& tx) -> Result<void> {
      if (!active_of(rows, KeyPurpose::mac)) {
        AUTHKIT_TRY_ASSIGN(const bool inserted, insert_mac(tx, first, KeyState::active, now));
        if (!inserted) return {};  // another instance was first
      }
      if (active_of(rows, KeyPurpose::sign)) return {};
      return insert_sign(tx, KeyState::active, now);
    });
  }

  Result<bool> insert_mac(Tx& tx, bool first, KeyState state, Time now) {
    AUTHKIT_TRY_ASSIGN(MacKey key, new_mac(first));
    auto row = sealer_.seal(key, state, now);
    wipe(key.secret.data(), key.secret.size());
    if (!row) return std::move(row).error();
    return store_->insert(tx, *row);
  }

  Result<void> insert_sign(Tx& tx, KeyState state, Time now) {
    AUTHKIT_TRY_ASSIGN(const Key key, Key::generate(sign_with_));
    AUTHKIT_TRY_ASSIGN(const StoredKey row, sealer_.seal(key, state, now));
    AUTHKIT_TRY_ASSIGN(const bool inserted, store_->insert(tx, row));
    if (!inserted) return Error(Errc::internal, "a new key has the id of another");
    return {};
  }

  /// One step of one purpose.
  Result<void> advance(Tx& tx, const Rows& rows, KeyPurpose purpose, Time now, Duration publish_time) {
    if (oldest(rows, purpose, KeyState::next) != nullptr) return promote(tx, rows, purpose, now, publish_time);
    if (purpose == KeyPurpose::sign) return insert_sign(tx, KeyState::next, now);
    AUTHKIT_TRY(insert_mac(tx, false, KeyState::next, now));
    return {};
  }

  /// Of instances that rotate at once only one gets the key out of `next`; the others change nothing.
  Result<void> promote(Tx& tx, const Rows& rows, KeyPurpose purpose, Time now, Duration publish_time) {
    const StoredKey* next = oldest(rows, purpose, KeyState::next);
    if (next == nullptr || now < next->changed_at + publish_time) return {};
    AUTHKIT_TRY_ASSIGN(const bool promoted, store_->set_state(tx, next->id, KeyState::next, KeyState::active, now));
    if (!promoted) return {};
    for (const StoredKey& row : rows) {
      if (row.purpose != purpose || row.state != KeyState::active) continue;
      AUTHKIT_TRY(store_->set_state(tx, row.id, KeyState::active, KeyState::retired, now));
    }
    return {};
  }

  /// Builds the next snapshot; keys that were opened before are not opened again.
  Result<void> load(const Rows& rows) {
    std::map<std::string, Key> keys;
    const std::shared_ptr<Snapshot> next(new Snapshot, [](Snapshot* gone) {
      for (MacKey& mac : gone->macs) wipe(mac.secret.data(), mac.secret.size());
      delete gone;
    });
    const StoredKey* signer = active_of(rows, KeyPurpose::sign);
    const StoredKey* mac = active_of(rows, KeyPurpose::mac);
    for (const StoredKey& row : rows) {
      if (row.purpose == KeyPurpose::mac) {
        AUTHKIT_TRY_ASSIGN(const MacKey key, sealer_.open_mac(row));
        next->macs.insert(&row == mac ? next->macs.begin() : next->macs.end(), key);
        continue;
      }
      const auto known = keys_.find(row.id);
      if (known == keys_.end()) {
        AUTHKIT_TRY_ASSIGN(Key opened, sealer_.open_sign(row));
        keys.emplace(row.id, std::move(opened));
      } else {
        keys.emplace(row.id, known->second);
      }
      const Key& key = keys.at(row.id);
      if (&row == signer) next->sign = key;
      next->verify.push_back(key);
    }
    if (signer != nullptr) next->signing_since = signer->changed_at;
    next->next_published = oldest(rows, KeyPurpose::sign, KeyState::next) != nullptr;
    keys_ = std::move(keys);
    holder_.set(next);
    return {};
  }

  std::shared_ptr<KeyStore> store_;
  std::shared_ptr<UnitOfWork> work_;
  KeySealer sealer_;
  Algorithm sign_with_;
  Clock clock_;
  SnapshotHolder holder_;
  std::mutex mutex_;  // one load at a time; readers never take it
  std::map<std::string, Key> keys_;
};

}  // namespace

Result<std::shared_ptr<KeyRing>> KeyRing::open(std::shared_ptr<KeyStore> store, std::shared_ptr<UnitOfWork> work, std::string_view master_key,
                                               Algorithm sign_with, Clock clock) {
  if (master_key.size() != 32) return Error(Errc::config_invalid, "the master key must have 32 bytes");
  if (!store || !work || !clock) return Error(Errc::invalid_argument, "a managed key ring needs a store, a unit of work and a clock");
  auto ring = std::make_shared<ManagedKeyRing>(std::move(store), std::move(work), master_key, sign_with, std::move(clock));
  AUTHKIT_TRY(ring->start());
  return std::shared_ptr<KeyRing>(std::move(ring));
}

}  // namespace authkit
