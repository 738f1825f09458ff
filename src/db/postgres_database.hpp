#pragma once

#include "db/postgres_node.hpp"
#include "db/postgres_url.hpp"
#include "db/recent_positions.hpp"
#include "db/router.hpp"
#include "db/sql_database.hpp"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace authkit {

/// PostgreSQL: one server, or a primary and its replicas, each directly or behind PgBouncer in transaction mode: one-time statements only, no session
/// state.
///
/// Owns threads: `authkit-connect` makes connections and `authkit-probe` asks how the server is, one of each a server; `authkit-deadline` ends calls
/// that no server answers.
class PostgresDatabase final : public SqlDatabase {
 public:
  /// Waits until a primary is found. Errors: Errc::config_invalid, Errc::store_unavailable.
  static Result<std::shared_ptr<PostgresDatabase>> open(const DatabaseOptions& options);

  PostgresDatabase(const DatabaseOptions& options, std::vector<PostgresServer> servers);
  ~PostgresDatabase() override;

  const Dialect& dialect() const noexcept override { return postgres_dialect; }
  std::string redacted_url() const override { return servers_.front().url; }
  DatabaseStatus status() const override;
  void remember(const UserId& user, LogPosition position) override { positions_.join(user, position); }

 protected:
  Errand plan(Route route, const Context& context) const override;
  Result<SqlLease> lease(const Errand& errand) override;
  bool settle(Errand& errand, SqlLease& lease, const Error* failure) override;
  void committed(LogPosition position, const std::vector<UserId>& users) override;
  Result<void> make_durable() override { return {}; }  // COMMIT does not return before
  Duration patience() const noexcept override { return patience_; }

 private:
  Result<void> wait_for_primary(Deadline deadline);
  Result<Choice> choose(const Errand& errand);
  void on_probe(std::size_t node, Result<Probe> found);
  void on_fault(std::size_t node, Fault fault);
  bool leads_to(std::size_t node, SqlLease& lease);
  bool retry_connecting(Deadline deadline);
  void forget_old_timelines(SteadyTime now);
  std::size_t node_of(const SqlLease& lease) const noexcept;

  const std::vector<PostgresServer> servers_;
  const Duration patience_;
  RecentPositions positions_;

  mutable std::mutex mutex_;  ///< of the router and what follows
  std::condition_variable changed_;
  Router router_;
  RetryBudget retries_left_;
  std::vector<std::uint32_t> in_flight_;
  std::vector<std::uint64_t> calls_;
  std::uint64_t replica_reads_ = 0, guest_reads_ = 0, waits_ = 0, retries_ = 0;
  std::uint32_t timeline_ = 0;
  SteadyTime timeline_since_;
  bool closing_ = false;

  std::shared_ptr<std::atomic<std::uint32_t>> guests_ = std::make_shared<std::atomic<std::uint32_t>>(0);
  std::vector<std::unique_ptr<PostgresNode>> nodes_;  // last: their threads call back
};

}  // namespace authkit
