#include "contract/own_database.hpp"
#include "contract/statement_log.hpp"
#include "unit/auth_fixture.hpp"

#include <doctest/doctest.h>

using namespace authkit;
using namespace authkit::contract;

namespace {

struct Step {
  const char* name;
  std::size_t round_trips;
  std::function<void(Auth&)> run;
};

}  // namespace

// What a flow costs beside PostgreSQL is how often it waits for an answer.
// BEGIN and the id of the transaction travel with the first statement of a unit.
TEST_CASE("PostgreSQL: every flow takes its number of round trips and no more") {
  const OwnDatabase own;
  auth_test::Deployment deployment;
  Config config = deployment.memory();
  config.database = own.options;
  config.database.connections = 1;
  config.master_key = auth_test::master_key;
  const auto auth = Auth::open(config).value();
  Context context;
  context.address = "192.0.2.1";
  Grant grant, cookie;
  Identity identity;
  const Step steps[] = {
      // The limit; account, event and commit.
      {"sign up", 3, [&](Auth& a) { a.accounts().sign_up(auth_test::alice(), context).value(); }},
      // Account; limit; last login, session, event, commit and the return to the limit.
      {"login", 3,
       [&](Auth& a) { grant = a.accounts().log_in({.login = "alice", .password = auth_test::auth_password, .device_name = {}}, context).value(); }},
      {"verify", 0, [&](Auth& a) { identity = a.accounts().authenticate(grant.access_token).value(); }},
      {"me, cold", 1, [&](Auth& a) { a.accounts().me(identity).value(); }},
      {"me, warm", 0, [&](Auth& a) { a.accounts().me(identity).value(); }},
      // Session; account, rotation and commit.
      {"refresh", 2, [&](Auth& a) { a.accounts().refresh(grant.session_secret).value(); }},
      // Session, feed, event and commit.
      {"logout", 1, [&](Auth& a) { a.accounts().log_out(identity).value(); }},
      {"find", 1, [&](Auth& a) { a.accounts().find("alice@example.com").value(); }},
      {"feed", 1, [&](Auth& a) { a.revocations().poll().value(); }},
  };
  PostgresLog log(dynamic_cast<SqlDatabase&>(*auth->database()));
  for (const auto& step : steps) {
    CAPTURE(std::string(step.name));
    log.round_trips();
    step.run(*auth);
    CHECK(log.round_trips() == step.round_trips);
  }
}
