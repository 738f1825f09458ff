#include "backends.hpp"

#include "account/memory_account_store.hpp"
#include "account/sql_account_store.hpp"
#include "core/memory_work.hpp"
#include "core/try.hpp"
#include "core/url.hpp"
#include "db/sql_database.hpp"
#include "db/sqlite_file.hpp"
#include "event/memory_event_store.hpp"
#include "event/sql_event_store.hpp"
#include "factor/memory_factor_store.hpp"
#include "factor/sql_factor_store.hpp"
#include "limit/local_share_counter_store.hpp"
#include "limit/memory_counter_store.hpp"
#include "limit/redis_counter_store.hpp"
#include "limit/sql_counter_store.hpp"
#include "notify/memory_outbox_store.hpp"
#include "notify/sql_outbox_store.hpp"
#include "redis_backend.hpp"
#include "revocation/memory_revocation_store.hpp"
#include "revocation/redis_revocation_store.hpp"
#include "revocation/redis_revocation_stream.hpp"
#include "revocation/sql_revocation_store.hpp"
#include "session/memory_session_store.hpp"
#include "session/redis_session_store.hpp"
#include "session/sql_session_store.hpp"
#include "ticket/memory_ticket_store.hpp"
#include "ticket/sql_ticket_store.hpp"
#include "token/memory_key_store.hpp"
#include "token/sql_key_store.hpp"

#include <filesystem>
#include <system_error>

