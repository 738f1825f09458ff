#pragma once

#include "authkit/limit.hpp"

#include "db/sql_database.hpp"

namespace authkit {

/// Counters in table authkit_counter, shared by all processes on the database. A take is one transaction (PostgreSQL: one round trip) that does not
/// wait for the disk: a power failure may forget the attempts of its last moment. It is a unit of work of its own, so never call it with another
/// one open on the same thread. Thread safety: any thread.
class SqlCounterStore : public CounterStore {
 public:
  SqlCounterStore(std::shared_ptr<SqlDatabase> database, std::string tenant);

  Result<LimitDecision> take(std::span<const LimitRequest> requests, Time now, const Context& context) override;
  Result<void> give_back(std::span<const LimitRequest> requests, Time now, const Context& context) override;
  Result<void> give_back_with(Tx& tx, std::span<const LimitRequest> requests, Time now, const Context& context) override;
  Result<std::size_t> purge(Time now, std::size_t max) override;

 private:
  Result<LimitDecision> take_in_one(std::span<const LimitRequest> requests, Time now, const Context& context);
  std::int64_t tat(SqlSession& session, const std::string& key) const;
  void give_back_each(SqlSession& session, std::span<const LimitRequest> requests, Time now) const;
  void set(SqlSession& session, const std::string& key, std::int64_t tat) const;

  std::shared_ptr<SqlDatabase> database_;
  std::string tenant_;
  const std::string find_, put_, erase_, purge_;
};

}  // namespace authkit
