#include "redis/client.hpp"
#include "redis/servers.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>

using namespace authkit;
using namespace authkit::redis;
using Steady = std::chrono::steady_clock;

namespace {

constexpr Duration patience{300};
constexpr auto hang = std::chrono::seconds(3);  // ten times what a call may take

/// How often Redis is killed: AUTHKIT_REDIS_KILLS, or a few times.
int kills_wanted() {
  const char* wanted = std::getenv("AUTHKIT_REDIS_KILLS");
  return wanted != nullptr ? std::atoi(wanted) : 3;
}

struct Load {
  std::atomic<int> confirmed{0}, unknown{0}, refused{0}, wrong{0};
  std::atomic<Steady::rep> slowest{0};
  std::atomic<bool> stopping{false};

  /// Makes the call and notes how long it took.
  Answer timed(const auto& call) {
    const auto begun = Steady::now();
    Answer answer = call();
    const auto taken = (Steady::now() - begun).count();
    for (auto seen = slowest.load(); taken > seen && !slowest.compare_exchange_weak(seen, taken);) {
    }
    return answer;
  }
  void count(const Answer& answer, bool right) {
    if (answer.is_reply()) {
      ++(right ? confirmed : wrong);
    } else {
      ++(answer.outcome == Outcome::ambiguous ? unknown : refused);
      std::this_thread::sleep_for(Duration{1});  // as somebody would who asks again
    }
  }
  Steady::duration longest() const { return Steady::duration(slowest.load()); }
};

std::vector<std::thread> start(int count, const auto& work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([work, i] { work(i); });
  return threads;
}

void join(std::vector<std::thread>& threads) {
  for (auto& thread : threads) thread.join();
}

/// Until `counter` is `more` higher than now, or it hangs.
void wait_for_more(const std::atomic<int>& counter, int more) {
  const auto until = Steady::now() + std::chrono::seconds(60);
  const int wanted = counter + more;
  while (counter < wanted && Steady::now() < until) std::this_thread::sleep_for(Duration{1});
  REQUIRE(counter >= wanted);
}

std::unique_ptr<Client> client_at(const char* variable) {
  ClientOptions options;
  options.patience = patience;
  return Client::open(servers().url(variable), std::move(options)).value();
}

std::int64_t stored(Client& client, std::string_view key) {
  const auto until = Steady::now() + std::chrono::seconds(30);
  Answer answer;
  do {
    answer = client.call({"GET", key}, true);
  } while (!answer.is_reply() && Steady::now() < until);
  REQUIRE(answer.is_reply());
  return std::stoll(*answer.reply.text());
}

}  // namespace

TEST_CASE("Redis is killed under a load of INCR: what was confirmed is counted, and nothing is counted twice") {
  const auto client = client_at("AUTHKIT_TEST_REDIS");
  REQUIRE(client->call({"SET", "counter", "0"}).is_reply());
  Load load;
  Steady::duration slowest_return{0};
  auto threads = start(16, [&](int) {
    while (!load.stopping) load.count(load.timed([&] { return client->call({"INCR", "counter"}); }), true);
  });
  for (int round = 0; round < kills_wanted(); ++round) {
    wait_for_more(load.confirmed, 2000);
    servers().kill("redis", "KILL");
    wait_for_more(load.refused, 50);
    servers().start("redis");
    const auto back = Steady::now();
    wait_for_more(load.confirmed, 1);
    slowest_return = std::max(slowest_return, Steady::now() - back);
    CHECK(Steady::now() - back < std::chrono::seconds(15));
  }
  load.stopping = true;
  join(threads);
  const auto counter = stored(*client, "counter");
  MESSAGE(load.confirmed.load(), " confirmed, ", load.unknown.load(), " unknown, ", load.refused.load(), " not sent, counter ", counter,
          ", slowest call ", std::chrono::duration_cast<Duration>(load.longest()).count(), " ms, answers again after at most ",
          std::chrono::duration_cast<Duration>(slowest_return).count(), " ms");
  CHECK(counter >= load.confirmed);
  CHECK(counter <= load.confirmed + load.unknown);
  CHECK(load.longest() < hang);
}

TEST_CASE("Redis is frozen under load: calls end at their deadlines, and late replies go to nobody") {
  const auto client = client_at("AUTHKIT_TEST_REDIS");
  Load load;
  auto threads = start(16, [&](int thread) {
    for (int i = 0; !load.stopping; ++i) {
      const std::string text = fmt::format("{}-{}", thread, i);
      const Answer answer = load.timed([&] { return client->call({"ECHO", text}); });
      load.count(answer, answer.is_reply() && *answer.reply.text() == text);
    }
  });
  for (const int freeze : {400, 1500}) {  // shorter and longer than a connection is kept without an answer
    wait_for_more(load.confirmed, 2000);
    servers().kill("redis", "STOP");
    const auto until = Steady::now() + Duration{freeze};
    wait_for_more(load.unknown, 1);
    std::this_thread::sleep_until(until);
    servers().kill("redis", "CONT");
    wait_for_more(load.confirmed, 2000);
  }
  load.stopping = true;
  join(threads);
  MESSAGE(load.confirmed.load(), " right, ", load.unknown.load(), " unknown, ", load.refused.load(), " not sent, slowest call ",
          std::chrono::duration_cast<Duration>(load.longest()).count(), " ms");
  CHECK(load.wrong == 0);
  CHECK(load.longest() < hang);
}

TEST_CASE("TLS with an ACL user survives a kill as well") {
  const auto client = client_at("AUTHKIT_TEST_REDIS_TLS");
  Load load;
  auto threads = start(8, [&](int thread) {
    for (int i = 0; !load.stopping; ++i) {
      const std::string text = fmt::format("{}-{}", thread, i);
      const Answer answer = load.timed([&] { return client->call({"ECHO", text}); });
      load.count(answer, answer.is_reply() && *answer.reply.text() == text);
    }
  });
  for (int round = 0; round < 2; ++round) {
    wait_for_more(load.confirmed, 1000);
    servers().kill("redis_tls", "KILL");
    wait_for_more(load.refused, 50);
    servers().start("redis_tls");
    wait_for_more(load.confirmed, 1000);
  }
  load.stopping = true;
  join(threads);
  CHECK(load.wrong == 0);
  CHECK(load.longest() < hang);
}
