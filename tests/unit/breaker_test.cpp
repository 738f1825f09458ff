#include "core/breaker.hpp"

#include <doctest/doctest.h>

#include <string_view>

using namespace authkit;

namespace {

/// Plays a script, a character a step: `+` a call succeeded, `-` it failed, `h` it hung, `p` a good probe, `x` a bad one, `.` a second passes.
Breaker after(std::string_view script) {
  Breaker breaker;
  SteadyTime now{std::chrono::hours(1)};
  for (const char step : script) {
    switch (step) {
      case '+':
        breaker.succeeded(now);
        break;
      case '-':
        breaker.failed(now);
        break;
      case 'h':
        breaker.hung();
        break;
      case 'p':
        breaker.probe_succeeded();
        break;
      case 'x':
        breaker.probe_failed();
        break;
      default:
        now += std::chrono::seconds(1);
        break;
    }
  }
  return breaker;
}

}  // namespace

TEST_CASE("Breaker: opens and closes by the table") {
  struct Row {
    std::string_view script;
    bool open;
    std::string_view why;
  };
  constexpr Row rows[] = {
      {"", false, "nothing happened"},
      {"-------------------", false, "nineteen calls say too little"},
      {"--------------------", true, "twenty failures"},
      {"++++++++++----------", true, "half of twenty"},
      {"+++++++++++----------", false, "less than half"},
      {"----------..........----------", false, "the first ten are too long ago"},
      {"----------.........----------", true, "nine seconds are not"},
      {"--------------------..........", true, "time alone does not close it"},
      {"--------------------++++++++++++++++++++", true, "calls that were under way do not either"},
      {"--------------------pp", true, "two probes are too few after failures"},
      {"--------------------ppp", false, "three are enough"},
      {"--------------------ppxpp", true, "in a row"},
      {"--------------------ppp-------------------", false, "what was before is forgotten"},
      {"h", true, "a call that hangs opens it at once"},
      {"hp", false, "for one good probe"},
      {"hx", true, "not for a bad one"},
      {"--------------------hp", true, "a hang does not lower the bar"},
      {"h--------------------p", true, "failures raise it"},
      {"x", false, "one bad probe may be an accident"},
      {"xx", true, "two are not"},
      {"xpx", false, "in a row"},
      {"xxp", false, "the server is back"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.script);
    CAPTURE(row.why);
    CHECK((after(row.script).state() == Breaker::State::open) == row.open);
  }
}

TEST_CASE("RetryBudget: ten at once, then one for ten calls that succeed") {
  RetryBudget budget;
  int taken = 0;
  while (budget.take()) ++taken;
  CHECK(taken == 10);
  for (int i = 0; i < 9; ++i) budget.succeeded();
  CHECK_FALSE(budget.take());
  budget.succeeded();
  CHECK(budget.take());
  CHECK_FALSE(budget.take());
  for (int i = 0; i < 1000; ++i) budget.succeeded();
  taken = 0;
  while (budget.take()) ++taken;
  CHECK(taken == 10);
}