namespace authkit {
namespace {

/// Makes what is missing in `stores` on that unit of work.
void complete(Stores& stores, const std::shared_ptr<MemoryWork>& work) {
  if (!stores.accounts) stores.accounts = std::make_shared<MemoryAccountStore>(work);
  if (!stores.sessions) stores.sessions = std::make_shared<MemorySessionStore>(work);
  if (!stores.revocations) stores.revocations = std::make_shared<MemoryRevocationStore>(work);
  if (!stores.counters) stores.counters = std::make_shared<MemoryCounterStore>();
  if (!stores.keys) stores.keys = std::make_shared<MemoryKeyStore>(work);
  if (!stores.events) stores.events = std::make_shared<MemoryEventStore>(work);
  if (!stores.tickets) stores.tickets = std::make_shared<MemoryTicketStore>(work);
  if (!stores.factors) stores.factors = std::make_shared<MemoryFactorStore>(work);
  if (!stores.outbox) stores.outbox = std::make_shared<MemoryOutboxStore>(work);
}

void complete(Stores& stores, const std::shared_ptr<SqlDatabase>& database, const std::string& tenant) {
  if (!stores.accounts) stores.accounts = std::make_shared<SqlAccountStore>(database, tenant);
  if (!stores.sessions) stores.sessions = std::make_shared<SqlSessionStore>(database, tenant);
  if (!stores.revocations) stores.revocations = std::make_shared<SqlRevocationStore>(database, tenant);
  if (!stores.counters) stores.counters = std::make_shared<SqlCounterStore>(database, tenant);
  if (!stores.keys) stores.keys = std::make_shared<SqlKeyStore>(database, tenant);
  if (!stores.events) stores.events = std::make_shared<SqlEventStore>(database, tenant);
  if (!stores.tickets) stores.tickets = std::make_shared<SqlTicketStore>(database, tenant);
  if (!stores.factors) stores.factors = std::make_shared<SqlFactorStore>(database, tenant);
  if (!stores.outbox) stores.outbox = std::make_shared<SqlOutboxStore>(database, tenant);
}

Result<Backend> open_memory(const Config&, Stores given) {
  Backend backend;
  backend.stores = std::move(given);
  backend.forgets = true;
  const auto work = std::make_shared<MemoryWork>();
  backend.stores.work = work;
  complete(backend.stores, work);
  return backend;
}

Result<Backend> open_sqlite(const Config& config, Stores given) {
  Backend backend;
  backend.stores = std::move(given);
  AUTHKIT_TRY_ASSIGN(backend.database, Database::open(config.database));
  AUTHKIT_TRY_ASSIGN(const std::string path, sqlite_path(config.database.url));
  // By the file itself: two names of one database need one key.
  std::error_code failure;
  const auto itself = std::filesystem::canonical(path, failure);
  backend.master_key_file = (failure ? path : itself.string()) + ".key";
  backend.stores.work = backend.database;
  complete(backend.stores, as_sql(backend.database), config.tenant);
  return backend;
}

/// Several machines share it, so no file beside it can hold the master key.
Result<Backend> open_postgres(const Config& config, Stores given) {
  Backend backend;
  backend.stores = std::move(given);
  AUTHKIT_TRY_ASSIGN(backend.database, Database::open(config.database));
  backend.stores.work = backend.database;
  complete(backend.stores, as_sql(backend.database), config.tenant);
  return backend;
}

/// THE table of backends: which URL opens what.
struct Row {
  std::string_view scheme;
  Result<Backend> (*open)(const Config&, Stores given);
};
constexpr Row rows[] = {
    {"memory", open_memory},
    {"sqlite", open_sqlite},
    {"postgresql", open_postgres},
    {"postgres", open_postgres},
};

Error invalid(std::string detail) { return {Errc::config_invalid, std::move(detail)}; }

Result<Backend> complete_own(const Config& config, Stores own) {
  Backend backend;
  if (const auto sql = std::dynamic_pointer_cast<SqlDatabase>(own.work)) {
    complete(own, sql, config.tenant);
    backend.database = sql;
  } else if (const auto memory = std::dynamic_pointer_cast<MemoryWork>(own.work)) {
    complete(own, memory);
  } else if (!own.accounts || !own.sessions || !own.revocations || !own.counters || !own.keys || !own.events || !own.tickets || !own.factors ||
             !own.outbox) {
    return invalid("stores: with a unit of work of the host's own, every store must be its own too");
  }
  backend.stores = std::move(own);
  return backend;
}

Result<Backend> open_stores(const Config& config, Stores own, Stores given) {
  if (own.work) {
    if (!own.counters) own.counters = std::move(given.counters);
    if (!own.sessions) own.sessions = std::move(given.sessions);
    if (!own.revocations) own.revocations = std::move(given.revocations);
    return complete_own(config, std::move(own));
  }
  if (own.accounts || own.sessions || own.revocations || own.counters || own.keys || own.events || own.tickets || own.factors || own.outbox)
    return invalid("stores: work, the unit of work they share, is required with any of them");

  given.copies = std::move(own.copies);
  AUTHKIT_TRY_ASSIGN(const Url url, Url::parse(config.database.url));
  for (const Row& row : rows) {
    if (row.scheme == url.scheme) return row.open(config, std::move(given));
  }
  return invalid("database.url: it takes memory:, sqlite:/path/file.db or postgresql://user:password@host/name");
}

/// How long an entry of the feed may matter.
Duration retention(const Config& config) { return std::max(config.token.access_lifetime + config.token.leeway, longest_copy_age); }

/// What lives in Redis rather than where the rest does.
Stores stores_in(const RedisBackend& redis, const Config& config) {
  Stores stores;
  if (!redis.client) return stores;
  if (config.redis.sessions == "redis") stores.sessions = std::make_shared<RedisSessionStore>(redis.client, config.tenant);
  if (redis.keeper)
    stores.revocations = std::make_shared<RedisRevocationStore>(redis.keeper, config.tenant, config.redis.replicas, retention(config), config.clock);
  if (config.redis.limits != "database") {
    const auto shared = std::make_shared<RedisCounterStore>(redis.client, config.tenant);
    stores.counters = std::make_shared<LocalShareCounterStore>(shared, config.redis.instances);
  }
  return stores;
}

}  // namespace

Result<Backend> open_backend(const Config& config, Stores own, const Logger& log) {
  AUTHKIT_TRY_ASSIGN(RedisBackend redis, open_redis(config, log));
  AUTHKIT_TRY_ASSIGN(Backend backend, open_stores(config, std::move(own), stores_in(redis, config)));
  backend.cache = std::move(redis.cache);
  if (backend.database && redis.keeper)
    return invalid("revocation.store: a database keeps revocations together with the changes they belong to; redis takes database.url = memory:");
  if (redis.client) {
    backend.stream = std::make_shared<RedisRevocationStream>(redis.keeper ? nullptr : redis.client, std::move(redis.listener), config.tenant,
                                                             retention(config), config.clock);
  }
  return backend;
}

}  // namespace authkit
