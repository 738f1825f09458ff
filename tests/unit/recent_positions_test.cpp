#include "db/recent_positions.hpp"

#include <doctest/doctest.h>

using namespace authkit;

namespace {

UserId user(std::uint8_t n) {
  UserId id;
  id.bytes[15] = n;
  return id;
}

}  // namespace

TEST_CASE("RecentPositions keeps the latest position of every user, and for those it forgot the latest of all of theirs") {
  RecentPositions positions(2);
  CHECK(positions.find(user(1)).is_none());
  positions.join(user(1), {1, 100});
  positions.join(user(1), {1, 50});
  positions.join(user(2), {1, 200});
  positions.join(user(9), {});
  CHECK(positions.find(user(1)) == LogPosition{1, 100});
  CHECK(positions.find(user(3)).is_none());
  positions.join(user(1), {1, 300});
  positions.join(user(3), {1, 250});  // 2 wrote longest ago
  CHECK(positions.find(user(2)) == LogPosition{1, 200});
  CHECK(positions.find(user(4)) == LogPosition{1, 200});
  CHECK(positions.find(user(1)) == LogPosition{1, 300});
  positions.join(user(3), {2, 10});
  CHECK(positions.find(user(3)) == LogPosition{2, 10});
  positions.forget_before(2);
  CHECK(positions.find(user(3)) == LogPosition{2, 10});
  CHECK(positions.find(user(1)).is_none());
  CHECK(positions.find(user(2)).is_none());
}
