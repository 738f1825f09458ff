#include "server/program.hpp"

#include "server/raw_client.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <mutex>
#include <set>
#include <sqlite3.h>
#include <thread>
#include <vector>

using namespace authkit::test;

namespace {

constexpr const char* password = "correct horse battery staple";

std::string credentials(const std::string& email) { return boost::json::serialize(boost::json::object{{"email", email}, {"password", password}}); }

std::string member(const RawAnswer& answer, const char* name) { return std::string(boost::json::parse(answer.body).at(name).as_string()); }

std::string bearer(const std::string& token) { return "Authorization: Bearer " + token + "\r\n"; }

/// All values of a query's only column.
std::set<std::string> column(const std::string& file, const char* sql) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK);
  sqlite3_stmt* statement = nullptr;
  REQUIRE(sqlite3_prepare_v2(database, sql, -1, &statement, nullptr) == SQLITE_OK);
  std::set<std::string> values;
  while (sqlite3_step(statement) == SQLITE_ROW) values.insert(reinterpret_cast<const char*>(sqlite3_column_text(statement, 0)));
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return values;
}

constexpr const char* users = "SELECT id FROM authkit_account";
constexpr const char* registered = "SELECT replace(subject, '-', '') FROM authkit_event WHERE action = 'user.registered'";

}  // namespace

TEST_CASE("SIGTERM under load: every request that was let in is answered, and the program ends well") {
  const Folder folder;
  Program program(folder.file("auth.db"));
  RawClient first(program.port);
  REQUIRE(first.exchange(raw_request("POST", "/v1/auth/register", "", credentials("ada@example.org")))->status == 201);
  const auto login = first.exchange(raw_request("POST", "/v1/auth/login", "", credentials("ada@example.org")));
  REQUIRE(login);
  const std::string me = raw_request("GET", "/v1/auth/me", bearer(member(*login, "access_token")));

  std::atomic<int> answered{0};
  std::atomic<int> lost{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (;;) {
        RawClient client(program.port);
        if (!client.connected()) return;
        for (bool open = true; open;) {
          const auto answer = client.exchange(i % 2 == 0 ? me : raw_request("POST", "/v1/auth/login", "", credentials("ada@example.org")));
          ++(answer && answer->status == 200 ? answered : lost);
          open = answer && !answer->closes();
        }
      }
    });
  }
  while (answered < 400 && lost == 0) std::this_thread::yield();
  program.signal(SIGTERM);
  CHECK(program.wait() == 0);
  for (std::thread& thread : threads) thread.join();
  CHECK(lost == 0);
}

TEST_CASE("SIGKILL during 1,000 registrations loses no acknowledged one, and leaves no user without its event") {
  const Folder folder;
  std::mutex mutex;
  std::set<std::string> acknowledged;
  std::atomic<int> next{0};
  for (const std::size_t until : {250, 500, 750, 1000}) {
    Program program(folder.file("auth.db"));
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        RawClient client(program.port);
        for (;;) {
          const std::string email = "user" + std::to_string(next++) + "@example.org";
          const auto answer = client.exchange(raw_request("POST", "/v1/auth/register", "", credentials(email)));
          if (!answer) return;
          const std::lock_guard lock(mutex);
          if (answer->status == 201) acknowledged.insert(email);
          if (acknowledged.size() >= until) program.signal(SIGKILL);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(program.wait() == -SIGKILL);
  }
  CHECK(acknowledged.size() >= 1000);
  const std::set<std::string> stored = column(folder.file("auth.db"), "SELECT email FROM authkit_account");
  for (const std::string& email : acknowledged) CHECK(stored.contains(email));
  CHECK(column(folder.file("auth.db"), registered) == column(folder.file("auth.db"), users));
}

TEST_CASE("two servers on one database: a logout on one is refused on the other within seconds") {
  const Folder folder;
  Program one(folder.file("auth.db"));
  Program other(folder.file("auth.db"));
  RawClient here(one.port);
  RawClient there(other.port);
  REQUIRE(here.exchange(raw_request("POST", "/v1/auth/register", "", credentials("ada@example.org")))->status == 201);
  const auto login = there.exchange(raw_request("POST", "/v1/auth/login", "", credentials("ada@example.org")));
  REQUIRE(login);
  REQUIRE(login->status == 200);
  const std::string token = bearer(member(*login, "access_token"));
  CHECK(here.exchange(raw_request("GET", "/v1/auth/me", token))->status == 200);
  CHECK(there.exchange(raw_request("GET", "/v1/auth/me", token))->status == 200);

  CHECK(here.exchange(raw_request("POST", "/v1/auth/logout", token))->status == 204);
  const auto told = std::chrono::steady_clock::now();
  CHECK(here.exchange(raw_request("GET", "/v1/auth/me", token))->status == 401);
  int status = 200;
  while (status == 200 && std::chrono::steady_clock::now() - told < std::chrono::seconds{15}) {
    const auto answer = there.exchange(raw_request("GET", "/v1/auth/me", token));
    REQUIRE(answer);
    status = answer->status;
  }
  CHECK(status == 401);
  CHECK(std::chrono::steady_clock::now() - told < std::chrono::seconds{6});
  CHECK(there
            .exchange(raw_request("POST", "/v1/auth/refresh", "",
                                  boost::json::serialize(boost::json::object{{"refresh_token", member(*login, "refresh_token")}})))
            ->status == 401);
}

TEST_CASE("out of files the program goes on for those it has, and lets others in when there is room") {
  const Folder folder;
  Program program(folder.file("auth.db"));
  auto first = std::make_unique<RawClient>(program.port);
  REQUIRE(first->exchange(raw_request("POST", "/v1/auth/register", "", credentials("ada@example.org")))->status == 201);
  program.limit_files(5);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 30; ++i) clients.push_back(std::make_unique<RawClient>(program.port));
  CHECK(clients.front()->exchange(raw_request("GET", "/health"))->status == 200);
  for (int i = 0; i < 3; ++i) {
    const auto answer = first->exchange(raw_request("POST", "/v1/auth/login", "", credentials("ada@example.org")));
    REQUIRE(answer);
    CHECK(answer->status == 200);
  }
  RawClient last(program.port);
  clients.clear();
  CHECK(last.exchange(raw_request("POST", "/v1/auth/login", "", credentials("ada@example.org")))->status == 200);
  CHECK(first->exchange(raw_request("GET", "/health"))->status == 200);
}
