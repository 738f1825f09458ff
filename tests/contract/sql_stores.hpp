#pragma once

#include "account/sql_account_store.hpp"
#include "contract/backend.hpp"
#include "event/sql_event_store.hpp"
#include "factor/sql_factor_store.hpp"
#include "limit/sql_counter_store.hpp"
#include "notify/sql_outbox_store.hpp"
#include "revocation/sql_revocation_store.hpp"
#include "session/sql_session_store.hpp"
#include "ticket/sql_ticket_store.hpp"
#include "token/sql_key_store.hpp"

namespace authkit::contract {

/// All stores of a tenant in that database.
inline Stores sql_stores(const std::shared_ptr<SqlDatabase>& database, const std::string& tenant) {
  Stores stores;
  stores.work = database;
  stores.accounts = std::make_shared<SqlAccountStore>(database, tenant);
  stores.sessions = std::make_shared<SqlSessionStore>(database, tenant);
  stores.revocations = std::make_shared<SqlRevocationStore>(database, tenant);
  stores.counters = std::make_shared<SqlCounterStore>(database, tenant);
  stores.keys = std::make_shared<SqlKeyStore>(database, tenant);
  stores.events = std::make_shared<SqlEventStore>(database, tenant);
  stores.outbox = std::make_shared<SqlOutboxStore>(database, tenant);
  stores.factors = std::make_shared<SqlFactorStore>(database, tenant);
  stores.tickets = std::make_shared<SqlTicketStore>(database, tenant);
  return stores;
}

}  // namespace authkit::contract
