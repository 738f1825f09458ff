#pragma once

#include "authkit/auth.hpp"

#include "backends.hpp"
#include "core/secret.hpp"
#include "core/try.hpp"
#include "jobs.hpp"
#include "notify/delivery.hpp"

#include <algorithm>
#include <memory>
#include <optional>

namespace authkit {

/// What Auth holds, in the order in which it is made; it goes in the reverse order.
struct Auth::Impl {
  explicit Impl(Config given) : config(std::move(given)), log(config.log_level, config.log_sink, config.clock), jobs(config.clock) {}

  Config config;
  Logger log;
  Stores stores;
  std::shared_ptr<Database> database;
  bool has_replicas = false;
  std::shared_ptr<RevocationStream> stream;
  std::shared_ptr<redis::Client> cache;
  std::shared_ptr<KeyRing> keys;
  std::shared_ptr<Passwords> passwords;
  std::shared_ptr<Tokens> tokens;
  std::shared_ptr<Sessions> sessions;
  std::shared_ptr<Revocations> revocations;
  std::optional<Accounts> accounts;
  std::optional<Delivery> delivery;  ///< where somebody tells users
  Jobs jobs;

  Result<void> open_stores(Backend backend);
  Result<void> open_keys(const Secret& master);
  Result<void> open_features(const Secret& master);
  void add_jobs();
  /// How long a key that was replaced still verifies: a cookie keeps the key it was made with until its session ends.
  Duration retire_time() const { return std::max(config.session.absolute_lifetime, config.token.access_lifetime + config.token.leeway); }
};

}  // namespace authkit
