#include "account/account_cache.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace authkit;
using namespace std::chrono_literals;

namespace {

UserId user(std::uint8_t n) {
  UserId id;
  id.bytes[15] = n;
  return id;
}

std::shared_ptr<const Account> account(std::uint8_t n, std::uint64_t version = 1) {
  Account a;
  a.id = user(n);
  a.version = version;
  return std::make_shared<const Account>(a);
}

const Time start{1'000'000ms};

void store(AccountCache& cache, std::uint8_t n, Time now = start) { cache.put(cache.begin_fill(user(n), now), account(n)); }

}  // namespace

TEST_CASE("the account cache gives back what it was given, up to its age") {
  AccountCache cache(10, 5s);
  CHECK(cache.find(user(1), start) == nullptr);
  store(cache, 1);
  REQUIRE(cache.find(user(1), start));
  CHECK(cache.find(user(1), start + 5s)->id == user(1));
  CHECK(cache.find(user(2), start) == nullptr);
  CHECK(cache.find(user(1), start + 5001ms) == nullptr);
  CHECK(cache.size() == 0);
}

TEST_CASE("the account cache does not trust a record from the future, left by a clock that was set back") {
  AccountCache cache(10, 5s);
  store(cache, 1);
  CHECK(cache.find(user(1), start - 1ms) == nullptr);
}

TEST_CASE("the account cache is bounded and lets go of what was not used for the longest time") {
  AccountCache cache(3, 5s);
  for (std::uint8_t n = 1; n <= 3; ++n) store(cache, n);
  CHECK(cache.find(user(1), start));
  store(cache, 4);
  CHECK(cache.size() == 3);
  CHECK(cache.find(user(1), start));
  CHECK(cache.find(user(2), start) == nullptr);
  CHECK(cache.find(user(3), start));
  CHECK(cache.find(user(4), start));
  store(cache, 4);  // again: no second place
  CHECK(cache.size() == 3);
}

TEST_CASE("an account cache of no size holds nothing") {
  AccountCache cache(0, 5s);
  store(cache, 1);
  CHECK(cache.find(user(1), start) == nullptr);
}

TEST_CASE("a read that was under way when the user changed does not bring the old record back") {
  AccountCache cache(10, 5s);
  const auto fill = cache.begin_fill(user(1), start);
  cache.drop(user(1));
  cache.put(fill, account(1));
  CHECK(cache.find(user(1), start) == nullptr);
  store(cache, 1);
  CHECK(cache.find(user(1), start));
  cache.drop(user(1));
  CHECK(cache.find(user(1), start) == nullptr);
}

TEST_CASE("of two reads under way the older record does not replace the newer one") {
  AccountCache cache(10, 5s);
  const auto slow = cache.begin_fill(user(1), start);
  const auto fast = cache.begin_fill(user(1), start);
  cache.put(fast, account(1, 8));
  cache.put(slow, account(1, 7));
  CHECK(cache.find(user(1), start)->version == 8);
}

TEST_CASE("the account cache takes fills, drops and reads from many threads") {
  AccountCache cache(8, 5s);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&cache, t] {
      for (int i = 0; i < 2000; ++i) {
        const auto n = static_cast<std::uint8_t>((i + t) % 20);
        if (i % 7 == 0) cache.drop(user(n));
        const auto held = cache.find(user(n), start);
        if (held == nullptr) store(cache, n);
        if (held != nullptr && held->id != user(n)) std::terminate();
      }
    });
  }
  threads.clear();
  CHECK(cache.size() <= 8);
}
