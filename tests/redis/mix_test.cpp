#include "redis/client.hpp"
#include "redis/servers.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <random>

using namespace authkit;
using namespace authkit::redis;

namespace {

/// How many calls in all: AUTHKIT_REDIS_CALLS, or what takes some seconds.
int calls_wanted() {
  if (const char* wanted = std::getenv("AUTHKIT_REDIS_CALLS")) return std::atoi(wanted);
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  return 30'000;
#else
  return 200'000;
#endif
}

struct Score {
  std::atomic<int> answered{0}, late{0}, crossed{0}, ended{0};

  void take(const Answer& answer, std::string_view expected) {
    if (answer.is_reply()) {
      const std::string* text = answer.reply.text();
      ++(text != nullptr && *text == expected ? answered : crossed);
    } else {
      ++late;
    }
    ++ended;
  }
};

}  // namespace

TEST_CASE("many threads, blocking and not, with deadlines that pass at every moment: no reply reaches another caller") {
  constexpr int threads = 16;
  const int each = calls_wanted() / threads;
  for (const char* variable : {"AUTHKIT_TEST_REDIS", "AUTHKIT_TEST_REDIS_TLS"}) {
    Score score;
    const auto client = Client::open(servers().url(variable)).value();
    std::vector<std::thread> callers;
    for (int thread = 0; thread < threads; ++thread) {
      callers.emplace_back([&, thread] {
        std::minstd_rand dice(static_cast<unsigned>(thread) + 1);
        for (int i = 0; i < each / 2; ++i) {
          const std::string text = fmt::format("{}-{}", thread, i);
          const std::string_view echo[] = {"ECHO", text};
          // From already over to plenty.
          const auto deadline = std::chrono::steady_clock::now() + std::chrono::microseconds(dice() % 4 == 0 ? dice() % 500 : 200'000);
          if (dice() % 2 == 0) {
            score.take(client->call({echo, 0, false}, deadline), text);
          } else {
            client->start({echo, 0, false}, deadline, [&score, text](const Answer& answer) { score.take(answer, text); });
          }
        }
      });
    }
    for (auto& caller : callers) caller.join();
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (score.ended < each / 2 * threads && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    CHECK(score.ended == each / 2 * threads);
    CHECK(score.crossed == 0);
    CHECK(score.answered > 0);
    CHECK(score.late > 0);
    MESSAGE(std::string(variable), ": ", score.answered.load(), " answered, ", score.late.load(), " not");
  }
}
