#include "authkit/config.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace authkit;

TEST_CASE("validate sees what single options cannot, and fields that were never set by name") {
  const auto refused = [](auto change, std::string_view option) {
    Config config;
    change(config);
    const auto valid = config.validate();
    REQUIRE_FALSE(valid);
    CHECK(valid.error().code == Errc::config_invalid);
    CHECK(valid.error().detail.starts_with(option));
  };
  refused([](Config& c) { c.session.grace_window = Duration{3'600'000}; }, "session.grace_window");
  refused([](Config& c) { c.session.grace_window = Duration{-1}; }, "session.grace_window");
  refused([](Config& c) { c.account.policy.min_length = 1; }, "password.min_length");
  refused([](Config& c) { c.tenant.clear(); }, "tenant");
  refused([](Config& c) { c.limit.login_pair.burst = 0; }, "limit.login_pair");
  refused([](Config& c) { c.master_key = "short"; }, "master_key");
  refused([](Config& c) { c.session.absolute_lifetime = Duration{86'400'000}; }, "session.idle_lifetime");
  refused([](Config& c) { c.session.idle_lifetime = Duration{60'000}; }, "session.touch_interval");
  refused([](Config& c) { c.session.idle_lifetime = Duration{120'000}; }, "token.access_lifetime");
  refused([](Config& c) { c.revocation.staleness_bound = Duration{1500}; }, "revocation.staleness_bound");
  refused([](Config& c) { c.password.memory_budget = 1024; }, "password.memory_budget");
  refused([](Config& c) { c.clock = nullptr; }, "clock");
  refused([](Config& c) { c.token_secret = std::string(64, 'x'); }, "token.secret");  // with ES256
  refused(
      [](Config& c) {
        c.token_algorithm = Algorithm::HS512;
        c.token_secret = std::string(63, 'x');
      },
      "token.secret");
  refused(
      [](Config& c) {
        c.token_algorithm = Algorithm::HS256;
        c.token_allow_short_secret = true;
        c.token_secret = std::string(15, 'x');
      },
      "token.secret");
}

TEST_CASE("validate admits an HS algorithm with a long enough secret, with a short one on request, and without one") {
  Config config;
  config.token_algorithm = Algorithm::HS384;
  CHECK(config.validate());
  config.token_secret = std::string(48, 'x');
  CHECK(config.validate());
  config.token_secret = std::string(24, 'x');
  CHECK_FALSE(config.validate());
  config.token_allow_short_secret = true;
  CHECK(config.validate());
}
