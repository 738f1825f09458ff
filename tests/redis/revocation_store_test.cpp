#include "authkit/auth.hpp"

#include "account/memory_account_store.hpp"
#include "redis/servers.hpp"
#include "revocation/redis_revocation_store.hpp"
#include "revocation/redis_revocation_stream.hpp"
#include "unit/revocation_world.hpp"

#include <doctest/doctest.h>

#include <filesystem>

using namespace authkit;
using namespace std::chrono_literals;

namespace {

/// Processes whose feed is Redis, each with the stream that hurries it along or without.
struct Deployment : World {
  explicit Deployment(std::string at, std::uint32_t replicas_that_must_have_it = 0) : url(std::move(at)), replicas(replicas_that_must_have_it) {
    advance(990ms);  // what a new feed waits for is near
  }

  std::shared_ptr<redis::Client> client(bool waits = false) const {
    redis::ClientOptions options;
    options.patience = 2s;
    options.link.waits = waits;
    return redis::Client::open(url, std::move(options)).value();
  }
  std::unique_ptr<Revocations> open(bool with_stream = false) const {
    const Clock clock = [time = now] { return time->load(); };
    std::shared_ptr<RevocationStream> hurry;
    if (with_stream) hurry = std::make_shared<RedisRevocationStream>(nullptr, client(true), tenant, 1h, system_now);
    return Revocations::open({.poll_interval = 1h, .staleness_bound = 2h},
                             std::make_shared<RedisRevocationStore>(client(), tenant, replicas, 1h, clock), clock, hurry)
        .value();
  }
  Result<void> try_to_revoke(Revocations& revocations, const RevocationEntry& entry) const {
    auto tx = work->begin({}).value();
    REQUIRE(revocations.revoke(*tx, entry));
    return tx->commit();
  }

  const std::string url, tenant = to_text(random_id<TokenId>().value()), stream = stream_key_of(tenant), epoch = epoch_key_of(stream);
  const std::uint32_t replicas;
};

Token issued_at(Time time) {
  Token token;
  token.issued_at = time;
  return token;
}

template <class Condition>
bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + 1min;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

}  // namespace

TEST_CASE("RedisRevocationStore: what one process revokes the others refuse, now by the stream or with their next poll, and after a restart") {
  for (const char* variable : {"AUTHKIT_TEST_REDIS", "AUTHKIT_TEST_REDIS_TLS", "AUTHKIT_TEST_REDIS_CLUSTER"}) {
    CAPTURE(variable);
    Deployment deployment(servers().url(variable));
    const auto here = deployment.open(), polling = deployment.open(), listening = deployment.open(true);
    deployment.advance(10s);
    const Token token = issued_at(*deployment.now), other = issued_at(*deployment.now);
    deployment.revoke(*here, of_token(token));
    CHECK_FALSE(accepted(*here, token));
    CHECK(eventually([&] { return !accepted(*listening, token); }));
    CHECK(accepted(*polling, token));
    REQUIRE(polling->poll());
    for (const auto* process : {&here, &polling, &listening}) {
      CHECK_FALSE(accepted(**process, token));
      CHECK(accepted(**process, other));
    }
    const auto restarted = deployment.open();
    CHECK_FALSE(accepted(*restarted, token));
    CHECK(accepted(*restarted, other));
    CHECK(deployment.client()->call({"XLEN", deployment.stream}, true).reply.integer() != nullptr);
    CHECK(*deployment.client()->call({"XLEN", deployment.stream}, true).reply.integer() == 2);  // the first says when it began; nothing twice
  }
}

