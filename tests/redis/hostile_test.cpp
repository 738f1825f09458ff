#include "redis/client.hpp"
#include "redis/fake_server.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <future>

using namespace authkit;
using namespace authkit::redis;

namespace {

using Peer = FakeServer::Peer;

std::unique_ptr<Client> client_of(const FakeServer& server, int patience) {
  ClientOptions options;
  options.patience = Duration{patience};
  return Client::open(server.url(), std::move(options)).value();
}

/// Answers the handshake of a new connection.
void greet(Peer& peer) {
  peer.command();
  peer.send("+OK\r\n");
}

/// The reply to a command that is not the script's matter: ECHO gives back its argument.
std::string usual(const std::vector<std::string>& command) { return command[0] == "ECHO" ? bulk(command[1]) : std::string("+PONG\r\n"); }

void serve(Peer& peer) {
  for (;;) {
    const auto command = peer.command();
    if (command.empty() || !peer.send(usual(command))) return;
  }
}

/// Calls until one is answered, as it must be by the next connection.
void expect_recovery(Client& client) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  Answer answer;
  do {
    answer = client.call({"ECHO", "back"});
  } while (!answer.is_reply() && std::chrono::steady_clock::now() < until);
  REQUIRE(answer.is_reply());
  CHECK(*answer.reply.text() == "back");
}

}  // namespace

