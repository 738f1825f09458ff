#include "authkit/config.hpp"

#include <doctest/doctest.h>

#include <iterator>
#include <utility>

using namespace authkit;

TEST_CASE("set changes the field that get reads, for every option") {
  const std::pair<const char*, const char*> values[] = {{"service.name", "auth"},
                                                        {"tenant", "acme-1"},
                                                        {"master_key_file", "/etc/authkit.key"},
                                                        {"auto_migrate", "false"},
                                                        {"database.url", "sqlite:/var/a.db"},
                                                        {"database.replica_url", "postgresql://h1/a,postgresql://h2/a"},
                                                        {"database.synchronous", "normal"},
                                                        {"database.busy_timeout", "250ms"},
                                                        {"database.readers", "8"},
                                                        {"database.connections", "4"},
                                                        {"database.deadline", "500ms"},
                                                        {"database.max_lag", "3s"},
                                                        {"redis.url", "redis://h/2"},
                                                        {"redis.allow_data_loss", "true"},
                                                        {"redis.replicas", "2"},
                                                        {"cache.url", "rediss://h/1"},
                                                        {"cache.max_age", "1m"},
                                                        {"password.memory_kib", "47104"},
                                                        {"password.passes", "1"},
                                                        {"password.slots", "2"},
                                                        {"password.memory_budget", "1073741824"},
                                                        {"password.queue_length", "7"},
                                                        {"password.queue_deadline", "3s"},
                                                        {"password.min_length", "15"},
                                                        {"password.policy", "strict"},
                                                        {"password.accept_2x", "true"},
                                                        {"password.history", "3"},
                                                        {"password.breach_url", "https://range.example/"},
                                                        {"password.breach_fail_open", "false"},
                                                        {"password.breach_timeout", "1s"},
                                                        {"token.algorithm", "EdDSA"},
                                                        {"token.allow_short_secret", "true"},
                                                        {"token.profile", "simplejwt"},
                                                        {"token.issuer", "https://auth.example"},
                                                        {"token.audience", "api"},
                                                        {"token.access_lifetime", "10m"},
                                                        {"token.leeway", "0s"},
                                                        {"token.max_bytes", "4096"},
                                                        {"token.verified_cache", "0"},
                                                        {"token.key_publish_time", "1h"},
                                                        {"session.idle_lifetime", "1d"},
                                                        {"session.store", "redis"},
                                                        {"revocation.store", "redis"},
                                                        {"session.absolute_lifetime", "90d"},
                                                        {"session.grace_window", "1m"},
                                                        {"session.touch_interval", "5s"},
                                                        {"revocation.poll_interval", "500ms"},
                                                        {"revocation.staleness_bound", "2s"},
                                                        {"revocation.on_stale", "accept 1m"},
                                                        {"limit.login_pair", "3/1m"},
                                                        {"limit.login_identifier", "20/1h"},
                                                        {"limit.login_address", "1000/1d"},
                                                        {"limit.sign_up_address", "1/30s"},
                                                        {"limit.mail_identifier", "1/1h"},
                                                        {"limit.mail_address", "7/1h"},
                                                        {"limit.code", "2/1m"},
                                                        {"limit.store", "redis"},
                                                        {"limit.instances", "3"},
                                                        {"account.sign_up", "false"},
                                                        {"account.email_verification", "off"},
                                                        {"account.link_url", "https://app.example/auth"},
                                                        {"account.roles", "support = users:read"},
                                                        {"account.verification_lifetime", "2h"},
                                                        {"account.reset_lifetime", "10m"},
                                                        {"account.login_step_lifetime", "1m"},
                                                        {"account.recent_login", "15m"},
                                                        {"account.close_grace", "7d"},
                                                        {"account.cache_age", "1s"},
                                                        {"account.cache_size", "0"},
                                                        {"mail.url", "smtps://mail.example"},
                                                        {"mail.from", "no-reply@app.example"},
                                                        {"mail.templates", "/etc/authkit/mail"},
                                                        {"mail.ca_file", "/etc/ca.pem"},
                                                        {"mail.timeout", "10s"},
                                                        {"mail.batch", "7"},
                                                        {"mail.retry_delay", "1m"},
                                                        {"mail.attempts", "3"},
                                                        {"log.level", "debug"}};
  Config config;
  for (const auto& [name, value] : values) {
    CAPTURE(name);
    CHECK(config.get(name).value() != value);
    REQUIRE(config.set(name, value));
    CHECK(config.get(name).value() == value);
  }
  CHECK(std::size(values) + 3 == options().size());  // the three secrets have a test of their own
  CHECK(config.validate());
  CHECK(config.account.policy.min_length == 15);
  CHECK(config.session.grace_window == Duration{60'000});
  CHECK(config.limit.login_identifier.burst == 20);
  CHECK(config.limit.login_identifier.period == Duration{3'600'000});
  CHECK(config.revocation.accept_stale == Duration{60'000});
  CHECK(config.log_level == LogLevel::debug);
  REQUIRE(config.set("revocation.on_stale", "refuse"));
  CHECK(config.revocation.accept_stale == Duration{0});
}
