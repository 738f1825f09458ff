#include "account/sql_account_store.hpp"
#include "contract/backend.hpp"
#include "event/sql_event_store.hpp"
#include "limit/sql_counter_store.hpp"
#include "revocation/sql_revocation_store.hpp"
#include "session/sql_session_store.hpp"
#include "token/sql_key_store.hpp"
#include "unit/db_fixture.hpp"

namespace authkit::contract {

Stores sqlite_stores() {
  // Nothing here outlives the process, so nothing needs to survive a power failure.
  DatabaseOptions options;
  options.synchronous = "normal";
  const auto fixture = std::make_shared<test::SqliteFixture>(options);
  const auto& database = fixture->database;
  const std::string tenant = "contract";
  Stores stores;
  stores.work = std::shared_ptr<UnitOfWork>(fixture, database.get());  // keeps the folder as long as the stores are used
  stores.accounts = std::make_shared<SqlAccountStore>(database, tenant);
  stores.sessions = std::make_shared<SqlSessionStore>(database, tenant);
  stores.revocations = std::make_shared<SqlRevocationStore>(database, tenant);
  stores.counters = std::make_shared<SqlCounterStore>(database, tenant);
  stores.keys = std::make_shared<SqlKeyStore>(database, tenant);
  stores.events = std::make_shared<SqlEventStore>(database, tenant);
  return stores;
}

}  // namespace authkit::contract
