#pragma once

#include "db/sql_database.hpp"

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace authkit::contract {

/// A statement as the database got it.
struct SentStatement {
  std::string sql;
  std::vector<std::optional<std::string>> values = {};  ///< its parameters in order; none where they stand in the text
};

/// What a database is sent while this lives. For a database of one connection (PostgreSQL) or one reader (SQLite), and one thread.
class StatementLog {
 public:
  virtual ~StatementLog() = default;

  /// Everything since the last call, and forgets it. Scripts are taken apart at their semicolons.
  virtual std::vector<SentStatement> statements() = 0;
  /// The plan of that statement, a step a line. It is run for that where the database tells more then, and undone.
  virtual std::vector<std::string> plan(const SentStatement& statement) = 0;
};

/// PostgreSQL: also how often the client waited for an answer.
class PostgresLog : public StatementLog {
 public:
  explicit PostgresLog(SqlDatabase& database);
  ~PostgresLog() override;

  std::vector<SentStatement> statements() override;
  std::vector<std::string> plan(const SentStatement& statement) override;
  /// Since the last call of statements() or of this, forgetting both.
  std::size_t round_trips();

 private:
  std::string take();

  SqlDatabase& database_;
  char* text_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* file_;
};

std::unique_ptr<StatementLog> sqlite_log(SqlDatabase& database);

}  // namespace authkit::contract
