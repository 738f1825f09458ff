#pragma once

#include "authkit/account.hpp"
#include "authkit/auth.hpp"

#include "account/memory_account_store.hpp"
#include "core/in_transaction.hpp"
#include "event/memory_event_store.hpp"
#include "factor/memory_factor_store.hpp"
#include "limit/memory_counter_store.hpp"
#include "notify/memory_outbox_store.hpp"
#include "revocation/memory_revocation_store.hpp"
#include "session/memory_session_store.hpp"
#include "ticket/memory_ticket_store.hpp"
#include "unit/test_parts.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

// One deployment over any set of stores, with as many instances as a test wants: they share the stores, the clock and the keys.
namespace authkit::test {

inline const std::string password = "correct horse battery";
inline const std::string wrong_password = "incorrect horse battery";

/// Account stores that cannot be read on demand.
class FlakyAccounts : public MemoryAccountStore {
 public:
  using MemoryAccountStore::MemoryAccountStore;
  std::atomic<bool> down{false};
  std::atomic<int> reads{0};

  Result<std::optional<Account>> find(const UserId& id, const Context& context) override {
    ++reads;
    return down ? Result<std::optional<Account>>(Errc::store_unavailable) : MemoryAccountStore::find(id, context);
  }
  Result<std::optional<Account>> find_by_login(std::string_view key, const Context& context) override {
    ++reads;
    return down ? Result<std::optional<Account>>(Errc::store_unavailable) : MemoryAccountStore::find_by_login(key, context);
  }
  Result<void> find_active(Tx& tx, const UserId& id, std::uint64_t epoch, std::optional<Account>& found) override {
    ++reads;
    return down ? Result<void>(Errc::store_unavailable) : MemoryAccountStore::find_active(tx, id, epoch, found);
  }
};

/// Session stores that cannot be read, or erased from, on demand.
class FlakySessions : public MemorySessionStore {
 public:
  using MemorySessionStore::MemorySessionStore;
  std::atomic<bool> down{false};
  std::atomic<bool> erase_fails{false};

  Result<std::optional<SessionRecord>> find(const SessionId& id, const Context& context) override {
    return down ? Result<std::optional<SessionRecord>>(Errc::store_unavailable) : MemorySessionStore::find(id, context);
  }
  Result<bool> erase(Tx& tx, const SessionId& id) override {
    return erase_fails ? Result<bool>(Errc::store_unavailable) : MemorySessionStore::erase(tx, id);
  }
};

struct MemoryStores {
  std::shared_ptr<FlakyWork> work = std::make_shared<FlakyWork>();
  std::shared_ptr<FlakyAccounts> accounts = std::make_shared<FlakyAccounts>(work);
  std::shared_ptr<FlakySessions> sessions = std::make_shared<FlakySessions>(work);