TEST_CASE("RedisRevocationStore: once Redis lost what it had, every token from before is refused, by everybody, and those from then on are not") {
  struct Row {
    const char* name;
    void (*lose)(const Deployment&, redis::Client&);
    bool tells = true;  ///< the stream's listener sees it, before the next poll
  };
  const Row rows[] = {
      {"all of it",
       [](const Deployment& d, redis::Client& client) {
         client.call({"DEL", d.stream, d.epoch});
       }},
      {"the stream",
       [](const Deployment& d, redis::Client& client) {
         client.call({"DEL", d.stream});
       },
       false},
      {"the epoch",
       [](const Deployment& d, redis::Client& client) {
         client.call({"DEL", d.epoch});
       }},
      {"its end, as a failover to a replica that was behind does",
       [](const Deployment& d, redis::Client& client) {
         client.call({"DEL", d.stream});
         client.call({"XADD", d.stream, "5-0", "r", ""});
       },
       false},
      {"another feed took its place", [](const Deployment& d, redis::Client& client) {
         const StreamRecord all = to_record({RevocationKind::everything, {}, d.now->load().time_since_epoch().count() + 1000, d.now->load() + 1h});
         client.call({"DEL", d.stream});
         client.call({"SET", d.epoch, "another"});
         client.call({"XADD", d.stream, "*", "r", {all.data(), all.size()}});
       }}};
  for (const Row& row : rows) {
    for (const bool by_stream : {false, true}) {
      CAPTURE(row.name);
      CAPTURE(by_stream);
      Deployment deployment(servers().url("AUTHKIT_TEST_REDIS"));
      const auto here = deployment.open(), there = deployment.open(by_stream);
      deployment.advance(10s);
      const Token revoked = issued_at(*deployment.now), kept = issued_at(*deployment.now);
      deployment.revoke(*here, of_token(revoked));
      for (const auto* process : {&here, &there}) {
        REQUIRE((*process)->poll());
        CHECK(accepted(**process, kept));
      }
      const auto client = deployment.client();
      row.lose(deployment, *client);
      if (by_stream && row.tells) CHECK(eventually([&] { return there->wants_poll(); }));
      for (const auto* process : {&there, &here}) REQUIRE((*process)->poll());
      const auto restarted = deployment.open();
      deployment.advance(1s);
      const Token later = issued_at(*deployment.now);
      for (const auto* process : {&here, &there, &restarted}) {
        CHECK_FALSE(accepted(**process, revoked));
        CHECK_FALSE(accepted(**process, kept));
        CHECK(accepted(**process, later));
      }
      deployment.revoke(*there, of_token(later));
      REQUIRE(here->poll());
      CHECK_FALSE(accepted(*here, later));
    }
  }
}

TEST_CASE("RedisRevocationStore: a killed Redis keeps what it confirmed; while it is away nothing is confirmed") {
  Deployment deployment(servers().url("AUTHKIT_TEST_REDIS"));
  const auto here = deployment.open();
  deployment.advance(10s);
  std::vector<Token> tokens(200);
  for (Token& token : tokens) {
    token.issued_at = *deployment.now;
    deployment.revoke(*here, of_token(token));
  }
  servers().kill("redis", "KILL");
  const Token unlucky = issued_at(*deployment.now);
  CHECK(deployment.try_to_revoke(*here, of_token(unlucky)).error().code == Errc::store_unavailable);
  CHECK_FALSE(here->poll());
  servers().start("redis");
  REQUIRE(eventually([&] { return here->poll().has_value(); }));
  const auto restarted = deployment.open();
  for (const Token& token : tokens) CHECK_FALSE(accepted(*restarted, token));
  CHECK(accepted(*restarted, issued_at(*deployment.now)));
}

TEST_CASE("RedisRevocationStore: a revocation is confirmed when so many replicas have it") {
  Deployment deployment(watched_servers().url("AUTHKIT_TEST_REDIS_SENTINEL"), 1);
  // The master that is followed may be either of the two, whatever earlier cases did; wait until the other one follows it.
  REQUIRE(eventually([&] {
    const auto answer = deployment.client()->call({"WAIT", "1", "1000"});
    return answer.is_reply() && *answer.reply.integer() == 1;
  }));
  const auto here = deployment.open();
  deployment.advance(10s);
  const Token token = issued_at(*deployment.now);
  deployment.revoke(*here, of_token(token));
  const auto restarted = deployment.open();
  CHECK_FALSE(accepted(*restarted, token));

  Deployment greedy(deployment.url, 3);
  const auto more = greedy.open();
  const auto refused = greedy.try_to_revoke(*more, of_token(token));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::store_unavailable);
  CHECK(refused.error().detail.find("redis.replicas") != std::string::npos);
}

