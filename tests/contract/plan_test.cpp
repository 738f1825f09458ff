#include "contract/filled.hpp"
#include "contract/own_database.hpp"
#include "contract/samples.hpp"
#include "contract/sql_stores.hpp"
#include "contract/statement_log.hpp"
#include "revocation/sql_revocation_store.hpp"
#include "unit/auth_fixture.hpp"

#include <doctest/doctest.h>

#include <functional>

using namespace authkit;
using namespace authkit::contract;

namespace {

constexpr std::uint64_t many = 20'000;
constexpr Time now{Duration{1'769'860'800'000}};

/// What a scan may visit in vain, of `many`.
constexpr int few = 1'500;

struct Flow {
  const char* name;
  std::function<void(Auth&, auth_test::Deployment&)> run;
};

Login login(const std::string& name) {
  return {.login = name, .password = auth_test::auth_password, .transport = Transport::bearer, .device_name = {}};
}

Context from_somewhere() {
  Context context;
  context.address = "192.0.2.1";
  return context;
}

/// Runs every kind of background work once.
void maintain(Auth& auth, auth_test::Deployment& deployment) {
  for (int round = 0; round < 3; ++round) {
    deployment.advance(std::chrono::seconds(31));
    auth.maintain(std::chrono::minutes(1)).value();
  }
}

/// Everything whose time must not follow the size of a table.
const std::vector<Flow>& flows() {
  const auto list = [](AccountFilter filter) {
    return [filter](Auth& auth, auth_test::Deployment&) {
      const auto page = auth.accounts().list(filter, "", 20).value();
      auth.accounts().list(filter, page.next_cursor, 20).value();
    };
  };
  const auto events = [](void (*set)(EventFilter&)) {
    EventFilter filter;
    set(filter);
    return [filter](Auth& auth, auth_test::Deployment&) { auth.events().list(filter, "", 20, {}).value(); };
  };
  static const std::vector<Flow> all{
      {"login by e-mail", [](Auth& auth, auto&) { auth.accounts().log_in(login("user700@example.org"), from_somewhere()).value(); }},
      {"login by user name", [](Auth& auth, auto&) { auth.accounts().log_in(login("user701"), from_somewhere()).value(); }},
      {"login of nobody", [](Auth& auth, auto&) { CHECK_FALSE(auth.accounts().log_in(login("nobody"), from_somewhere())); }},
      {"refresh, sessions, logout",
       [](Auth& auth, auto&) {
         const auto grant = auth.accounts().log_in(login("user702")).value();
         const auto next = auth.accounts().refresh(grant.session_secret).value();
         auth.accounts().sessions(grant.account.id).value();
         const auto identity = auth.accounts().authenticate(next.access_token).value();
         auth.accounts().me(identity).value();
         auth.accounts().log_out(identity, LogoutScope::others).value();
         auth.accounts().log_out(identity).value();
         auth.accounts().log_out(identity, LogoutScope::all).value();
       }},
      {"cookie, touched",
       [](Auth& auth, auth_test::Deployment& deployment) {
         Login cookie = login("user703");
         cookie.transport = Transport::cookie;
         const auto grant = auth.accounts().log_in(cookie).value();
         deployment.advance(std::chrono::minutes(5));
         auth.revocations().poll().value();
         auth.accounts().authenticate_cookie(grant.session_secret).value();
       }},
      {"find", [](Auth& auth, auto&) { auth.accounts().find("user704@example.org").value(); }},
      {"find by id", [](Auth& auth, auto&) { auth.accounts().find(to_text(auth.accounts().find("user705").value().id)).value(); }},
      {"disable",
       [](Auth& auth, auto&) { auth.accounts().set_status(auth.accounts().find("user706").value().id, AccountStatus::disabled, "system").value(); }},
      {"list", list({})},
      {"list by role", list({"", {}, "admin"})},
      {"list by rare role", list({"", {}, "nobody"})},
      {"list by status", list({"", AccountStatus::active, ""})},
      {"list by rare status", list({"", AccountStatus::disabled, ""})},
      {"list by e-mail", list({"user123", {}, ""})},
      {"list by one e-mail", list({"user12345@", {}, ""})},
      {"list by rare e-mail", list({"zoe", {}, ""})},
      {"events", events([](EventFilter&) {})},
      {"events of an actor", events([](EventFilter& filter) { filter.actor = "actor17"; })},
      {"events of nobody", events([](EventFilter& filter) { filter.actor = "nobody"; })},
      {"events of an action", events([](EventFilter& filter) { filter.action = "action17"; })},
      {"events about", events([](EventFilter& filter) { filter.subject = "subject17"; })},
      {"events from", events([](EventFilter& filter) { filter.address = "192.0.2.17"; })},
      {"events then", events([](EventFilter& filter) {
         filter.from = now - Duration{15'000};
         filter.to = now - Duration{14'900};
       })},
      {"events of an actor then", events([](EventFilter& filter) {
         filter.actor = "actor17";
         filter.from = now - Duration{15'000};
         filter.to = now - Duration{10'000};
       })},
      {"feed", [](Auth& auth, auto&) { auth.revocations().poll().value(); }},
      {"background work", maintain},
  };
  return all;
}

bool reads_all(const std::string& line) {
  for (const char* small : {"authkit_key", "authkit_migration", "authkit_timeline"})
    if (line.find(small) != line.npos) return false;
  if (line.find("Seq Scan on authkit_") != line.npos) return true;
  if (line.starts_with("SCAN") && line.find("CONSTANT ROW") == line.npos && line.find("SCAN (subquery") == line.npos && line != "SCAN part")
    return true;  // "part" is a page of the audit log, whose own steps have lines of their own
  const std::string_view removed = "Rows Removed by Filter: ";
  const std::size_t at = line.find(removed);
  return at != line.npos && std::stoi(line.substr(at + removed.size())) > few;
}

/// The steps of plans that read a whole table, or much of it in vain.
std::vector<std::string> offences(Auth& auth, auth_test::Deployment& deployment, StatementLog& log) {
  std::vector<std::string> found;
  std::size_t planned = 0;
  for (const auto& flow : flows()) {
    log.statements();
    flow.run(auth, deployment);
    for (const auto& statement : log.statements()) {
      if (statement.sql.find("authkit_") == std::string::npos || statement.sql.starts_with("INSERT")) continue;
      const auto plan = log.plan(statement);
      planned += plan.empty() ? 0 : 1;
      for (const auto& line : plan)
        if (reads_all(line)) found.push_back(std::string(flow.name) + ": " + line + ": " + statement.sql);
    }
  }
  CHECK(planned > flows().size());
  return found;
}

struct Filled : auth_test::Deployment {
  explicit Filled(DatabaseOptions options) {
    config = memory();
    config.database = std::move(options);
    config.database.connections = 1;
    config.database.readers = 1;
    config.database.deadline = std::chrono::minutes(1);
    config.master_key = auth_test::master_key;
    const auto hash = Passwords::open(config.password).value().hash(auth_test::auth_password).value();
    const auto database = as_sql(Database::open(config.database).value());
    database->migrate_up(config.clock()).value();
    fill(*database, config.tenant, many, hash, config.clock());
    database->read(Route::write, {}, [](SqlSession& session) { session.script("ANALYZE"); }).value();
    auth = Auth::open(config).value();
  }
  SqlDatabase& database() { return dynamic_cast<SqlDatabase&>(*auth->database()); }
  void drop_index(const std::string& name) {
    database().read(Route::write, {}, [&](SqlSession& session) { session.script("DROP INDEX " + name); }).value();
  }

  Config config;
  std::unique_ptr<Auth> auth;
};

/// Each is missed by something.
void check(Filled& filled, StatementLog& log) {
  for (const auto& offence : offences(*filled.auth, filled, log)) FAIL_CHECK(offence);
  for (const char* index : {"authkit_account_username_key", "authkit_session_expiry", "authkit_revocation_feed", "authkit_event_unsealed"}) {
    filled.drop_index(index);
    CAPTURE(std::string(index));
    CHECK_FALSE(offences(*filled.auth, filled, log).empty());
  }
}

}  // namespace

TEST_CASE("PostgreSQL: no statement reads a whole table that grows, and a missing index is found") {
  const OwnDatabase own;
  Filled filled(own.options);
  PostgresLog log(filled.database());
  check(filled, log);
}

TEST_CASE("SQLite: no statement reads a whole table that grows, and a missing index is found") {
  test::Folder folder;
  DatabaseOptions options;
  options.url = "sqlite:" + (folder.path() / "auth.db").string();
  options.synchronous = "normal";
  Filled filled(options);
  const auto log = sqlite_log(filled.database());
  check(filled, *log);
}

TEST_CASE("PostgreSQL: a poll of the feed reads what is new, whatever the statistics of the table say") {
  const OwnDatabase own;
  DatabaseOptions options = own.options;
  options.connections = 1;
  const auto database = as_sql(Database::open(options).value());
  database->migrate_up(now).value();
  const auto run = [&](const std::string& script) { database->read(Route::write, {}, [&](SqlSession& session) { session.script(script); }).value(); };
  run("ALTER TABLE authkit_revocation SET (autovacuum_enabled = false)");
  SqlRevocationStore store(database, "default");
  const std::string empty = store.since("", 1000, {}).value().cursor;
  for (const char* known : {"nothing is known of it", "it was empty then", "it was small then"}) {
    CAPTURE(std::string(known));
    run("DO $$ BEGIN FOR i IN 1..10000 LOOP INSERT INTO authkit_revocation (tenant, kind, id, value, not_after) VALUES ('default', 's', "
        "decode(lpad(to_hex(i), 32, '0'), 'hex'), 0, 9000000000000); COMMIT; END LOOP; END $$");
    std::string cursor = empty;
    for (bool more = true; more;) {
      const auto batch = store.since(cursor, 4096, {}).value();
      cursor = batch.cursor;
      more = batch.more;
    }
    PostgresLog log(*database);
    log.statements();
    CHECK(store.since(cursor, 4096, {}).value().entries.empty());
    std::size_t planned = 0;
    for (const auto& statement : log.statements()) {
      for (const auto& line : log.plan(statement)) {
        ++planned;
        if (reads_all(line)) FAIL_CHECK(line, ": ", statement.sql);
      }
    }
    CHECK(planned > 0);
    if (std::string_view(known).starts_with("nothing")) {
      run("TRUNCATE authkit_revocation");
      run("ANALYZE authkit_revocation");
    } else {
      run("ANALYZE authkit_revocation");
    }
  }
}
