#include "redis/client.hpp"
#include "redis/fake_server.hpp"
#include "redis/servers.hpp"
#include "redis/slots.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <set>
#include <sstream>

using namespace authkit;
using namespace authkit::redis;
using Steady = std::chrono::steady_clock;

namespace {

/// The three masters, each by a client of its own that follows nothing.
struct Masters {
  std::vector<std::unique_ptr<Client>> nodes;
  std::vector<std::string> ports;

  Masters() {
    const std::string url = servers().url("AUTHKIT_TEST_REDIS_CLUSTER");
    for (std::size_t at = url.find("127.0.0.1:"); at != std::string::npos; at = url.find("127.0.0.1:", at + 1)) {
      const std::size_t from = at + 10;
      ports.push_back(url.substr(from, url.find(',', from) - from));
      ClientOptions options;
      options.patience = Duration{5000};
      nodes.push_back(Client::open("redis://127.0.0.1:" + ports.back(), std::move(options)).value());
    }
    REQUIRE(nodes.size() == 3);
  }

  /// What a master believes: of each node its id, its epoch and its slots.
  std::set<std::string> view(std::size_t node) {
    const Answer answer = nodes[node]->call({"CLUSTER", "NODES"});
    REQUIRE(answer.is_reply());
    std::set<std::string> lines;
    std::istringstream text(*answer.reply.text());
    for (std::string line; std::getline(text, line);) {
      std::istringstream fields(line);
      std::string seen, field;
      for (int i = 0; fields >> field; ++i) {
        if (i == 0 || i == 6 || (i >= 8 && field[0] != '[')) seen.append(field).append(" ");
      }
      lines.insert(std::move(seen));
    }
    return lines;
  }
  /// A slot that moves on before all know of its last owner's epoch is claimed under an older one, and then two masters name each other for good.
  void wait_until_agreed() {
    const auto until = Steady::now() + std::chrono::seconds(30);
    const auto agreed = [this] {
      const auto first = view(0);
      return first == view(1) && first == view(2);
    };
    while (!agreed() && Steady::now() < until) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    REQUIRE(agreed());
  }
  std::string id(std::size_t node) { return *nodes[node]->call({"CLUSTER", "MYID"}).reply.text(); }
  /// How often all of them were asked for the table.
  int table_requests() {
    int count = 0;
    for (const auto& node : nodes) {
      const Answer answer = node->call({"INFO", "commandstats"});
      REQUIRE(answer.is_reply());
      const std::string_view text = *answer.reply.text(), name = "cmdstat_cluster|slots:calls=";
      if (const std::size_t at = text.find(name); at != std::string_view::npos) count += std::stoi(std::string(text.substr(at + name.size(), 12)));
    }
    return count;
  }
};

std::unique_ptr<Client> cluster_client(int patience = 5000) {
  ClientOptions options;
  options.patience = Duration{patience};
  return Client::open(servers().url("AUTHKIT_TEST_REDIS_CLUSTER"), std::move(options)).value();
}

/// A key whose slot the first, second or third master has from the start.
std::string key_of(std::size_t node, std::string_view name = "key") {
  constexpr unsigned last[] = {5460, 10922, 16383};
  for (int i = 0;; ++i) {
    std::string key = fmt::format("{{{}{}}}", name, i);
    const unsigned slot = slot_of(key);
    if (slot <= last[node] && (node == 0 || slot > last[node - 1])) return key;
  }
}

}  // namespace

TEST_CASE("a cluster's keys are found wherever they are, and its table is not asked for again and again") {
  Masters masters;
  const int before = masters.table_requests();
  const auto client = cluster_client();
  for (int i = 0; i < 1000; ++i) {
    const std::string key = fmt::format("spread:{}", i);
    REQUIRE(client->call({"SET", key, key}).is_reply());
    CHECK(*client->call({"GET", key}).reply.text() == key);
    CHECK(client->call({"DEL", key}).is_reply());
  }
  CHECK(masters.table_requests() - before >= 1);
  CHECK(masters.table_requests() - before <= 2);  // a node that is slow to answer is not waited for
}

