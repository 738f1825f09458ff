#pragma once

#include "db/sql_database.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

/// The PostgreSQL server of tests/services, for programs that need one.
namespace bench {

inline std::string server_url() {
  const char* url = std::getenv("AUTHKIT_TEST_POSTGRESQL");
  if (url == nullptr) {
    std::fputs("error: AUTHKIT_TEST_POSTGRESQL is not set: start tests/services/services.py\n", stderr);
    std::exit(1);
  }
  return url;
}

/// A database of its own, dropped with it.
class OwnDatabase {
 public:
  explicit OwnDatabase(std::string name) : name_(std::move(name)) {
    outside("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
    outside("CREATE DATABASE " + name_);
  }
  OwnDatabase(const OwnDatabase&) = delete;
  OwnDatabase& operator=(const OwnDatabase&) = delete;
  ~OwnDatabase() { outside("DROP DATABASE " + name_ + " WITH (FORCE)"); }

  std::string url() const { return server_url().substr(0, server_url().rfind('/') + 1) + name_; }

 private:
  static void outside(const std::string& sql) {
    authkit::DatabaseOptions options;
    options.url = server_url();
    options.deadline = std::chrono::minutes(1);
    authkit::as_sql(authkit::Database::open(options).value())->write_alone({}, [&](authkit::SqlSession& session) { session.script(sql); }).value();
  }

  std::string name_;
};

}  // namespace bench
