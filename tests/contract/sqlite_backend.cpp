#include "contract/sql_stores.hpp"
#include "unit/db_fixture.hpp"

namespace authkit::contract {

Stores sqlite_stores() {
  // Nothing here outlives the process, so nothing needs to survive a power failure.
  DatabaseOptions options;
  options.synchronous = "normal";
  const auto fixture = std::make_shared<test::SqliteFixture>(options);
  Stores stores = sql_stores(fixture->database, "contract");
  stores.work = std::shared_ptr<UnitOfWork>(fixture, fixture->database.get());  // keeps the folder as long as the stores are used
  return stores;
}

}  // namespace authkit::contract
