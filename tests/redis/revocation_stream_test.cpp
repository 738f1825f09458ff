#include "core/in_transaction.hpp"
#include "redis/servers.hpp"
#include "revocation/redis_revocation_stream.hpp"
#include "unit/revocation_world.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace authkit;

namespace {

/// Waits for what takes milliseconds; a minute is the bound of a test that hangs.
template <class Condition>
bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

/// Processes that share a feed, which nobody polls, and a Redis.
struct Deployment : World {
  explicit Deployment(std::string at) : url(std::move(at)) {}

  std::unique_ptr<Revocations> open_on_redis() {
    const auto client = [&](bool waits) {
      redis::ClientOptions options;
      options.link.waits = waits;
      return std::shared_ptr<redis::Client>(redis::Client::open(url, std::move(options)).value());
    };
    stream = std::make_shared<RedisRevocationStream>(client(false), client(true), tenant, std::chrono::minutes(15), system_now);
    return Revocations::open(
               {.poll_interval = std::chrono::hours(1), .staleness_bound = std::chrono::hours(2)}, feed, [now = now] { return now->load(); }, stream)
        .value();
  }

  std::string url, tenant = to_text(random_id<TokenId>().value());
  std::shared_ptr<RedisRevocationStream> stream;  ///< of the last one that was opened
};

}  // namespace

TEST_CASE("RedisRevocationStream: what one process revokes the others refuse, before any of them reads the feed") {
  for (const char* variable : {"AUTHKIT_TEST_REDIS", "AUTHKIT_TEST_REDIS_TLS", "AUTHKIT_TEST_REDIS_CLUSTER"}) {
    CAPTURE(variable);
    Deployment deployment(servers().url(variable));
    const auto here = deployment.open_on_redis();
    const auto stream_here = deployment.stream;
    const auto there = deployment.open_on_redis();
    const int reads = deployment.feed->reads;

    const Token token, other, of_user_token;
    CHECK(accepted(*there, token));
    deployment.revoke(*here, of_token(token));
    deployment.revoke(*here, of_session(other));
    deployment.revoke(*here, of_user(of_user_token, 9));
    CHECK(eventually([&] { return !accepted(*there, token) && !accepted(*there, other) && !accepted(*there, of_user_token); }));
    CHECK(deployment.feed->reads == reads);
    CHECK(eventually([&] { return stream_here->published() == 3; }));
    CHECK(stream_here->failures() == 0);

    std::atomic<int> dropped = 0;
    there->on_change([&](const UserId& user) { dropped += user == token.user ? 1 : 0; });
    deployment.revoke(*here, entry(RevocationKind::changed, token.user.bytes));
    CHECK(eventually([&] { return there->size() > 0 && dropped == 1; }));
  }
}

TEST_CASE("RedisRevocationStream: one that comes later reads what is still there") {
  Deployment deployment(servers().url("AUTHKIT_TEST_REDIS"));
  const auto here = deployment.open_on_redis();
  const Token token;
  deployment.revoke(*here, of_token(token));
  const auto late = deployment.open_on_redis();
  CHECK(eventually([&] { return !accepted(*late, token); }));
}

TEST_CASE("RedisRevocationStream: when Redis loses everything the feed is read again, and what comes next arrives") {
  Deployment deployment(servers().url("AUTHKIT_TEST_REDIS"));
  const auto here = deployment.open_on_redis(), there = deployment.open_on_redis();
  const Token before, after;
  deployment.revoke(*here, of_token(before));
  CHECK(eventually([&] { return !accepted(*there, before); }));
  CHECK_FALSE(there->wants_poll());

  const auto client = redis::Client::open(deployment.url).value();
  const std::string stream = "authkit:{rev:" + deployment.tenant + "}";
  CHECK(client->call({"DEL", stream, stream + ":epoch"}).is_reply());
  CHECK(eventually([&] { return there->wants_poll(); }));
  CHECK_FALSE(accepted(*there, before));  // nothing is forgotten
  REQUIRE(there->poll());
  CHECK_FALSE(there->wants_poll());
  deployment.revoke(*here, of_token(after));
  CHECK(eventually([&] { return !accepted(*there, after); }));
}

