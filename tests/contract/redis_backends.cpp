#include "contract/backend.hpp"
#include "contract/own_database.hpp"
#include "limit/redis_counter_store.hpp"
#include "revocation/redis_revocation_store.hpp"
#include "revocation/redis_revocation_stream.hpp"
#include "session/redis_session_store.hpp"

namespace authkit::contract {
namespace {

Stores stores_at(const char* variable) {
  redis::ClientOptions patient;
  patient.patience = std::chrono::seconds(30);
  const std::shared_ptr<redis::Client> client = redis::Client::open(service(variable), patient).value();
  const std::string tenant = to_text(random_id<TokenId>().value());
  Stores stores = memory_stores();
  stores.sessions = std::make_shared<RedisSessionStore>(client, tenant);
  stores.counters = std::make_shared<RedisCounterStore>(client, tenant);
  // A feed that was there before: a new one begins with an entry of its own.
  const std::string stream = stream_key_of(tenant);
  static_cast<void>(client->call({"SET", epoch_key_of(stream), "there"}, true));
  static_cast<void>(client->call({"XADD", stream, "1-1", "r", ""}));
  static_cast<void>(client->call({"XDEL", stream, "1-1"}, true));
  stores.revocations = std::make_shared<RedisRevocationStore>(client, tenant, 0, std::chrono::hours(1), system_now);
  return stores;
}

}  // namespace

Stores redis_stores() { return stores_at("AUTHKIT_TEST_REDIS"); }
Stores redis_tls_stores() { return stores_at("AUTHKIT_TEST_REDIS_TLS"); }
Stores redis_cluster_stores() { return stores_at("AUTHKIT_TEST_REDIS_CLUSTER"); }

}  // namespace authkit::contract
