#pragma once

#include "authkit/revocation.hpp"

#include "db/sql_database.hpp"

namespace authkit {

/// The feed in table authkit_revocation. Where there is one writer at a time, numbers appear in the order of the commits, and "greater than the
/// last one seen" misses nothing. Where units run side by side (PostgreSQL) it would, so a reader asks for what its last snapshot did not see.
/// Thread safety: any thread.
class SqlRevocationStore : public RevocationStore {
 public:
  SqlRevocationStore(std::shared_ptr<SqlDatabase> database, std::string tenant);

  Result<void> add(Tx& tx, const RevocationEntry& entry) override;
  Result<RevocationBatch> since(const std::string& cursor, std::size_t max, const Context& context) override;
  Result<std::size_t> purge(Tx& tx, Time now, std::size_t max) override;

 private:
  struct FeedPosition;
  RevocationBatch page_of_snapshot(SqlSession& session, FeedPosition& at, std::int64_t size) const;
  void remember_changes(SqlSession& session, const std::vector<RevocationEntry>& entries) const;
  Result<RevocationBatch> since_number(const std::string& cursor, std::size_t max, const Context& context);
  Result<RevocationBatch> since_snapshot(const std::string& cursor, std::size_t max, const Context& context);

  std::shared_ptr<SqlDatabase> database_;
  std::string tenant_;
  const std::string add_, since_number_, next_page_, first_page_, purge_;
};

}  // namespace authkit