TEST_CASE("a slot moves to another node under load, and every answer stays right") {
  Masters masters;
  const std::string key = key_of(0), other = key + "b", slot = fmt::format("{}", slot_of(key));
  const auto client = cluster_client();
  REQUIRE(client->call({"SET", key, "0"}).is_reply());
  REQUIRE(client->call({"SET", other, "0"}).is_reply());
  std::atomic<bool> stopping{false};
  std::atomic<int> confirmed{0}, wrong{0}, failed{0};
  std::atomic<Reason> why{Reason::none};  // the last one failed
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (!stopping) {
        const Answer one = client->call({"INCR", key});
        if (!one.is_reply()) why = one.reason;
        ++(one.is_reply() ? confirmed : failed);
      }
    });
    threads.emplace_back([&] {
      const std::string_view both[] = {"MGET", key, other};
      while (!stopping) {
        const Answer pair = client->call({both, 1, true}, client->default_deadline());
        if (!pair.is_reply()) {
          why = pair.reason;
          ++failed;
        } else if (pair.reply.array()->size() != 2 || *(*pair.reply.array())[1].text() != "0") {
          ++wrong;
        }
      }
    });
  }
  const auto run_until = [&](int more) {
    const int wanted = confirmed + more;
    const auto until = Steady::now() + std::chrono::seconds(30);
    while (confirmed < wanted && Steady::now() < until) std::this_thread::yield();
    INFO("the last failure: ", static_cast<int>(why.load()));
    CHECK(confirmed >= wanted);
  };
  const auto move_slot = [&](std::size_t from, std::size_t to) {
    const auto at = [&](std::size_t node, std::initializer_list<std::string_view> command) {
      const Answer answer = masters.nodes[node]->call(command);
      REQUIRE_MESSAGE(answer.is_reply(), answer.error.message());
    };
    const std::string from_id = masters.id(from), to_id = masters.id(to);
    at(to, {"CLUSTER", "SETSLOT", slot, "IMPORTING", from_id});
    at(from, {"CLUSTER", "SETSLOT", slot, "MIGRATING", to_id});
    run_until(200);
    at(from, {"MIGRATE", "127.0.0.1", masters.ports[to], key, "0", "5000"});  // from now on: ASK for one key, TRYAGAIN for both
    run_until(8);
    at(from, {"MIGRATE", "127.0.0.1", masters.ports[to], other, "0", "5000"});
    at(to, {"CLUSTER", "SETSLOT", slot, "NODE", to_id});
    at(from, {"CLUSTER", "SETSLOT", slot, "NODE", to_id});
    masters.wait_until_agreed();
    run_until(200);
  };
  const int before = masters.table_requests();
  const auto begun = Steady::now();
  for (int round = 0; round < 2; ++round) {
    move_slot(0, 1);
    move_slot(1, 0);
  }
  stopping = true;
  for (auto& thread : threads) thread.join();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(Steady::now() - begun).count();
  CHECK(masters.table_requests() - before <= seconds + 2);
  CHECK(wrong.load() == 0);
  INFO("the last failure: ", static_cast<int>(why.load()));
  CHECK(failed.load() == 0);
  const Answer counted = client->call({"GET", key});
  REQUIRE(counted.is_reply());
  CHECK(*counted.reply.text() == fmt::format("{}", confirmed.load()));
  CHECK(client->call({"DEL", key, other}).is_reply());
}

