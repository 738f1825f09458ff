#include "contract/own_database.hpp"
#include "contract/sql_stores.hpp"

namespace authkit::contract {
namespace {

/// Connections of their own to the database that all cases share, and a tenant that no other case has.
Stores stores_at(const char* variable) {
  DatabaseOptions options;
  options.url = service(variable);
  options.connections = 16;
  options.deadline = std::chrono::seconds(30);
  const auto database = as_sql(Database::open(options).value());
  static const bool migrated = database->migrate_up(test::at(test::midday)).has_value();
  REQUIRE(migrated);
  return sql_stores(database, to_text(random_id<TokenId>().value()));
}

}  // namespace

Stores postgres_stores() { return stores_at("AUTHKIT_TEST_POSTGRESQL"); }
Stores pgbouncer_stores() { return stores_at("AUTHKIT_TEST_PGBOUNCER"); }

}  // namespace authkit::contract