TEST_CASE("RedisRevocationStream: emptied, evicting and full under load, Redis costs no revocation") {
  struct Row {
    const char* name;
    void (*before)(redis::Client& client);
    void (*again)(redis::Client& client, int time);  ///< as long as the load lasts
    bool tells = false;                              ///< whether a reader is sure to learn that it missed something; else it takes the next poll
  };
  const Row rows[] = {{"emptied", [](redis::Client&) {}, [](redis::Client& client, int) { client.call({"FLUSHALL"}); }, true},
                      {"evicting",
                       [](redis::Client& client) {
                         REQUIRE(client.call({"CONFIG", "SET", "maxmemory-policy", "allkeys-random"}).is_reply());
                         REQUIRE(client.call({"CONFIG", "SET", "maxmemory", "3mb"}).is_reply());
                       },
                       [](redis::Client& client, int time) {
                         client.call({"SET", "filler" + std::to_string(time), std::string(64 * 1024, 'x')});
                       }},
                      {"full",
                       [](redis::Client& client) {
                         REQUIRE(client.call({"CONFIG", "SET", "maxmemory", "1"}).is_reply());
                       },
                       [](redis::Client& client, int) { client.call({"PING"}); }}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Deployment deployment(servers().url("AUTHKIT_TEST_REDIS"));
    const auto here = deployment.open_on_redis(), there = deployment.open_on_redis();
    const auto client = redis::Client::open(deployment.url).value();
    row.before(*client);

    const std::vector<Token> tokens(1500);
    std::atomic<std::size_t> revoked{0};
    std::thread load([&] {
      for (const Token& token : tokens) {
        deployment.revoke(*here, of_token(token));
        if (++revoked % 20 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));  // so that all of it meets some trouble
      }
    });
    int troubles = 0;
    bool told = false;
    while (revoked < tokens.size()) {
      row.again(*client, ++troubles);
      if (!there->wants_poll()) continue;
      told = true;
      CHECK(there->poll());
    }
    load.join();
    CHECK(troubles > 1);
    if (row.tells) CHECK(eventually([&] { return told || there->wants_poll(); }));
    CHECK(there->poll());  // what revocation.poll_interval does in any case
    CHECK(std::none_of(tokens.begin(), tokens.end(), [&](const Token& token) { return accepted(*there, token); }));
    CHECK(std::none_of(tokens.begin(), tokens.end(), [&](const Token& token) { return accepted(*here, token); }));

    REQUIRE(client->call({"CONFIG", "SET", "maxmemory", "0"}).is_reply());
    REQUIRE(client->call({"CONFIG", "SET", "maxmemory-policy", "noeviction"}).is_reply());
    REQUIRE(client->call({"FLUSHALL"}).is_reply());
    const Token later;
    deployment.revoke(*here, of_token(later));
    if (!eventually([&] { return !accepted(*there, later); })) CHECK(there->poll());
    CHECK_FALSE(accepted(*there, later));
  }
}

TEST_CASE("RedisRevocationStream: what is no entry of ours is passed over") {
  Deployment deployment(servers().url("AUTHKIT_TEST_REDIS"));
  const auto here = deployment.open_on_redis(), there = deployment.open_on_redis();
  const auto client = redis::Client::open(deployment.url).value();
  const std::string stream = "authkit:{rev:" + deployment.tenant + "}";
  for (const std::string& bad : {std::string(), std::string("j"), std::string(33, 'x'), std::string(34, 'j'), std::string(70'000, 'j')})
    CHECK(client->call({"XADD", stream, "*", "r", bad}).is_reply());
  CHECK(client->call({"XADD", stream, "*", "other", "field", "r", "x"}).is_reply());
  const Token token;
  deployment.revoke(*here, of_token(token));
  CHECK(eventually([&] { return !accepted(*there, token); }));
  CHECK(there->size() == 1);
}

TEST_CASE("RedisRevocationStream: without a Redis everything goes on, by the feed") {
  Deployment deployment("redis://127.0.0.1:1");
  const auto here = deployment.open_on_redis();
  const auto stream_here = deployment.stream;
  const auto there = deployment.open_on_redis();
  const Token token;
  deployment.revoke(*here, of_token(token));
  CHECK_FALSE(accepted(*here, token));
  CHECK(eventually([&] { return stream_here->failures() == 1; }));
  CHECK(accepted(*there, token));
  REQUIRE(there->poll());
  CHECK_FALSE(accepted(*there, token));
}
