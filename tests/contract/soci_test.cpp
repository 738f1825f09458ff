#include "authkit/soci.hpp"

#include "contract/own_database.hpp"
#include "contract/samples.hpp"
#include "unit/auth_fixture.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace authkit;
using namespace authkit::contract;

namespace {

/// A host with a table of its own beside authkit's, whose rows its hook writes.
struct Host : auth_test::Deployment {
  using Hook = std::function<Result<void>(std::string_view flow, const Account& account, Tx& tx)>;

  explicit Host(DatabaseOptions options) {
    Config config = memory();
    config.database = std::move(options);
    config.database.deadline = std::chrono::seconds(30);
    config.database.busy_timeout = std::chrono::seconds(30);
    config.master_key = auth_test::master_key;
    config.hooks.within = [this](std::string_view flow, const Account& account, Tx& tx, const Context&) {
      return hook ? hook(flow, account, tx) : Result<void>();
    };
    auth = Auth::open(config).value();
    run_sql(database(), Route::write, {}, [](soci::session& sql) {
      sql << "CREATE TABLE host_profile (account TEXT PRIMARY KEY, note TEXT NOT NULL UNIQUE)";
    }).value();
  }

  Database& database() { return *auth->database(); }
  static void insert(soci::session& sql, const std::string& account, const std::string& note) {
    sql << "INSERT INTO host_profile (account, note) VALUES (:account, :note)", soci::use(account), soci::use(note);
  }
  int count(const std::string& table) {
    return run_sql(database(), Route::read_latest, {},
                   [&](soci::session& sql) {
                     int count = 0;
                     sql << "SELECT count(*) FROM " + table, soci::into(count);
                     return count;
                   })
        .value();
  }
  /// Accounts, events and rows of the host.
  std::array<int, 3> counts() { return {count("authkit_account"), count("authkit_event"), count("host_profile")}; }

  Hook hook;
  std::unique_ptr<Auth> auth;
};

void commits_together(Host& host) {
  std::vector<std::string> flows;
  host.hook = [&](std::string_view flow, const Account& account, Tx& tx) {
    flows.emplace_back(flow);
    CHECK(account.password_hash.empty());
    const std::string id = to_text(account.id) + '/' + std::to_string(flows.size());
    return run_sql(tx, [&](soci::session& sql) { Host::insert(sql, id, id); });
  };
  host.auth->accounts().sign_up(auth_test::alice()).value();
  CHECK(host.counts() == std::array{1, 1, 1});
  const auto grant = auth_test::log_in(*host.auth);
  const auto refreshed = host.auth->accounts().refresh(grant.session_secret).value();
  CHECK_FALSE(host.auth->accounts().refresh(grant.session_secret).value().rotated);
  host.auth->accounts().log_out(host.auth->accounts().authenticate(refreshed.access_token).value()).value();
  host.auth->accounts().set_status(grant.account.id, AccountStatus::disabled, "system").value();
  CHECK(flows == std::vector<std::string>{"register", "login", "refresh", "logout", "set_status"});
  CHECK(host.count("host_profile") == 5);
}

/// Every way to fail, and what the flow then answers; nothing may be stored.
void rolls_back_together(Host& host) {
  run_sql(host.database(), Route::write, {}, [](soci::session& sql) { Host::insert(sql, "somebody", "taken"); }).value();
  const auto taken = [](soci::session& sql) { Host::insert(sql, "nobody", "taken"); };
  struct Case {
    const char* name;
    Host::Hook hook;
    Errc answer;
  };
  const Case cases[] = {
      {"the hook refuses after it wrote",
       [](std::string_view, const Account& account, Tx& tx) -> Result<void> {
         run_sql(tx, [&](soci::session& sql) { Host::insert(sql, to_text(account.id), "CANARY"); }).value();
         return Error{Errc::invalid_argument, "no such invitation"};
       },
       Errc::refused_by_host},
      {"its row is taken", [&](std::string_view, const Account&, Tx& tx) { return run_sql(tx, taken); }, Errc::refused_by_host},
      {"it does not look at the failure",
       [&](std::string_view, const Account&, Tx& tx) -> Result<void> {
         (void)run_sql(tx, taken);
         return {};
       },
       Errc::conflict},
      {"it swallows the exception",
       [&](std::string_view, const Account& account, Tx& tx) {
         return run_sql(tx, [&](soci::session& sql) {
           Host::insert(sql, to_text(account.id), "CANARY");
           try {
             taken(sql);
           } catch (const soci::soci_error&) {
           }
         });
       },
       Errc::internal},
      {"it swallows everything",
       [&](std::string_view, const Account&, Tx& tx) -> Result<void> {
         (void)run_sql(tx, [&](soci::session& sql) {
           try {
             taken(sql);
           } catch (const soci::soci_error&) {
           }
         });
         return {};
       },
       Errc::internal},
      {"it ends the transaction", [](std::string_view, const Account&, Tx& tx) { return run_sql(tx, [](soci::session& sql) { sql.rollback(); }); },
       Errc::internal},
      {"it has no such table",
       [](std::string_view, const Account&, Tx& tx) {
         return run_sql(tx, [](soci::session& sql) { sql << "INSERT INTO nowhere VALUES ('CANARY')"; });
       },
       Errc::schema_mismatch},
  };
  for (const auto& one : cases) {
    CAPTURE(std::string(one.name));
    host.hook = one.hook;
    const auto answer = host.auth->accounts().sign_up(auth_test::alice());
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == one.answer);
    CHECK(answer.error().message().find("CANARY") == std::string::npos);
    CHECK(host.counts() == std::array{0, 0, 1});
  }
  host.hook = [](std::string_view, const Account&, Tx& tx) { return run_sql(tx, [](soci::session&) { throw std::out_of_range("the host's"); }); };
  CHECK_THROWS_AS((void)host.auth->accounts().sign_up(auth_test::alice()), std::out_of_range);
  CHECK(host.counts() == std::array{0, 0, 1});
  host.hook = nullptr;
  host.auth->accounts().sign_up(auth_test::alice()).value();
  CHECK(host.counts() == std::array{1, 1, 1});
}

