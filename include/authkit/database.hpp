#pragma once

#include "authkit/read_after.hpp"
#include "authkit/types.hpp"
#include "authkit/unit_of_work.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace authkit {

/// What a read asks of the node that answers it. The author of a query states it; nothing sniffs SQL.
enum class Route : std::uint8_t {
  write,         ///< the primary
  read_latest,   ///< the primary: everything that decides security
  read_replica,  ///< a replica that has replayed what the caller has seen, else the primary
};

struct DatabaseOptions {
  std::string url = "memory:";       ///< "memory:", "sqlite:/path/file.db", "postgresql://user:password@host:port/name"
  std::string synchronous = "full";  ///< SQLite: "full" survives power loss, "normal" only the death of the process
  Duration busy_timeout{5000};       ///< SQLite: how long a writer waits for another process' transaction
  std::uint32_t readers = 4;         ///< SQLite: read connections
  std::uint32_t connections = 8;     ///< PostgreSQL: at most this many
  Duration deadline{300};            ///< PostgreSQL: how long a call may take whose caller named no deadline
  /// PostgreSQL: URLs of the other servers of the cluster, comma-separated, each naming one; `weight=2` in the query of one gives it twice the reads.
  /// Which of all is the primary is found by asking them, at the start and after a failover.
  std::string replica_url;
  Duration max_lag{10'000};  ///< PostgreSQL: a replica that is further behind answers nothing
};

enum class NodeRole : std::uint8_t { unknown, primary, replica };

enum class NodeHealth : std::uint8_t {
  unknown,      ///< not asked yet
  up,           ///< answers
  suspect,      ///< failed to answer just now; replicas are not used, the primary is on probation
  down,         ///< does not answer; probes go on
  quarantined,  ///< answers, but must not be used: NodeStatus::trouble says why
};

std::string_view to_text(NodeRole role) noexcept;
std::string_view to_text(NodeHealth health) noexcept;

/// One server of a database.
struct NodeStatus {
  std::string url;  ///< without its secrets
  NodeRole role = NodeRole::unknown;
  NodeHealth health = NodeHealth::unknown;
  LogPosition position;         ///< a primary's: written; a replica's: replayed
  std::optional<Duration> lag;  ///< of a replica; nothing = further behind than is remembered, or not known
  std::uint32_t weight = 1;
  std::uint32_t in_flight = 0;  ///< calls under way
  std::uint64_t calls = 0;      ///< since the start
  std::string trouble;          ///< what was wrong last; empty = nothing
};

struct DatabaseStatus {
  std::vector<NodeStatus> nodes;
  std::uint64_t replica_reads = 0;  ///< reads that a replica took
  std::uint64_t guest_reads = 0;    ///< reads that the primary took because no replica was fit to
  std::uint64_t waits = 0;          ///< reads that waited for a replica to catch up
  std::uint64_t retries = 0;        ///< calls that were sent a second time
};

/// As one JSON object: {"nodes":[{"url","role","health","timeline","lsn","lag_ms","weight","in_flight","calls","trouble"}],"replica_reads",...}.
std::string to_json(const DatabaseStatus& status);

/// One migration of the embedded schema.
struct MigrationStatus {
  std::uint32_t number = 0;
  std::string name;
  std::optional<Time> applied_at;  ///< nothing = pending
};

/// A SQL database: connections, units of work, migrations.
///
/// Thread safety: any number of threads. Ownership: owns its connections; stores hold it shared.
/// Errors: Errc::store_unavailable, Errc::store_conflict, Errc::schema_mismatch, Errc::config_invalid. No message ever holds a bound value.
class Database : public UnitOfWork {
 public:
  /// Opens (and for SQLite creates) the database; does not migrate. A `memory:` URL has no Database: Errc::config_invalid.
  static Result<std::shared_ptr<Database>> open(const DatabaseOptions& options);

  /// Applies pending migrations, each in its own transaction, under a lock against others; how many. One that builds an index beside running
  /// programs is no transaction, and needs a URL that leads to the server itself: Errc::config_invalid through a connection pooler.
  virtual Result<std::size_t> migrate_up(Time now) = 0;
  /// Undoes the newest `steps` migrations; how many.
  virtual Result<std::size_t> migrate_down(std::size_t steps) = 0;
  virtual Result<std::vector<MigrationStatus>> migrations() = 0;
  /// Errc::schema_mismatch unless the embedded migrations are applied, unchanged; those of a newer program may follow, if they only add.
  virtual Result<void> check_schema() = 0;

  /// One cheap round trip to the primary, within the context's deadline.
  virtual Result<void> ping(const Context& context) = 0;
  /// The URL without its secrets, for people.
  virtual std::string redacted_url() const = 0;
  /// What is known of every server, without asking any.
  virtual DatabaseStatus status() const = 0;
};

}  // namespace authkit
