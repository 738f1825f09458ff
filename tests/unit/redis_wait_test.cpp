#include "core/parking.hpp"
#include "redis/backoff.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace authkit;
using namespace authkit::redis;

TEST_CASE("a backoff waits anything up to a bound that doubles, and begins anew") {
  Backoff backoff(Duration{10}, Duration{100}, 7);
  for (int round = 0; round < 100; ++round) {
    for (const int bound : {10, 20, 40, 80, 100, 100}) {
      const Duration wait = backoff.next();
      CHECK(wait >= Duration{0});
      CHECK(wait <= Duration{bound});
    }
    backoff.reset();
  }
  Backoff one(Duration{1000}, Duration{1000}, 1), other(Duration{1000}, Duration{1000}, 2);
  int same = 0;
  for (int i = 0; i < 100; ++i) same += one.next() == other.next() ? 1 : 0;
  CHECK(same < 50);
}

TEST_CASE("a thread that parks leaves by the signal, or at its deadline") {
  const auto now = [] { return std::chrono::steady_clock::now(); };
  Parking before;
  before.signal();
  CHECK(before.wait_until(now() + std::chrono::seconds(60)));

  Parking never;
  CHECK_FALSE(never.wait_until(now() - Duration{1}));
  const auto deadline = now() + Duration{20};
  CHECK_FALSE(never.wait_until(deadline));
  CHECK(now() >= deadline);

  for (int round = 0; round < 200; ++round) {
    Parking parking;
    std::thread other([&] { parking.signal(); });
    CHECK(parking.wait_until(now() + std::chrono::seconds(60)));
    other.join();
  }
}
