#include "authkit/auth.hpp"

#include "core/random.hpp"
#include "redis/client.hpp"
#include "redis/servers.hpp"

#include <doctest/doctest.h>

using namespace authkit;

namespace {

constexpr const char* password = "correct horse battery staple";

Config config_on(const std::string& redis, const std::string& sessions) {
  Config config;
  config.redis.url = redis;
  config.redis.sessions = sessions;
  config.tenant = to_text(random_id<TokenId>().value());
  config.password.memory_kib = 64;
  config.password.passes = 1;
  config.limit.sign_up_address = {1000, Duration{1000}};
  config.log_sink = [](LogLevel, std::string_view) {};
  return config;
}

Context from_somewhere() {
  Context context;
  context.address = "192.0.2.7";
  return context;
}

struct Person {
  explicit Person(const Auth& opened) : auth(opened) {
    Registration registration;
    registration.email = "ada@example.org";
    registration.password = password;
    auth.accounts().sign_up(registration, from_somewhere()).value();
  }
  Result<Grant> log_in(Transport transport = Transport::bearer, const char* with = password) const {
    Login login;
    login.login = "ada@example.org";
    login.password = with;
    login.transport = transport;
    return auth.accounts().log_in(login, from_somewhere());
  }
  const Auth& auth;
};

}  // namespace

TEST_CASE("Auth with sessions in Redis: a login, its refreshes, its list and its end") {
  for (const char* variable : {"AUTHKIT_TEST_REDIS", "AUTHKIT_TEST_REDIS_TLS", "AUTHKIT_TEST_REDIS_CLUSTER"}) {
    CAPTURE(variable);
    Config config = config_on(servers().url(variable), "redis");
    config.redis.allow_data_loss = true;
    const auto auth = Auth::open(std::move(config)).value();
    const Person ada(*auth);
    const Accounts& accounts = auth->accounts();
    const Grant first = ada.log_in().value(), second = ada.log_in(Transport::cookie).value();
    const Grant next = accounts.refresh(first.session_secret).value();
    CHECK(next.session.generation == 1);
    CHECK(accounts.authenticate_cookie(second.session_secret).value().session == second.session.id);
    CHECK(accounts.sessions(first.account.id).value().size() == 2);

    const Identity identity = accounts.authenticate(next.access_token).value();
    accounts.log_out(identity, LogoutScope::others).value();
    CHECK(accounts.authenticate_cookie(second.session_secret).error().code == Errc::session_revoked);
    CHECK(accounts.refresh(next.session_secret));
    accounts.log_out(identity, LogoutScope::all).value();
    CHECK(accounts.refresh(next.session_secret).error().code == Errc::session_revoked);
    CHECK(accounts.sessions(first.account.id).value().empty());
  }
}

TEST_CASE("Auth with sessions in Redis: a session that was disabled with its user is gone, and reuse of a token ends its session") {
  Config config = config_on(servers().url("AUTHKIT_TEST_REDIS"), "redis");
  config.session.grace_window = Duration{0};
  const auto auth = Auth::open(std::move(config)).value();
  const Person ada(*auth);
  const Grant grant = ada.log_in().value();
  const Grant next = auth->accounts().refresh(grant.session_secret).value();
  CHECK(auth->accounts().refresh(grant.session_secret).error().code == Errc::refresh_token_reused);
  CHECK(auth->accounts().refresh(next.session_secret).error().code == Errc::session_revoked);
  const Grant other = ada.log_in().value();
  auth->accounts().set_status(other.account.id, AccountStatus::disabled, "root").value();
  CHECK_FALSE(auth->accounts().refresh(other.session_secret));
  CHECK(auth->accounts().sessions(other.account.id).value().empty());
}

TEST_CASE("Auth with Redis: while it is away tokens verify, logins work with a share of the limits, and what lives there answers 503") {
  const std::string url = servers().url("AUTHKIT_TEST_REDIS");
  const auto plain = Auth::open(config_on(url, "database")).value(), with_sessions = Auth::open(config_on(url, "redis")).value();
  const Person ada(*plain), bob(*with_sessions);
  const Grant kept = ada.log_in().value(), lost = bob.log_in().value();
  servers().kill("redis", "KILL");

  CHECK(plain->accounts().authenticate(kept.access_token));
  CHECK(with_sessions->accounts().authenticate(lost.access_token));
  CHECK(plain->accounts().refresh(kept.session_secret));
  CHECK(ada.log_in());
  const auto refused = with_sessions->accounts().refresh(lost.session_secret);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::store_unavailable);
  CHECK(bob.log_in().error().code == Errc::store_unavailable);
  int guesses = 0;
  while (ada.log_in(Transport::bearer, "wrong").error().code == Errc::invalid_credentials && guesses < 100) ++guesses;
  CHECK(guesses == 5);
  const Identity identity = plain->accounts().authenticate(kept.access_token).value();
  CHECK(plain->accounts().log_out(identity));
  CHECK(plain->accounts().authenticate(kept.access_token).error().code == Errc::token_revoked);

  servers().start("redis");
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!with_sessions->accounts().refresh(lost.session_secret)) REQUIRE(std::chrono::steady_clock::now() < end);
}

TEST_CASE("Auth with sessions in a Redis that may forget them does not open, unless it is told to") {
  const std::string url = servers().url("AUTHKIT_TEST_REDIS");
  const auto client = redis::Client::open(url).value();
  CHECK(client->call({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"}).is_reply());
  const auto refused = Auth::open(config_on(url, "redis"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::config_invalid);
  CHECK(refused.error().detail.find("noeviction") != std::string::npos);
  CHECK(Auth::open(config_on(url, "database")));
  Config told = config_on(url, "redis");
  told.redis.allow_data_loss = true;
  CHECK(Auth::open(std::move(told)));
  CHECK(client->call({"CONFIG", "SET", "maxmemory-policy", "noeviction"}).is_reply());
  CHECK(Auth::open(config_on("redis://127.0.0.1:1", "redis")).error().code == Errc::store_unavailable);
  CHECK(Auth::open(config_on("redis://127.0.0.1:1", "database")));
}
