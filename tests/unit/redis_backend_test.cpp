#include "redis_backend.hpp"

#include <doctest/doctest.h>

using namespace authkit;

TEST_CASE("a Redis that may evict or forget is told from one that keeps what it is given") {
  struct Row {
    std::string_view info, says;
  };
  constexpr Row rows[] = {
      {"# Memory\r\nmaxmemory_policy:noeviction\r\n# Persistence\r\naof_enabled:1\r\n", ""},
      {"maxmemory_policy:allkeys-lru\r\naof_enabled:1\r\n", "allkeys-lru"},
      {"maxmemory_policy:volatile-ttl\r\naof_enabled:1\r\n", "volatile-ttl"},
      {"maxmemory_policy:noeviction\r\naof_enabled:0\r\n", "appendonly yes"},
      {"xmaxmemory_policy:allkeys-lru\r\nmaxmemory_policy_:x\r\naof_enabled:1\r\n", ""},
      {"", ""},  // a service that tells nothing
  };
  for (const Row& row : rows) {
    CAPTURE(row.info);
    const std::string risk = risk_of_loss(row.info);
    CHECK(risk.empty() == row.says.empty());
    CHECK(risk.find(row.says) != std::string::npos);
  }
}

TEST_CASE("a Redis for revocations that has fewer replicas than must have them") {
  const std::string info = "maxmemory_policy:noeviction\r\naof_enabled:1\r\nconnected_slaves:1\r\n";
  CHECK(risk_of_loss(info, 1).empty());
  CHECK(risk_of_loss(info, 2).find("redis.replicas") != std::string::npos);
  CHECK(risk_of_loss("maxmemory_policy:noeviction\r\n", 1).find("has 0 replicas") != std::string::npos);
}
