#pragma once

#include "authkit/database.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace authkit {

class SqlDatabase;
class SqlSession;

/// One step of the schema; number 1 comes first, none is left out. The texts go through Dialect::migration(). A text that starts with the line
/// `-- no transaction` is one statement, which PostgreSQL runs outside of a transaction (CREATE INDEX CONCURRENTLY IF NOT EXISTS); a step named
/// `contract_...` takes away what programs without it still use.
struct Migration {
  std::uint32_t number;
  std::string_view name;
  std::string_view up;
  std::string_view down;
};

/// The migrations of this program, from src/db/migrations.
std::span<const Migration> embedded_migrations() noexcept;

/// Takes a database to a schema and back. Every step is one transaction that also records it, under a lock that others try for, not wait on, since a
/// statement that waits would hold up an index built concurrently: of several programs that start at once one does the step, the others see it done.
/// A step that fails leaves what was before it; outside of a transaction an unfinished index, which the next try drops.
///
/// A database may be ahead of the program by steps that only add: then up() has nothing to do and check() is content, so that a release can be rolled
/// out and back.
///
/// Thread safety: as the database. Errors: Errc::schema_mismatch when an applied migration was changed, or is unknown and takes something away or is
/// to be undone; Errc::config_invalid when a step outside of a transaction meets a connection pooler.
class Migrator {
 public:
  Migrator(SqlDatabase& database, std::span<const Migration> migrations) : database_(database), migrations_(migrations) {}

  Result<std::size_t> up(Time now);
  Result<std::size_t> down(std::size_t steps);
  Result<std::vector<MigrationStatus>> status();
  Result<void> check();

 private:
  struct Applied {
    std::uint32_t number = 0;
    std::string name;
    std::string checksum;
    Time at;
  };
  enum class Direction : std::uint8_t { up, down };
  enum class Outcome : std::uint8_t { nothing_to_do, done, outside, busy };  ///< outside: of a transaction it must be

  static std::vector<Applied> read(SqlSession& session);
  Result<std::vector<Applied>> applied();
  void require_fit(const std::vector<Applied>& applied) const;
  const Migration* next(SqlSession& session, Direction direction) const;
  Result<std::size_t> steps(Direction direction, std::size_t count, Time now);
  static std::string_view script_of(const Migration& migration, Direction direction);
  static bool is_outside(SqlSession& session, const Migration& migration, Direction direction);
  Outcome step(SqlSession& session, Direction direction, Time now) const;
  Outcome step_outside(SqlSession& session, Direction direction, Time now) const;
  static void run(SqlSession& session, const Migration& migration, Direction direction, Time now);

  SqlDatabase& database_;
  std::span<const Migration> migrations_;
};

}  // namespace authkit
