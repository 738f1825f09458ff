#pragma once

#include "db/sql_statement.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

#include <memory>
#include <string>
#include <unordered_map>

namespace authkit {

/// The statements of one SQLite connection, each compiled once and then kept: to compile one takes longer than to run it. Not through SOCI, which
/// compiles them each time.
///
/// Thread safety: one thread at a time. Ownership: it must outlive what it lends, and the connection must outlive it.
class SqliteStatements {
 public:
  /// `failed` is set when a statement fails: SQLite itself goes on and would commit the rest of a transaction.
  SqliteStatements(sqlite_api::sqlite3* handle, bool& failed) : handle_(handle), failed_(failed) {}

  std::unique_ptr<SqlStatement> lend(const std::string& sql);

 private:
  friend class SqliteStatement;
  struct Finalize {
    void operator()(sqlite_api::sqlite3_stmt* statement) const noexcept { sqlite_api::sqlite3_finalize(statement); }
  };
  using Compiled = std::unique_ptr<sqlite_api::sqlite3_stmt, Finalize>;

  static constexpr std::size_t most = 256;  // kept; the program has fewer texts than that

  sqlite_api::sqlite3* handle_;
  bool& failed_;
  std::unordered_map<std::string, Compiled> idle_;  // by text; nothing while it is lent
};

}  // namespace authkit
