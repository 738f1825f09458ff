#include "account/memory_account_store.hpp"
#include "contract/backend.hpp"
#include "event/memory_event_store.hpp"
#include "factor/memory_factor_store.hpp"
#include "limit/memory_counter_store.hpp"
#include "notify/memory_outbox_store.hpp"
#include "revocation/memory_revocation_store.hpp"
#include "session/memory_session_store.hpp"
#include "ticket/memory_ticket_store.hpp"
#include "token/memory_key_store.hpp"

namespace authkit::contract {

Stores memory_stores() {
  const auto work = std::make_shared<MemoryWork>();
  Stores stores;
  stores.work = work;
  stores.accounts = std::make_shared<MemoryAccountStore>(work);
  stores.sessions = std::make_shared<MemorySessionStore>(work);
  stores.revocations = std::make_shared<MemoryRevocationStore>(work);
  stores.counters = std::make_shared<MemoryCounterStore>();
  stores.keys = std::make_shared<MemoryKeyStore>(work);
  stores.events = std::make_shared<MemoryEventStore>(work);
  stores.outbox = std::make_shared<MemoryOutboxStore>(work);
  stores.factors = std::make_shared<MemoryFactorStore>(work);
  stores.tickets = std::make_shared<MemoryTicketStore>(work);
  return stores;
}

}  // namespace authkit::contract