/// A unit that the host began, with an event of its own.
void joins_stores(Host& host) {
  for (const bool commit : {false, true}) {
    const auto tx = host.database().begin({}).value();
    run_sql(*tx, [](soci::session& sql) { Host::insert(sql, "one", "note"); }).value();
    host.auth->events().append(*tx, contract::event(1)).value();
    const std::string seen = run_sql(*tx, [](soci::session& sql) {
                               std::string note;
                               sql << "SELECT note FROM host_profile WHERE account = 'one'", soci::into(note);
                               return note;
                             }).value();
    CHECK(seen == "note");
    if (commit) tx->commit().value();
  }
  CHECK(host.counts() == std::array{0, 1, 1});

  const auto tx = host.database().begin({}).value();
  CHECK(run_sql(host.database(), Route::write, {}, [](soci::session&) {}).error().code == Errc::invalid_argument);
  tx->commit().value();
  CHECK(run_sql(*tx, [](soci::session&) {}).error().code == Errc::invalid_argument);
  CHECK(host.counts() == std::array{0, 1, 1});
}

/// Without a unit around it.
void runs_alone(Host& host) {
  const auto twice = run_sql(host.database(), Route::write, {}, [](soci::session& sql) {
    Host::insert(sql, "a", "CANARY");
    Host::insert(sql, "b", "CANARY");
  });
  REQUIRE_FALSE(twice);
  CHECK(twice.error().code == Errc::conflict);
  CHECK(twice.error().message().find("CANARY") == std::string::npos);
  for (const Route route : {Route::read_latest, Route::read_replica}) {
    const auto count = run_sql(host.database(), route, {}, [](soci::session& sql) {
      int rows = -1;
      sql << "SELECT count(*) FROM host_profile", soci::into(rows);
      return rows;
    });
    CHECK(count.value() == 0);
    const auto cast = run_sql(host.database(), route, {}, [](soci::session& sql) { sql << "SELECT 'CANARY' FROM nowhere"; });
    REQUIRE_FALSE(cast);
    CHECK(cast.error().message().find("CANARY") == std::string::npos);
  }
}

void with_sqlite(void (*body)(Host&)) {
  const test::Folder folder;
  DatabaseOptions options;
  options.url = "sqlite:" + (folder.path() / "auth.db").string();
  options.synchronous = "normal";
  Host host(options);
  body(host);
}

void with_postgresql(void (*body)(Host&)) {
  const OwnDatabase own;
  Host host(own.options);
  body(host);
}

}  // namespace

TEST_CASE("SQLite: the host's rows, the account and its events commit together") { with_sqlite(commits_together); }
TEST_CASE("PostgreSQL: the host's rows, the account and its events commit together") { with_postgresql(commits_together); }
TEST_CASE("SQLite: however the host's part fails, nothing of the flow is stored") { with_sqlite(rolls_back_together); }
TEST_CASE("PostgreSQL: however the host's part fails, nothing of the flow is stored") { with_postgresql(rolls_back_together); }
TEST_CASE("SQLite: a unit of the host's takes its SQL and authkit's stores") { with_sqlite(joins_stores); }
TEST_CASE("PostgreSQL: a unit of the host's takes its SQL and authkit's stores") { with_postgresql(joins_stores); }
TEST_CASE("SQLite: the host's SQL runs alone on the route it asks for") { with_sqlite(runs_alone); }
TEST_CASE("PostgreSQL: the host's SQL runs alone on the route it asks for") { with_postgresql(runs_alone); }

TEST_CASE("a unit of memory stores runs no SQL") {
  auth_test::Deployment deployment;
  Config config = deployment.memory();
  config.hooks.within = [](std::string_view, const Account&, Tx& tx, const Context&) { return run_sql(tx, [](soci::session&) {}); };
  const auto auth = Auth::open(config).value();
  const auto refused = auth->accounts().sign_up(auth_test::alice());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::refused_by_host);
  CHECK(auth->accounts().find("alice").error().code == Errc::not_found);
}
