#include "account/sql_account_store.hpp"
#include "contract/backend.hpp"
#include "core/random.hpp"
#include "event/sql_event_store.hpp"
#include "limit/sql_counter_store.hpp"
#include "revocation/sql_revocation_store.hpp"
#include "session/sql_session_store.hpp"
#include "token/sql_key_store.hpp"
#include "unit/db_fixture.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

namespace authkit::contract {
namespace {

/// Connections of its own to the database that all cases share; the schema is made once.
std::shared_ptr<SqlDatabase> database_at(const char* variable) {
  const char* url = std::getenv(variable);
  if (url == nullptr) FAIL(variable, " is not set: tests/run.sh starts the servers, or tests/services/services.py by hand");
  DatabaseOptions options;
  options.url = url;
  options.connections = 16;
  options.deadline = std::chrono::seconds(30);
  const auto database = as_sql(Database::open(options).value());
  static const bool migrated = database->migrate_up(test::at(test::midday)).has_value();
  REQUIRE(migrated);
  return database;
}

/// Empty because no other case has the tenant.
Stores stores_of(const std::shared_ptr<SqlDatabase>& database) {
  const std::string tenant = to_text(random_id<TokenId>().value());
  Stores stores;
  stores.work = database;
  stores.accounts = std::make_shared<SqlAccountStore>(database, tenant);
  stores.sessions = std::make_shared<SqlSessionStore>(database, tenant);
  stores.revocations = std::make_shared<SqlRevocationStore>(database, tenant);
  stores.counters = std::make_shared<SqlCounterStore>(database, tenant);
  stores.keys = std::make_shared<SqlKeyStore>(database, tenant);
  stores.events = std::make_shared<SqlEventStore>(database, tenant);
  return stores;
}

}  // namespace

Stores postgres_stores() { return stores_of(database_at("AUTHKIT_TEST_POSTGRESQL")); }
Stores pgbouncer_stores() { return stores_of(database_at("AUTHKIT_TEST_PGBOUNCER")); }

}  // namespace authkit::contract
