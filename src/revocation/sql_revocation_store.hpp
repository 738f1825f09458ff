#pragma once

#include "authkit/revocation.hpp"

#include "db/sql_database.hpp"

namespace authkit {

/// The feed in table authkit_revocation. Rows are numbered by AUTOINCREMENT and there is one writer at a time, so the numbers appear in the
/// order of the commits and "greater than the last one seen" misses nothing. Thread safety: any thread.
class SqlRevocationStore : public RevocationStore {
 public:
  SqlRevocationStore(std::shared_ptr<SqlDatabase> database, std::string tenant);

  Result<void> add(Tx& tx, const RevocationEntry& entry) override;
  Result<RevocationBatch> since(const std::string& cursor, std::size_t max, const Context& context) override;
  Result<std::size_t> purge(Tx& tx, Time now, std::size_t max) override;

 private:
  std::shared_ptr<SqlDatabase> database_;
  std::string tenant_;
  const std::string add_, since_, purge_;
};

}  // namespace authkit
