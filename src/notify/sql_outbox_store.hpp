#pragma once

#include "authkit/outbox_store.hpp"

#include "db/sql_database.hpp"

namespace authkit {

/// The outbox in table authkit_outbox. Thread safety: any thread.
class SqlOutboxStore : public OutboxStore {
 public:
  SqlOutboxStore(std::shared_ptr<SqlDatabase> database, std::string tenant);

  Result<void> append(Tx& tx, const OutboxEntry& entry) override;
  Result<std::vector<OutboxEntry>> claim(Tx& tx, std::string_view topic, std::string_view owner, Time now, Time lease_until,
                                         std::size_t max) override;
  Result<bool> settle(Tx& tx, std::int64_t id, std::string_view owner, Time now) override;
  Result<bool> postpone(Tx& tx, std::int64_t id, std::string_view owner, std::optional<Time> next_at, std::string_view error, Time now) override;
  Result<OutboxStatus> status(std::string_view topic, const Context& context) override;
  Result<std::size_t> purge(Tx& tx, Time before, std::size_t max) override;

 private:
  std::shared_ptr<SqlDatabase> database_;
  std::string tenant_;
  const std::string append_, claim_, settle_, postpone_, waiting_, given_up_, purge_;
};

}  // namespace authkit
