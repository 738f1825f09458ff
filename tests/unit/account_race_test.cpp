#include "unit/account_scenarios.hpp"

#include <doctest/doctest.h>

using namespace authkit;
using namespace authkit::test;

TEST_CASE("64 refreshes of one token at once give one successor, 1,000 times over, and log nobody out") {
  race_refreshes(MemoryStores().stores(), 64, scaled(1000));
}
TEST_CASE("a replaced token that many present at once ends its session once") { race_reuse(MemoryStores().stores(), 16, 50); }
TEST_CASE("nothing survives a logout that races refreshes") { race_refresh_and_log_out(MemoryStores().stores(), scaled(1000)); }
TEST_CASE("500 guesses at once at one account run at most five password checks") { race_guesses(MemoryStores().stores(), 500); }
TEST_CASE("of many sign-ups with one address at once one succeeds") { race_sign_ups(MemoryStores().stores(), 16); }
