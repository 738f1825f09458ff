#pragma once

#include "core/random.hpp"
#include "unit/db_fixture.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

namespace authkit::contract {

/// A PostgreSQL database of its own, dropped with it.
class OwnDatabase {
 public:
  OwnDatabase() {
    const char* url = std::getenv("AUTHKIT_TEST_POSTGRESQL");
    if (url == nullptr) FAIL("AUTHKIT_TEST_POSTGRESQL is not set: tests/run.sh starts the servers");
    server_.url = url;
    server_.connections = 1;
    server_.deadline = std::chrono::minutes(1);
    name_ = "test_" + to_text(random_id<TokenId>().value()).substr(0, 12);
    for (char& c : name_) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c == '-' ? '_' : c;
    outside("CREATE DATABASE " + name_);
    options.url = server_.url.substr(0, server_.url.rfind('/') + 1) + name_;
    options.deadline = std::chrono::seconds(30);
  }
  OwnDatabase(const OwnDatabase&) = delete;
  OwnDatabase& operator=(const OwnDatabase&) = delete;
  ~OwnDatabase() { outside("DROP DATABASE " + name_ + " WITH (FORCE)"); }

  std::shared_ptr<SqlDatabase> open() const { return as_sql(Database::open(options).value()); }
  std::shared_ptr<SqlDatabase> open_migrated() const {
    auto database = open();
    database->migrate_up(test::at(test::midday)).value();
    return database;
  }

  DatabaseOptions options;

 private:
  /// CREATE and DROP DATABASE run outside of transactions.
  void outside(const std::string& sql) const {
    as_sql(Database::open(server_).value())->read(Route::write, {}, [&](SqlSession& session) { session.script(sql); }).value();
  }

  DatabaseOptions server_;
  std::string name_;
};

}  // namespace authkit::contract
