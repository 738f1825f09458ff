#pragma once

#include "core/random.hpp"
#include "unit/db_fixture.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

namespace authkit::contract {

/// An environment variable that tests/run.sh sets.
inline std::string service(const char* variable) {
  const char* value = std::getenv(variable);
  if (value == nullptr) FAIL(variable, " is not set: tests/run.sh starts the servers, or tests/services/services.py by hand");
  return value;
}

/// A PostgreSQL database of its own, dropped with it.
class OwnDatabase {
 public:
  OwnDatabase() {
    server_.url = service("AUTHKIT_TEST_POSTGRESQL");
    server_.connections = 1;
    server_.deadline = std::chrono::minutes(1);
    name_ = "test_" + to_text(random_id<TokenId>().value()).substr(0, 12);
    for (char& c : name_) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c == '-' ? '_' : c;
    outside("CREATE DATABASE " + name_).value();
    options.url = of(server_.url);
    options.deadline = std::chrono::seconds(30);
  }
  OwnDatabase(const OwnDatabase&) = delete;
  OwnDatabase& operator=(const OwnDatabase&) = delete;
  ~OwnDatabase() { static_cast<void>(outside("DROP DATABASE " + name_ + " WITH (FORCE)")); }  // what stays goes with the server

  std::shared_ptr<SqlDatabase> open() const { return as_sql(Database::open(options).value()); }
  std::shared_ptr<SqlDatabase> open_migrated() const {
    auto database = open();
    database->migrate_up(test::at(test::midday)).value();
    return database;
  }
  /// The URL of this database on the server of that URL.
  std::string of(const std::string& url) const { return url.substr(0, url.rfind('/') + 1) + name_; }

  DatabaseOptions options;

 private:
  /// CREATE and DROP DATABASE run outside of transactions.
  Result<void> outside(const std::string& sql) const {
    const auto opened = Database::open(server_);
    if (!opened) return opened.error();
    return as_sql(*opened)->read(Route::write, {}, [&](SqlSession& session) { session.script(sql); });
  }

  DatabaseOptions server_;
  std::string name_;
};

/// Ends what other connections to this database there are and waits until they are gone. A worker of autovacuum in it is not
/// ours to end: the server would refuse the statement.
inline void end_other_connections(SqlDatabase& database) {
  const auto ended = [](SqlSession& session) {
    session.script(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND "
        "backend_type = 'client backend' AND pid <> pg_backend_pid()");
  };
  database.write_alone({}, ended).value();
}

}  // namespace authkit::contract