TEST_CASE("replies that come byte by byte, or many in one packet") {
  FakeServer slow([](Peer& peer, int) {
    greet(peer);
    for (;;) {
      const auto command = peer.command();
      if (command.empty() || !peer.send_slowly(usual(command))) return;
    }
  });
  FakeServer joining([](Peer& peer, int) {
    greet(peer);
    std::string held;
    for (int count = 1;; ++count) {
      const auto command = peer.command();
      if (command.empty()) return;
      held += usual(command);
      if (command[0] == "ECHO" && count % 8 != 0) continue;
      if (!peer.send(held)) return;
      held.clear();
    }
  });
  for (const FakeServer* server : {&slow, &joining}) {
    const auto client = client_of(*server, 10'000);
    std::atomic<int> right{0}, left{200};
    std::promise<void> all;
    for (int i = 0; i < 200; ++i) {
      const std::string text = fmt::format("value {}", i);
      const std::string_view echo[] = {"ECHO", text};
      client->start({echo, 0, false}, client->default_deadline(), [&, text](const Answer& answer) {
        if (answer.is_reply() && *answer.reply.text() == text) ++right;
        if (--left == 0) all.set_value();
      });
    }
    while (left > 0) client->call({"PING"});  // flushes what is held
    CHECK(all.get_future().wait_for(std::chrono::seconds(30)) == std::future_status::ready);
    CHECK(right == 200);
  }
}

TEST_CASE("what is no reply costs the connection, the call that waits is ambiguous, and the next connection serves") {
  std::string deep, endless = "*2147483647\r\n";
  for (int level = 0; level < 100'000; ++level) deep += "*1\r\n";
  for (int member = 0; member < 300'000; ++member) endless += ":1\r\n";
  for (const std::string& bytes :
       {std::string("garbage\r\n"), std::string(1000, '\0'), std::string("\r\n\r\n"), std::string("HTTP/1.1 400 Bad Request\r\n\r\n"),
        std::string("$-2\r\n"), std::string("*-2\r\n"), std::string("$99999999999999999999\r\n"), deep, endless,
        "$2147483648\r\n" + std::string(9 << 20, 'x'), bulk("back") + bulk("extra"), std::string("*2\r\n:1\r\n")}) {
    CAPTURE(bytes.substr(0, 30));
    FakeServer server([&bytes](Peer& peer, int number) {
      greet(peer);
      if (number > 0) return serve(peer);
      while (peer.command().front() != "ECHO") peer.send("+PONG\r\n");
      peer.send(bytes);
      if (bytes.starts_with("*2\r\n")) return;  // cut in the middle of a reply
      peer.command();
    });
    const auto client = client_of(server, 5000);
    const Answer answer = client->call({"ECHO", "first"});
    if (bytes.starts_with("$4\r\n")) {
      CHECK(answer.is_reply());
    } else {
      CHECK(answer.outcome == Outcome::ambiguous);
      CHECK(answer.reason == Reason::link_lost);
    }
    expect_recovery(*client);
    CHECK(server.connections() >= 2);
  }
}

TEST_CASE("an idempotent call whose connection breaks is made again, others are not") {
  for (const bool idempotent : {false, true}) {
    std::atomic<int> seen{0};
    FakeServer server([&seen](Peer& peer, int number) {
      greet(peer);
      for (;;) {
        const auto command = peer.command();
        if (command.empty()) return;
        if (command[0] == "ECHO" && ++seen == 1 && number == 0) return;
        peer.send(usual(command));
      }
    });
    const auto client = client_of(server, 10'000);
    CHECK(client->call({"ECHO", "x"}, idempotent).outcome == (idempotent ? Outcome::reply : Outcome::ambiguous));
    CHECK(seen == (idempotent ? 2 : 1));
  }
}

TEST_CASE("a reply that comes late goes to nobody") {
  std::promise<void> released;
  const auto release = released.get_future().share();
  FakeServer server([release](Peer& peer, int) {
    greet(peer);
    for (;;) {
      const auto command = peer.command();
      if (command.empty()) return;
      if (command[0] == "ECHO" && command[1] == "first") release.wait();
      peer.send(usual(command));
    }
  });
  const auto client = client_of(server, 20'000);
  CHECK(client->call({"PING"}).is_reply());
  const std::string_view echo[] = {"ECHO", "first"};
  const Answer late = client->call({echo, 0, false}, std::chrono::steady_clock::now() + Duration{50});
  CHECK(late.outcome == Outcome::ambiguous);
  CHECK(late.reason == Reason::late);
  released.set_value();
  for (int i = 0; i < 100; ++i) {
    const std::string text = fmt::format("{}", i);
    const Answer answer = client->call({"ECHO", text});
    REQUIRE(answer.is_reply());
    CHECK(*answer.reply.text() == text);
  }
}

TEST_CASE("a connection that never answers is given up, once its oldest call is overdue") {
  FakeServer server([](Peer& peer, int number) {
    greet(peer);
    if (number > 0) return serve(peer);
    while (!peer.command().empty()) {
    }
  });
  const auto client = client_of(server, 100);
  const Answer answer = client->call({"ECHO", "x"});
  CHECK(answer.outcome == Outcome::ambiguous);
  expect_recovery(*client);
  CHECK(server.connections() == 2);
}

TEST_CASE("a peer that does not finish the handshake is given up") {
  FakeServer server([](Peer& peer, int number) {
    if (number == 0) {
      peer.command();
      peer.command();
      return;
    }
    greet(peer);
    serve(peer);
  });
  ClientOptions options;
  options.patience = Duration{100};
  options.link.connect_timeout = Duration{200};
  const auto client = Client::open(server.url(), std::move(options)).value();
  CHECK(client->call({"ECHO", "x"}).reason == Reason::late);
  expect_recovery(*client);
}

TEST_CASE("what does not run for a reason that passes is tried again, within bounds") {
  struct Row {
    std::string_view refusal;
    int times;
    bool answered;
  };
  for (const Row& row : {Row{"LOADING wait", 3, true}, Row{"BUSY wait", 3, true}, Row{"TRYAGAIN wait", 3, true}, Row{"CLUSTERDOWN wait", 3, true},
                         Row{"LOADING wait", 1000, false}, Row{"MOVED 1 127.0.0.1:1", 1, false}, Row{"OOM full", 1, false}}) {
    CAPTURE(row.refusal);
    std::atomic<int> left{row.times}, asked{0};
    FakeServer server(polite([&](const auto&) {
      ++asked;
      return left-- > 0 ? fmt::format("-{}\r\n", row.refusal) : std::string("+OK\r\n");
    }));
    const auto client = client_of(server, 5000);
    CHECK(client->call({"INCR", "x"}).is_reply() == row.answered);
    CHECK(asked <= 1 + 10);  // as many retries as a budget that nothing fills allows
    CHECK(asked >= std::min(row.times, 2) - (row.answered ? 0 : 1));
  }
}

TEST_CASE("a server that turned read-only is left for whoever its name leads to, but not again and again") {
  std::atomic<int> writes{0};
  FakeServer server([&](Peer& peer, int number) {
    greet(peer);
    for (;;) {
      const auto command = peer.command();
      if (command.empty()) return;
      const bool write = command[0] == "INCR";
      if (write) ++writes;
      peer.send(write && number == 0 ? "-READONLY You can't write against a read only replica.\r\n" : usual(command));
    }
  });
  const auto client = client_of(server, 5000);
  CHECK(client->call({"INCR", "x"}).is_reply());
  CHECK(server.connections() >= 2);

  FakeServer replica(polite([](const auto& command) { return command[0] == "INCR" ? "-READONLY no\r\n" : bulk(command[1]); }));
  const auto reader = client_of(replica, 200);
  const auto begun = std::chrono::steady_clock::now();
  int read_only = 0;
  for (int i = 0; i < 20; ++i) {
    const Answer answer = reader->call({"INCR", "x"});
    // A try that begins just before the deadline may end without an answer, and then nobody knows.
    CHECK((answer.outcome == Outcome::not_sent || (answer.outcome == Outcome::ambiguous && answer.reason == Reason::late)));
    if (answer.reason == Reason::read_only) ++read_only;
  }
  CHECK(read_only > 0);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begun).count();
  CHECK(replica.connections() <= seconds + 3);
}
