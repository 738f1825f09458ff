#include "contract/samples.hpp"
#include "contract/suite.hpp"

#include <atomic>

using namespace authkit;
using namespace authkit::contract;

namespace {

FactorId factor_id(std::uint64_t n) { return id<FactorId>(n); }

Factor factor(std::uint64_t n, std::uint64_t of = 1) {
  Factor one;
  one.id = factor_id(n);
  one.user = user(of);
  one.label = "phone " + std::to_string(n);
  one.sealed = "sealed " + std::to_string(n);
  one.created_at = t0 + Duration{static_cast<std::int64_t>(n)};
  return one;
}

void with_users(Fixture& f) {
  for (const std::uint64_t n : {1, 2}) f.commit([&](Tx& tx) { return f.accounts().insert(tx, account(n)); }).value();
}

void insert(Fixture& f, const Factor& one) {
  f.commit([&](Tx& tx) { return f.factors().insert(tx, one); }).value();
}

std::vector<Factor> list(Fixture& f, std::uint64_t of = 1) { return f.factors().list(user(of), f.context()).value(); }

bool use(Fixture& f, std::uint64_t n, std::uint64_t step, std::optional<Time> confirmed = {}) {
  return f.commit([&](Tx& tx) { return f.factors().use_step(tx, user(1), factor_id(n), step, confirmed); }).value();
}

using Code = std::array<std::uint8_t, 32>;
Code code(std::uint8_t n) {
  Code bytes{};
  bytes.fill(n);
  return bytes;
}

void set_codes(Fixture& f, const std::vector<Code>& codes, std::uint64_t of = 1) {
  f.commit([&](Tx& tx) { return f.factors().set_recovery_codes(tx, user(of), codes, t0); }).value();
}

bool use_code(Fixture& f, std::uint8_t n, std::uint64_t of = 1) {
  return f.commit([&](Tx& tx) { return f.factors().use_recovery_code(tx, user(of), code(n), t0); }).value();
}

}  // namespace

CONTRACT(FactorStore, "factors are listed as they were inserted, oldest first, each user's own") {
  with_users(f);
  Factor hard = factor(2);
  hard.label = hard_text(4);
  hard.sealed = hard_text(7);
  hard.last_step = std::numeric_limits<std::int64_t>::max();
  hard.confirmed_at = end_of_time;
  insert(f, hard);
  insert(f, factor(1));
  insert(f, factor(3, 2));
  const auto mine = list(f);
  REQUIRE(mine.size() == 2);
  CHECK(mine[0].id == factor_id(1));
  CHECK_FALSE(mine[0].confirmed_at);
  CHECK(mine[1].label == hard.label);
  CHECK(mine[1].sealed == hard.sealed);
  CHECK(mine[1].last_step == hard.last_step);
  CHECK(mine[1].confirmed_at == hard.confirmed_at);
  CHECK(mine[1].created_at == hard.created_at);
  CHECK(list(f, 2).size() == 1);
  CHECK(list(f, 3).empty());
}

CONTRACT(FactorStore, "a step is accepted upwards only, and the first one with a time confirms") {
  with_users(f);
  insert(f, factor(1));
  CHECK(use(f, 1, 10));
  CHECK_FALSE(list(f)[0].confirmed_at);
  CHECK(use(f, 1, 11, t0));
  CHECK(use(f, 1, 13, t0 + Duration{5}));
  CHECK(list(f)[0].confirmed_at == t0);
  for (const std::uint64_t old : {13, 12, 1, 0}) CHECK_FALSE(use(f, 1, old));
  CHECK(list(f)[0].last_step == 13);
  CHECK_FALSE(use(f, 2, 50));
}

CONTRACT(FactorStore, "of many that use one step one succeeds, and of one code too") {
  with_users(f);
  insert(f, factor(1));
  constexpr int threads = sanitized ? 8 : 50;
  for (std::uint8_t round = 1; round <= 3; ++round) {
    set_codes(f, {code(round)});
    std::atomic<int> steps{0}, codes{0};
    in_parallel(threads, [&](int) {
      steps += use(f, 1, round) ? 1 : 0;
      codes += use_code(f, round) ? 1 : 0;
    });
    CHECK(steps == 1);
    CHECK(codes == 1);
  }
}

CONTRACT(FactorStore, "recovery codes are replaced together and each is used once, by its user") {
  with_users(f);
  set_codes(f, {code(1), code(2)});
  CHECK_FALSE(use_code(f, 1, 2));
  CHECK_FALSE(use_code(f, 3));
  CHECK(use_code(f, 1));
  CHECK_FALSE(use_code(f, 1));
  set_codes(f, {code(3)});
  CHECK_FALSE(use_code(f, 2));
  CHECK(use_code(f, 3));
  set_codes(f, {});
  CHECK_FALSE(use_code(f, 3));
}

CONTRACT(FactorStore, "a dropped unit leaves factors and codes as they were") {
  with_users(f);
  insert(f, factor(1));
  set_codes(f, {code(1)});
  f.roll_back([&](Tx& tx) { return f.factors().insert(tx, factor(2)); }).value();
  f.roll_back([&](Tx& tx) { return f.factors().use_step(tx, user(1), factor_id(1), 5, t0); }).value();
  f.roll_back([&](Tx& tx) { return f.factors().erase(tx, user(1), factor_id(1)); }).value();
  f.roll_back([&](Tx& tx) { return f.factors().erase_all(tx, user(1)); }).value();
  f.roll_back([&](Tx& tx) { return f.factors().use_recovery_code(tx, user(1), code(1), t0); }).value();
  f.roll_back([&](Tx& tx) { return f.factors().set_recovery_codes(tx, user(1), {}, t0); }).value();
  REQUIRE(list(f).size() == 1);
  CHECK(list(f)[0].last_step == 0);
  CHECK(use_code(f, 1));
}

CONTRACT(FactorStore, "factors are removed one by one, all together, or when nobody confirmed them") {
  with_users(f);
  for (const std::uint64_t n : {1, 2, 3, 4}) insert(f, factor(n));
  CHECK(use(f, 2, 1, t0));
  CHECK_FALSE(f.commit([&](Tx& tx) { return f.factors().erase(tx, user(2), factor_id(1)); }).value());
  const auto purge = [&](Time before, std::size_t max) { return f.commit([&](Tx& tx) { return f.factors().purge(tx, before, max); }).value(); };
  CHECK(purge(t0 + Duration{1}, 10) == 0);
  CHECK(purge(t0 + Duration{4}, 1) == 1);
  CHECK(purge(t0 + Duration{4}, 10) == 1);
  CHECK(list(f).size() == 2);
  CHECK(f.commit([&](Tx& tx) { return f.factors().erase(tx, user(1), factor_id(4)); }).value());
  CHECK(f.commit([&](Tx& tx) { return f.factors().erase_all(tx, user(1)); }).value() == 1);
  CHECK(list(f).empty());
}
