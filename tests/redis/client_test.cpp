#include "redis/client.hpp"

#include "redis/fake_server.hpp"
#include "redis/servers.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <future>

using namespace authkit;
using namespace authkit::redis;

namespace {

std::unique_ptr<Client> client_of(std::string_view url) {
  ClientOptions options;
  options.patience = Duration{5000};  // generous: what a busy machine needs is not the matter here
  return Client::open(url, std::move(options)).value();
}

std::string got(const Answer& answer) {
  REQUIRE_MESSAGE(answer.is_reply(), answer.error.message());
  const std::string* text = answer.reply.text();
  return text != nullptr ? *text : answer.reply.is_nil() ? "nil" : "?";
}

}  // namespace

TEST_CASE("the same over TCP, a Unix socket, TLS with an ACL user, and a cluster") {
  for (const char* variable : {"AUTHKIT_TEST_REDIS", "AUTHKIT_TEST_REDIS_SOCKET", "AUTHKIT_TEST_REDIS_TLS", "AUTHKIT_TEST_REDIS_CLUSTER"}) {
    CAPTURE(variable);
    const auto client = client_of(servers().url(variable));
    using namespace std::string_view_literals;
    const std::string_view value = "a\0\r\n\xff$5"sv;
    for (int i = 0; i < 50; ++i) {
      const std::string key = fmt::format("basic:{}", i);
      CHECK(client->call({"SET", key, value}).is_reply());
      CHECK(got(client->call({"GET", key})) == value);
      CHECK(*client->call({"DEL", key}).reply.integer() == 1);
      CHECK(got(client->call({"GET", key})) == "nil");
    }
    CHECK(client->is_up());
    const std::string large(3 << 20, 'z');
    CHECK(client->call({"SET", "large", large}).is_reply());
    CHECK(got(client->call({"GET", "large"})) == large);
    CHECK(client->call({"DEL", "large"}).is_reply());
  }
}

TEST_CASE("databases of one server are apart") {
  const std::string url = servers().url("AUTHKIT_TEST_REDIS");
  const auto first = client_of(url), second = client_of(url.substr(0, url.size() - 1) + "3");
  CHECK(first->call({"SET", "apart", "0"}).is_reply());
  CHECK(got(second->call({"GET", "apart"})) == "nil");
  CHECK(first->call({"DEL", "apart"}).is_reply());
}

TEST_CASE("an error reply is the answer, and its text stays inside") {
  const auto client = client_of(servers().url("AUTHKIT_TEST_REDIS"));
  CHECK(client->call({"SET", "CANARY", "CANARY"}).is_reply());
  struct Row {
    std::vector<std::string_view> command;
    std::string_view name;
  };
  for (const Row& row : {Row{{"LPUSH", "CANARY", "x"}, "WRONGTYPE"}, Row{{"CANARY", "x"}, "ERR"}, Row{{"EVALSHA", "CANARY", "0"}, "NOSCRIPT"}}) {
    const Answer answer = client->call({row.command, 1, false}, client->default_deadline());
    CHECK(answer.outcome == Outcome::error_reply);
    CHECK(answer.error_name() == row.name);
    CHECK(answer.error.message().find("CANARY") == std::string::npos);
  }
  CHECK(client->call({"DEL", "CANARY"}).is_reply());
}

TEST_CASE("callbacks: many at once, each its own answer, and calls from within") {
  const auto client = client_of(servers().url("AUTHKIT_TEST_REDIS"));
  constexpr int count = 4000;
  std::atomic<int> right{0}, left{2 * count};
  std::promise<void> all;
  const auto done = [&](const Answer& answer, const std::string& expected) {
    if (answer.is_reply() && *answer.reply.text() == expected) ++right;
    if (--left == 0) all.set_value();
  };
  for (int i = 0; i < count; ++i) {
    const std::string text = fmt::format("{}", i), inner = text + " again";
    const std::string_view echo[] = {"ECHO", text};
    client->start({echo, 0, true}, client->default_deadline(), [&, text, inner](const Answer& answer) {
      done(answer, text);
      const std::string_view again[] = {"ECHO", inner};
      client->start({again, 0, true}, client->default_deadline(), [&, inner](const Answer& second) { done(second, inner); });
    });
    while (2 * i > 2 * count - left + 3000) std::this_thread::yield();
  }
  REQUIRE(all.get_future().wait_for(std::chrono::seconds(60)) == std::future_status::ready);
  CHECK(right == 2 * count);
}

TEST_CASE("who refuses us is not asked again and again, and each call says so at once") {
  FakeServer server([](FakeServer::Peer& peer, int) {
    while (!peer.command().empty()) peer.send("-NOAUTH Authentication required.\r\n");
  });
  const auto client = client_of(server.url());
  Answer answer = client->call({"GET", "x"});
  CHECK(answer.outcome == Outcome::not_sent);
  CHECK(answer.reason == Reason::login);
  for (int i = 0; i < 1000; ++i) CHECK(client->call({"GET", "x"}).reason == Reason::login);
  CHECK(server.connections() <= 3);
}

