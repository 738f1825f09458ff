#include "redis/client.hpp"
#include "redis/servers.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>

using namespace authkit;

namespace {

std::string url() { return watched_servers().url("AUTHKIT_TEST_REDIS_SENTINEL"); }

redis::Answer set(redis::Client& client, const std::string& value, Duration patience) {
  const std::string_view command[] = {"SET", "key", value};
  return client.call({.arguments = command, .idempotent = true}, std::chrono::steady_clock::now() + patience);
}

std::string get(redis::Client& client) {
  const std::string_view command[] = {"GET", "key"};
  const auto answer = client.call({.arguments = command, .idempotent = true}, std::chrono::steady_clock::now() + std::chrono::seconds(30));
  const std::string* text = answer.is_reply() ? answer.reply.text() : nullptr;
  return text == nullptr ? "" : *text;
}

}  // namespace

TEST_CASE("the master that the sentinels name is found, and found again when it is killed") {
  const auto client = redis::Client::open(url()).value();
  REQUIRE(set(*client, "before", std::chrono::seconds(10)).is_reply());
  CHECK(get(*client) == "before");
  CHECK(client->is_up());
  {  // what the replica has is what may be asked for afterwards
    const std::string_view wait[] = {"WAIT", "1", "10000"};
    const auto copied = client->call({.arguments = wait, .key = 0}, std::chrono::steady_clock::now() + std::chrono::seconds(15));
    REQUIRE(copied.is_reply());
    CHECK(*copied.reply.integer() == 1);
  }

  // One sentinel less: the others have a majority.
  watched_servers().kill("sentinel1", "KILL");
  watched_servers().kill("master", "KILL");
  const auto killed = std::chrono::steady_clock::now();
  int refused = 0;
  while (!set(*client, "after", Duration{300}).is_reply()) {
    ++refused;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    REQUIRE(std::chrono::steady_clock::now() - killed < std::chrono::minutes(1));
  }
  MESSAGE("served again after " << std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - killed).count() << " ms, " << refused
                                << " calls refused");
  CHECK(refused > 0);
  CHECK(get(*client) == "after");

  // Back as a replica: it is not asked, whatever it may think at first.
  watched_servers().start("master");
  watched_servers().start("sentinel1");
  for (int i = 0; i < 200; ++i) {
    const std::string value = std::to_string(i);
    REQUIRE(set(*client, value, std::chrono::seconds(10)).is_reply());
    REQUIRE(get(*client) == value);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const auto late = redis::Client::open(url()).value();
  CHECK(get(*late) == "199");
}

TEST_CASE("a name that no sentinel knows, and sentinels that are not there, refuse within the deadline") {
  const std::string known = url();
  struct Row {
    std::string url;
    redis::Reason why;
  };
  for (const Row& row : {Row{known.substr(0, known.rfind('/')) + "/nobody", redis::Reason::unknown_master},
                         Row{"redis+sentinel://127.0.0.1:1,127.0.0.1:2/authkit-test", redis::Reason::no_sentinel}}) {
    CAPTURE(row.url);
    const auto client = redis::Client::open(row.url).value();
    set(*client, "x", Duration{3000});  // until the first of them has been asked
    const auto from = std::chrono::steady_clock::now();
    const auto answer = set(*client, "x", Duration{300});
    CHECK(answer.outcome == redis::Outcome::not_sent);
    CHECK(answer.reason == row.why);
    CHECK(answer.error.code == Errc::store_unavailable);
    CHECK(std::chrono::steady_clock::now() - from < std::chrono::seconds(3));
    CHECK_FALSE(client->is_up());
  }
}