  Stores stores() const {
    Stores all;
    all.work = work;
    all.accounts = accounts;
    all.sessions = sessions;
    all.revocations = std::make_shared<MemoryRevocationStore>(work);
    all.counters = std::make_shared<MemoryCounterStore>();
    all.events = std::make_shared<MemoryEventStore>(work);
    all.factors = std::make_shared<MemoryFactorStore>(work);
    all.tickets = std::make_shared<MemoryTicketStore>(work);
    all.outbox = std::make_shared<MemoryOutboxStore>(work);
    return all;
  }
};

inline std::shared_ptr<TestRing> make_ring() {
  const Key key = Key::generate(Algorithm::HS256).value();
  return std::make_shared<TestRing>(KeyRing::Snapshot{{key}, key, {mac_key(1)}});
}

/// Limits that no test meets by accident.
inline LimitOptions no_limits() {
  const LimitRule wide{1'000'000, Duration{1000}};
  return {wide, wide, wide, wide, wide, wide, wide};
}

struct Setup {
  AccountOptions account;
  Hooks hooks;
  LimitOptions limit = no_limits();
  SessionOptions session;
  RevocationOptions revocation;
  PasswordOptions password{.memory_kib = 64, .passes = 1};
  TokenOptions token;
  Duration cache_age{5000};
  std::size_t cache_size = 100;
  bool can_notify = false;
};

/// One instance.
struct Service {
  Service(const Stores& stores, const std::shared_ptr<ManualClock>& manual, const std::shared_ptr<KeyRing>& ring, const Setup& setup = {})
      : passwords(std::make_shared<Passwords>(Passwords::open(setup.password).value())),
        tokens(std::make_shared<Tokens>(Tokens::open(setup.token, ring, clock_of(manual)).value())),
        sessions(std::make_shared<Sessions>(Sessions::open(setup.session, stores.sessions, ring, clock_of(manual)).value())),
        revocations(Revocations::open(setup.revocation, stores.revocations, clock_of(manual)).value()),
        accounts({.options = setup.account,
                  .hooks = setup.hooks,
                  .clock = clock_of(manual),
                  .work = stores.work,
                  .accounts = stores.accounts,
                  .events = stores.events,
                  .passwords = passwords,
                  .tokens = tokens,
                  .sessions = sessions,
                  .revocations = revocations,
                  .limiter = std::make_shared<Limiter>(setup.limit, stores.counters, "0123456789abcdef0123456789abcdef", clock_of(manual)),
                  .tickets = stores.tickets,
                  .factors = stores.factors,
                  .outbox = stores.outbox,
                  .can_notify = setup.can_notify,
                  .ticket_key = "0123456789abcdef0123456789abcdef",
                  .factor_key = "fedcba9876543210fedcba9876543210",
                  .cache_age = setup.cache_age,
                  .cache_size = setup.cache_size}) {}

  std::shared_ptr<Passwords> passwords;
  std::shared_ptr<Tokens> tokens;
  std::shared_ptr<Sessions> sessions;
  std::shared_ptr<Revocations> revocations;
  Accounts accounts;
};

inline Registration registration(std::string email, std::string username = {}) {
  return {.email = std::move(email), .password = password, .username = std::move(username), .profile = "{}"};
}

inline Login login(std::string name, std::string with = password, Transport transport = Transport::bearer) {
  return {.login = std::move(name), .password = std::move(with), .transport = transport, .device_name = {}};
}

/// The error of a result; Errc{} for success.
template <class T>
Errc code(const Result<T>& result) {
  return result ? Errc{} : result.error().code;
}

inline std::vector<Event> events(const Stores& stores, std::string action = {}) {
  EventFilter filter;
  filter.action = std::move(action);
  return stores.events->list(filter, {}, 200, {}).value().items;
}

inline std::size_t count_sessions(const Stores& stores, const UserId& user, Time now) {
  return stores.sessions->find_by_user(user, now, 1000, {}).value().size();
}

/// The usual case: memory stores, one instance, one account.
struct Fixture {
  MemoryStores memory;
  Stores stores = memory.stores();
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  std::shared_ptr<TestRing> ring = make_ring();
  Setup setup;
  std::unique_ptr<Service> service = another();
  const Account ann = service->accounts.sign_up(registration("Ann@Example.org", "Ann")).value();

  std::unique_ptr<Service> another() const { return std::make_unique<Service>(stores, clock, ring, setup); }
  /// Starts the instance anew, with what `setup` says now.
  void reopen() { service = another(); }
  Accounts& accounts() { return service->accounts; }
  Grant log_in(Transport transport = Transport::bearer) { return accounts().log_in(login("ann", password, transport)).value(); }
  Account stored() { return stores.accounts->find(ann.id, {}).value().value(); }
  /// Changes the stored record as another program would.
  void change(const std::function<void(Account&)>& edit) {
    Account account = stored();
    edit(account);
    REQUIRE(in_transaction(*stores.work, {}, [&](Tx& tx) { return stores.accounts->update(tx, account); }).value());
  }
  Identity identity(const Grant& grant) { return accounts().authenticate(grant.access_token).value(); }
};

}  // namespace authkit::test
