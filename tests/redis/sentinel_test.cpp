#include "redis/client.hpp"
#include "redis/fake_server.hpp"
#include "redis/servers.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

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

/// Says who it is to whoever reads a key, and that it is a master, as one that was away during a failover does too.
FakeServer::Script master(std::string name) {
  return polite([name = std::move(name)](const std::vector<std::string>& command) {
    if (command[0] == "ROLE") return std::string("*3\r\n") + bulk("master") + ":0\r\n*0\r\n";
    return bulk(name);
  });
}

/// A sentinel whose word may change. Its answers come `pause` late.
struct Word {
  std::atomic<int> port{0}, epoch{0};
  std::chrono::milliseconds pause{0};
};

FakeServer::Script sentinel(const Word& word) {
  return polite([&word](const std::vector<std::string>& command) {
    std::this_thread::sleep_for(word.pause);
    const std::string port = bulk(std::to_string(word.port));
    if (command.at(1) == "GET-MASTER-ADDR-BY-NAME") return "*2\r\n" + bulk("127.0.0.1") + port;
    if (command.at(1) != "MASTER") return std::string("-ERR unknown\r\n");
    return "*6\r\n" + bulk("ip") + bulk("127.0.0.1") + bulk("port") + port + bulk("config-epoch") + bulk(std::to_string(word.epoch));
  });
}

}  // namespace

TEST_CASE("sentinels without TLS name a server that has it, where the URL says so") {
  const std::string server = servers().url("AUTHKIT_TEST_REDIS_TLS");  // rediss://user:password@localhost:port/0?ca_file=...
  const auto part = [&](std::string_view from, std::string_view to) {
    const std::size_t begin = server.find(from) + from.size();
    return server.substr(begin, server.find(to, begin) - begin);
  };
  Word word;
  word.port = std::stoi(part("@localhost:", "/"));
  FakeServer plain(sentinel(word));
  const auto opened = [&](std::string_view more) {
    redis::ClientOptions options;
    options.patience = Duration{1000};
    return redis::Client::open(fmt::format("rediss+sentinel://{}@127.0.0.1:{}/main?{}{}", part("//", "@"), plain.port(), part("?", "&"), more),
                               std::move(options))
        .value();
  };
  const std::string_view ping[] = {"PING"};
  const auto answer =
      opened("&sentinel_tls=off")->call({.arguments = ping, .idempotent = true}, std::chrono::steady_clock::now() + std::chrono::seconds(30));
  CHECK(answer.is_reply());
  CHECK(opened("")->call({"PING"}).reason == redis::Reason::no_sentinel);
}

TEST_CASE("a sentinel that missed a failover is not believed, though its master calls itself one") {
  FakeServer stale(master("stale")), current(master("current"));
  Word words[3];
  words[0].port = stale.port();
  for (Word* word : {&words[1], &words[2]}) {
    word->port = current.port();
    word->epoch = 1;
    word->pause = std::chrono::milliseconds(20);  // the wrong word is always the first
  }
  FakeServer first(sentinel(words[0])), second(sentinel(words[1])), third(sentinel(words[2]));
  const auto client =
      redis::Client::open(fmt::format("redis+sentinel://127.0.0.1:{},127.0.0.1:{},127.0.0.1:{}/m", first.port(), second.port(), third.port()))
          .value();
  CHECK(get(*client) == "current");

  // A second one returns with what it knew before: a majority, but older than what is followed. They are asked every second.
  words[1].port = stale.port();
  words[1].epoch = 0;
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(2500);
  while (std::chrono::steady_clock::now() < until) {
    REQUIRE(get(*client) == "current");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  CHECK(stale.connections() == 0);

  // All three: they were set up anew.
  words[2].port = stale.port();
  words[2].epoch = 0;
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (get(*client) != "stale" && std::chrono::steady_clock::now() < patience) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  CHECK(get(*client) == "stale");
}

namespace {

/// Callers that ask all the time, whatever happens to the server, and look whether each answer is their own.
class Crowd {
 public:
  explicit Crowd(redis::Client& client) {
    for (int caller = 0; caller < 8; ++caller) {
      callers_.emplace_back([this, &client, caller] {
        for (int n = 0; !stop_; ++n) {
          const std::string text = fmt::format("{} {}", caller, n);
          const std::string_view echo[] = {"ECHO", text};
          const auto answer = client.call({.arguments = echo, .key = 0, .idempotent = true}, std::chrono::steady_clock::now() + Duration{300});
          if (!answer.is_reply()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            continue;
          }
          ++answered_;
          if (answer.reply.text() == nullptr || *answer.reply.text() != text) ++crossed_;
        }
      });
    }
  }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;
  ~Crowd() {
    stop_ = true;
    for (auto& caller : callers_) caller.join();
  }
  int answered() const { return answered_; }
  int crossed() const { return crossed_; }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<int> answered_{0}, crossed_{0};
  std::vector<std::thread> callers_;
};

}  // namespace

TEST_CASE("the master that the sentinels name is found, and found again when it is killed, under load") {
  const auto client = redis::Client::open(url()).value();
  const Crowd crowd(*client);
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
  const int answered = crowd.answered();

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
  CHECK(crowd.answered() > answered + 1000);
  CHECK(crowd.crossed() == 0);
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
