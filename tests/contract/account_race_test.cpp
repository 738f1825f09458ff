#include "contract/backend.hpp"
#include "unit/account_scenarios.hpp"

#include <doctest/doctest.h>

using namespace authkit;
using namespace authkit::test;

// The races of the account flows over SQL: what tests/unit shows over memory must not depend on one lock around everything.
TEST_CASE("SQLite: 64 refreshes of one token at once give one successor, 400 times over, and log nobody out") {
  race_refreshes(contract::sqlite_stores(), 64, scaled(400));
}
TEST_CASE("SQLite: a replaced token that many present at once ends its session once") { race_reuse(contract::sqlite_stores(), 16, 50); }
TEST_CASE("SQLite: nothing survives a logout that races refreshes") { race_refresh_and_log_out(contract::sqlite_stores(), scaled(300)); }
TEST_CASE("SQLite: 500 guesses at once at one account run at most five password checks") { race_guesses(contract::sqlite_stores(), 500); }
TEST_CASE("SQLite: of many sign-ups with one address at once one succeeds") { race_sign_ups(contract::sqlite_stores(), 16); }

TEST_CASE("PostgreSQL: 64 refreshes of one token at once give one successor, 100 times over, and log nobody out") {
  race_refreshes(contract::postgres_stores(), 64, scaled(100));
}
TEST_CASE("PostgreSQL: a replaced token that many present at once ends its session once") { race_reuse(contract::postgres_stores(), 16, 20); }
TEST_CASE("PostgreSQL: nothing survives a logout that races refreshes") { race_refresh_and_log_out(contract::postgres_stores(), scaled(100)); }
TEST_CASE("PostgreSQL: 500 guesses at once at one account run at most five password checks") { race_guesses(contract::postgres_stores(), 500); }
TEST_CASE("PostgreSQL: of many sign-ups with one address at once one succeeds") { race_sign_ups(contract::postgres_stores(), 16); }