TEST_CASE("a user that may do little gets its answers all the same") {
  const auto admin = client_of(servers().url("AUTHKIT_TEST_REDIS"));
  REQUIRE(admin->call({"ACL", "SETUSER", "narrow", "on", ">narrow", "~narrow:*", "+get", "+set"}).is_reply());
  const auto client = client_of(fmt::format("redis://narrow:narrow@127.0.0.1:{}", port_of(servers().url("AUTHKIT_TEST_REDIS"))));
  CHECK(client->call({"SET", "narrow:x", "1"}).is_reply());
  const Answer refused = client->call({"SET", "wide:x", "1"});
  CHECK(refused.error_name() == "NOPERM");
  CHECK(refused.error.code == Errc::store_unavailable);
  CHECK(got(client->call({"GET", "narrow:x"})) == "1");

  // A password that changed: the connection is lost, the new one is refused, and once the password fits again all is well.
  REQUIRE(admin->call({"ACL", "SETUSER", "narrow", "resetpass", ">other"}).is_reply());
  REQUIRE(admin->call({"CLIENT", "KILL", "USER", "narrow"}).is_reply());
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (client->call({"GET", "narrow:x"}).reason != Reason::login && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  CHECK(client->call({"GET", "narrow:x"}).reason == Reason::login);
  REQUIRE(admin->call({"ACL", "SETUSER", "narrow", ">narrow"}).is_reply());
  while (!client->call({"GET", "narrow:x"}).is_reply() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  CHECK(got(client->call({"GET", "narrow:x"})) == "1");
  CHECK(admin->call({"ACL", "DELUSER", "narrow"}).is_reply());
  CHECK(admin->call({"DEL", "narrow:x"}).is_reply());
}

TEST_CASE("a call to nobody ends at its deadline, and when it is known, at once") {
  std::string url;
  {
    const FakeServer gone([](FakeServer::Peer&, int) {});
    url = gone.url();
  }
  ClientOptions options;
  options.patience = Duration{50};
  const auto client = Client::open(url, std::move(options)).value();
  int late = 0, at_once = 0;
  for (int i = 0; i < 200; ++i) {
    const Answer answer = client->call({"GET", "x"});
    REQUIRE(answer.outcome == Outcome::not_sent);
    REQUIRE((answer.reason == Reason::late || answer.reason == Reason::breaker));
    ++(answer.reason == Reason::late ? late : at_once);
  }
  CHECK(late >= 1);
  CHECK(late <= 21);
  CHECK(at_once >= 100);
  CHECK(!client->is_up());
}

TEST_CASE("a client that is closed ends what waits") {
  std::atomic<int> ended{0};
  {
    FakeServer server(polite([](const auto&) { return ""; }));  // takes commands, says nothing
    const auto client = client_of(server.url());
    for (int i = 0; i < 100; ++i) {
      const std::string_view get[] = {"GET", "x"};
      client->start({get, 1, false}, client->default_deadline(), [&](const Answer& answer) {
        CHECK((answer.outcome == Outcome::ambiguous || answer.reason == Reason::closed));
        ++ended;
      });
    }
  }
  CHECK(ended == 100);
}

TEST_CASE("the queue is bounded, and who comes too many is told at once") {
  FakeServer server(polite([](const auto&) { return ""; }));
  ClientOptions options;
  options.link.max_calls = 10;
  std::atomic<int> overloaded{0}, ended{0};
  {
    const auto client = Client::open(server.url(), std::move(options)).value();
    const std::string_view get[] = {"GET", "x"};
    for (int i = 0; i < 100; ++i) {
      client->start({get, 1, false}, std::chrono::steady_clock::now() + std::chrono::seconds(60), [&](const Answer& answer) {
        ++ended;
        if (answer.reason == Reason::overloaded) ++overloaded;
      });
    }
    CHECK(overloaded >= 85);  // a probe may hold a place
  }
  CHECK(overloaded <= 91);
  CHECK(ended == 100);
}

TEST_CASE("a client that waits in Redis is neither probed nor judged by how long that takes") {
  std::atomic<int> pings{0};
  FakeServer server([&](FakeServer::Peer& peer, int) {
    for (;;) {
      const auto command = peer.command();
      if (command.empty()) return;
      if (command[0] == "PING") ++pings;
      if (command[0] == "XREAD") std::this_thread::sleep_for(Duration{400});
      peer.send(command[0] == "XREAD" ? "*-1\r\n" : "+OK\r\n");
    }
  });
  ClientOptions options;
  options.link.waits = true;
  const auto client = Client::open(server.url(), std::move(options)).value();
  const std::string_view read[] = {"XREAD", "BLOCK", "400", "STREAMS", "s", "0"};
  for (int i = 0; i < 6; ++i) CHECK(client->call({read, 4, true}, std::chrono::steady_clock::now() + std::chrono::seconds(10)).is_reply());
  for (int i = 0; i < 40; ++i) client->call({read, 4, true}, std::chrono::steady_clock::now());  // late, all of them
  CHECK(client->call({read, 4, true}, std::chrono::steady_clock::now() + std::chrono::seconds(60)).is_reply());
  CHECK(pings == 0);
}