TEST_CASE("a master dies and comes back: its keys are refused, the others' served, and then all is well") {
  Masters masters;
  for (const auto& node : masters.nodes) REQUIRE(node->call({"CONFIG", "SET", "cluster-require-full-coverage", "no"}).is_reply());
  const auto client = cluster_client(300);
  const std::string dead = key_of(1, "dead"), alive = key_of(2, "alive");
  const auto until = Steady::now() + std::chrono::seconds(60);
  const auto retry = [&](std::string_view key) {
    while (Steady::now() < until) {
      if (client->call({"INCR", key}).is_reply()) return true;
    }
    return false;
  };
  REQUIRE(retry(dead));
  REQUIRE(retry(alive));
  servers().kill("cluster2", "KILL");
  int refused = 0, served = 0;
  for (int i = 0; i < 40; ++i) {
    const auto begun = Steady::now();
    if (!client->call({"INCR", dead}).is_reply()) ++refused;
    CHECK(Steady::now() - begun < std::chrono::seconds(3));
    if (client->call({"INCR", alive}).is_reply()) ++served;
  }
  CHECK(refused == 40);
  CHECK(served >= 35);
  servers().start("cluster2");
  const auto back = Steady::now();
  CHECK(retry(dead));
  MESSAGE("served again ", std::chrono::duration_cast<Duration>(Steady::now() - back).count(), " ms after the cluster was");
  CHECK(retry(alive));
  for (const auto& node : masters.nodes) node->call({"CONFIG", "SET", "cluster-require-full-coverage", "yes"});
}

TEST_CASE("servers that left a cluster are let go, and those that came are found") {
  // Three servers; the table names the first and one of the others, which changes.
  std::atomic<int> current{0};
  std::vector<std::unique_ptr<FakeServer>> others;
  const auto echo = polite([](const std::vector<std::string>& command) { return bulk(command.back()); });
  for (int i = 0; i < 2; ++i) others.push_back(std::make_unique<FakeServer>(echo));
  FakeServer first(polite([&](const std::vector<std::string>& command) {
    if (command[0] != "CLUSTER")
      return fmt::format("-MOVED {} 127.0.0.1:{}\r\n", slot_of(command[1]), others[static_cast<std::size_t>(current)]->port());
    return fmt::format("*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n{}:{}\r\n", bulk("127.0.0.1"), others[static_cast<std::size_t>(current)]->port());
  }));
  ClientOptions options;
  options.patience = Duration{5000};
  const auto client = Client::open("redis+cluster://127.0.0.1:" + std::to_string(first.port()), std::move(options)).value();
  const auto until = Steady::now() + std::chrono::seconds(30);
  REQUIRE(client->call({"ECHO", "x"}).is_reply());
  CHECK(others[0]->connections() == 1);
  current = 1;
  others[0].reset();  // its connection breaks, so the table is asked for again
  while (!client->call({"ECHO", "y"}).is_reply() && Steady::now() < until) std::this_thread::yield();
  REQUIRE(client->call({"ECHO", "y"}).is_reply());
  while (!client->is_up() && Steady::now() < until) std::this_thread::yield();
  CHECK(client->is_up());
}

TEST_CASE("a call that the servers of a cluster send to each other is made again until they agree") {
  std::atomic<int> sent_on{0};
  std::atomic<unsigned> a_port{0}, b_port{0};
  const auto server = [&](std::atomic<unsigned>& other) {
    return polite([&](const std::vector<std::string>& command) {
      if (command[0] == "CLUSTER") return fmt::format("*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n{}:{}\r\n", bulk("127.0.0.1"), a_port.load());
      if (++sent_on <= 15) return fmt::format("-MOVED {} 127.0.0.1:{}\r\n", slot_of(command[1]), other.load());
      return bulk(command.back());
    });
  };
  FakeServer a(server(b_port)), b(server(a_port));
  a_port = a.port();
  b_port = b.port();
  ClientOptions options;
  options.patience = Duration{20'000};
  const auto client = Client::open("redis+cluster://127.0.0.1:" + std::to_string(a.port()), std::move(options)).value();
  CHECK(client->call({"ECHO", "x"}).is_reply());
  CHECK(sent_on == 16);
}
