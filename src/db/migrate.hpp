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

/// One step of the schema; number 1 comes first, none is left out. The texts go through Dialect::migration().
struct Migration {
  std::uint32_t number;
  std::string_view name;
  std::string_view up;
  std::string_view down;
};

/// The migrations of this program, from src/db/migrations.
std::span<const Migration> embedded_migrations() noexcept;

/// Takes a database to a schema and back. Every step is one transaction that also records it, under the database's write lock: of several
/// programs that start at once one does the step, the others see it done. A step that fails leaves what was before it.
///
/// Thread safety: as the database. Errors: Errc::schema_mismatch when an applied migration is not among `migrations`, or was changed since.
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
  static std::vector<Applied> read(SqlSession& session);
  Result<std::vector<Applied>> applied();
  void require_ours(const std::vector<Applied>& applied) const;
  bool step_up(SqlSession& session, Time now) const;
  bool step_down(SqlSession& session) const;

  SqlDatabase& database_;
  std::span<const Migration> migrations_;
};

}  // namespace authkit