TEST_CASE("Auth without a database: tokens, sessions and revocations over Redis, with the host's own accounts") {
  const auto work = std::make_shared<MemoryWork>();
  const auto accounts = std::make_shared<MemoryAccountStore>(work);  // what the host has
  const std::string url = servers().url("AUTHKIT_TEST_REDIS"), tenant = to_text(random_id<TokenId>().value());
  const auto config = [&] {
    Config made;
    made.database.url = "memory:";
    made.redis.url = url;
    made.redis.sessions = made.redis.revocations = "redis";
    made.redis.replicas = 0;
    made.tenant = tenant;
    made.token_algorithm = Algorithm::HS256;
    made.token_secret = std::string(32, 's');
    made.master_key = std::string(43, 'A');
    made.password.memory_kib = 64;
    made.password.passes = 1;
    made.log_sink = [](LogLevel, std::string_view) {};
    return made;
  };
  const auto open = [&](Config with) {
    Stores stores;
    stores.work = work;
    stores.accounts = accounts;
    return Auth::open(std::move(with), std::move(stores));
  };
  const auto here = open(config()).value(), there = open(config()).value();
  Registration registration;
  registration.email = "ada@example.org";
  registration.password = "correct horse battery staple";
  REQUIRE(here->accounts().sign_up(registration));
  Login login;
  login.login = registration.email;
  login.password = registration.password;
  const auto log_in = [&] { return here->accounts().log_in(login).value(); };
  const Grant ended = log_in(), kept = log_in();
  const Identity identity = there->accounts().authenticate(ended.access_token).value();
  REQUIRE(here->accounts().log_out(identity));
  CHECK(eventually([&] { return !there->accounts().authenticate(ended.access_token); }));
  CHECK(there->accounts().authenticate(kept.access_token));
  CHECK(there->accounts().refresh(ended.session_secret).error().code == Errc::session_revoked);
  const auto restarted = open(config()).value();
  CHECK(restarted->accounts().authenticate(ended.access_token).error().code == Errc::token_revoked);
  CHECK(restarted->accounts().authenticate(kept.access_token));

  // Emptied: who was logged in logs in again, and only then is believed.
  REQUIRE(redis::Client::open(url).value()->call({"FLUSHALL"}).is_reply());
  for (const auto* process : {&here, &there, &restarted}) {
    REQUIRE((*process)->revocations().poll());
    for (const Grant* grant : {&ended, &kept}) CHECK((*process)->accounts().authenticate(grant->access_token).error().code == Errc::token_revoked);
  }
  CHECK(there->accounts().authenticate(log_in().access_token));

  // What a start refuses: replicas that are not there, and a database that would keep revocations better.
  Config wants_replicas = config();
  wants_replicas.redis.replicas = 1;
  const auto lonely = open(wants_replicas);
  REQUIRE_FALSE(lonely);
  CHECK(lonely.error().code == Errc::config_invalid);
  CHECK(lonely.error().detail.find("redis.replicas") != std::string::npos);
  wants_replicas.redis.allow_data_loss = true;
  CHECK(open(wants_replicas));
  Config on_database = config();
  on_database.database.url = "sqlite:/dev/shm/authkit-" + tenant + ".db";
  const auto doubled = Auth::open(on_database);
  std::filesystem::remove("/dev/shm/authkit-" + tenant + ".db");
  REQUIRE_FALSE(doubled);
  CHECK(doubled.error().detail.find("revocation.store") != std::string::npos);
}
