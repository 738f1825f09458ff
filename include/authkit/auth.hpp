#pragma once

#include "authkit/account.hpp"
#include "authkit/config.hpp"
#include "authkit/database.hpp"
#include "authkit/read_after.hpp"

#include <memory>

namespace authkit {

/// Store adapters of the host's own; null members are made from Config::database.
struct Stores {
  std::shared_ptr<UnitOfWork> work;  ///< required when any other member is set: all share it
  std::shared_ptr<AccountStore> accounts;
  std::shared_ptr<SessionStore> sessions;
  std::shared_ptr<RevocationStore> revocations;
  std::shared_ptr<CounterStore> counters;
  std::shared_ptr<KeyStore> keys;
  std::shared_ptr<EventStore> events;
  std::shared_ptr<TicketStore> tickets;
  std::shared_ptr<FactorStore> factors;
  std::shared_ptr<OutboxStore> outbox;
  std::shared_ptr<AccountCopyStore> copies;  ///< needs no `work`; default: what config.cache names
};

/// authkit, opened: the composition root most programs hold one of. Two in one process do not know each other.
///
/// Thread safety: any number of threads. Ownership: the caller's; references it hands out live as long as it does. It owns no threads.
/// After fork() open a new one.
class Auth {
 public:
  /// Opens the stores, applies pending migrations where `config.auto_migrate` says so, and loads or makes the keys.
  /// Errors: config_invalid (which option, what it takes), store_unavailable, schema_mismatch, key_invalid.
  static Result<std::unique_ptr<Auth>> open(Config config, Stores own = {});
  ~Auth();

  const Config& config() const noexcept;
  const Accounts& accounts() const noexcept;
  const Passwords& passwords() const noexcept;
  const Tokens& tokens() const noexcept;
  const Sessions& sessions() const noexcept;
  Revocations& revocations() noexcept;
  KeyRing& keys() noexcept;
  EventStore& events() noexcept;
  const Logger& log() const noexcept;
  /// What the stores are in; null with memory stores and with a unit of work of the host's own.
  Database* database() noexcept;

  /// Begins a rotation of the managed keys (the next one is published), or ends it: once the next key has been published for
  /// key_publish_time it signs, and the old one only verifies. maintain() ends what was begun. Errors: config_invalid with keys that were given.
  Result<void> rotate_keys(const Context& context = {});

  /// Background work that is due: reads the revocation feed, follows key rotations, removes what expired, seals events. Call it often
  /// (every 100 ms costs nothing); it returns within `budget` plus one store call. Errors: of the first part that failed; the others still ran.
  Result<void> maintain(Duration budget = Duration{50});

  /// Delivers the messages that wait in the outbox; how many. Apart from maintain(), which no mail server may hold up: it returns within `budget`
  /// plus the time of one message (mail.timeout). Errors: of the store; a message that cannot be delivered stays for a later call.
  Result<std::size_t> deliver(Duration budget = Duration{1000});

  /// What `seen` holds as text for another instance's read_after() (a header, a cookie, a job's argument): "v1.<timeline>.<lsn>." and a MAC. Empty
  /// where nothing was seen, or there are no replicas.
  std::string sign(const ReadAfter& seen) const;
  /// For Context::read_after: what the text says, and nothing seen where it was not made by an instance of this deployment. Null without replicas.
  std::shared_ptr<ReadAfter> read_after(std::string_view text = {}) const;

  /// Whether every store answers within the context's deadline.
  Result<void> ready(const Context& context = {});

 private:
  struct Impl;
  explicit Auth(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Two threads, one that calls maintain() and one that calls deliver(), until it is destroyed. Ownership: must go before the Auth it serves.
class Maintenance {
 public:
  explicit Maintenance(Auth& auth, Duration interval = Duration{100});
  ~Maintenance();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace authkit
