#include "redis/client.hpp"
#include "redis/servers.hpp"

#include <doctest/doctest.h>

using namespace authkit;
using namespace authkit::redis;

namespace {

std::string replaced(std::string text, std::string_view from, std::string_view to) { return text.replace(text.find(from), from.size(), to); }

/// What a client logged; it writes from its own thread.
struct Log {
  std::mutex mutex;
  std::string text;

  bool holds(std::string_view part) {
    const std::lock_guard lock(mutex);
    return text.find(part) != std::string::npos;
  }
  /// A call may end before the line about it is written.
  bool will_hold(std::string_view part) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!holds(part) && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    return holds(part);
  }
};

std::unique_ptr<Client> client_of(const std::string& url, Log& log, int patience) {
  ClientOptions options;
  options.patience = Duration{patience};
  options.link.log.emplace(LogLevel::debug, [&log](LogLevel, std::string_view line) {
    const std::lock_guard lock(log.mutex);
    log.text += std::string(line) + '\n';
  });
  return Client::open(url, std::move(options)).value();
}

}  // namespace

TEST_CASE("TLS is verified, and who does not fit is refused with a reason") {
  const std::string url = servers().url("AUTHKIT_TEST_REDIS_TLS");
  const std::string without_ca = url.substr(0, url.find('?'));
  struct Row {
    std::string url;
    Reason reason;
    std::string_view why;
  };
  for (const Row& row :
       {Row{url, Reason::none, "Redis is connected"}, Row{replaced(url, "localhost", "127.0.0.1"), Reason::none, "Redis is connected"},
        Row{without_ca + "?verify=none", Reason::none, "Redis is connected"}, Row{without_ca, Reason::late, "self-signed certificate"},
        Row{replaced(url, "authkit:authkit", "authkit:CANARY"), Reason::login, "refuses our user"},
        Row{replaced(url, "authkit:authkit@", ""), Reason::login, "refuses our user"},
        Row{"redis" + url.substr(6, url.find('?') - 6), Reason::late, "connection broke"}}) {
    CAPTURE(row.url);
    Log log;
    const auto client = client_of(row.url, log, row.reason == Reason::late ? 500 : 10'000);
    const Answer answer = client->call({"PING"});
    CHECK(answer.reason == row.reason);
    CHECK(answer.outcome == (row.reason == Reason::none ? Outcome::reply : Outcome::not_sent));
    CHECK_MESSAGE(log.will_hold(row.why), log.text);
    CHECK(!log.holds("CANARY"));
  }
  CHECK(Client::open(without_ca + "?ca_file=/nowhere/ca.pem").error().code == Errc::config_invalid);
}

TEST_CASE("a certificate that expired or names another is refused, and the client recovers when it is replaced") {
  const std::string url = servers().url("AUTHKIT_TEST_REDIS_TLS");
  Log own_log;
  const auto admin = client_of(url, own_log, 10'000);
  const auto use = [&](std::string_view file) { REQUIRE(admin->call({"CONFIG", "SET", "tls-cert-file", file}).is_reply()); };
  struct Row {
    std::string_view file, why;
  };
  for (const Row& row : {Row{"expired.pem", "certificate has expired"}, Row{"stranger.pem", "hostname mismatch"}}) {
    CAPTURE(row.file);
    use(row.file);
    Log log;
    const auto client = client_of(url, log, 500);
    CHECK(client->call({"PING"}).reason == Reason::late);
    CHECK_MESSAGE(log.will_hold(row.why), log.text);
    use("server.pem");
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!client->call({"PING"}).is_reply() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    CHECK(client->call({"PING"}).is_reply());
  }
}
