#include "authkit/remote_keys.hpp"

#include "authkit/token.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <thread>

using namespace authkit;

namespace {

constexpr Duration second{1000};

/// The other service: its keys, what it answers, and the time.
class Issuer {
 public:
  Issuer() { rotate(); }

  RemoteKeyOptions options() {
    RemoteKeyOptions options;
    options.url = "https://id.example/jwks.json";
    options.fetch = [this](const std::string& url) -> Result<std::string> {
      ++fetches;
      CHECK(url == "https://id.example/jwks.json");
      return answer();
    };
    return options;
  }
  std::shared_ptr<RemoteKeyRing> ring(RemoteKeyOptions options) {
    return RemoteKeyRing::open(std::move(options), [this] { return now.load(); }).value();
  }
  Tokens tokens(std::shared_ptr<KeyRing> ring_of) {
    return Tokens::open({}, std::move(ring_of), [this] { return now.load(); }).value();
  }

  void rotate() { keys.insert(keys.begin(), Key::generate(Algorithm::ES256).value()); }
  std::string token() { return tokens(KeyRing::fixed({keys.front()}, {}).value()).issue({.subject = UserId{{1}}}).value().token; }
  void pass(Duration time) { now = now.load() + time; }

  std::vector<Key> keys;
  std::atomic<Time> now{Time{std::chrono::seconds(1'800'000'000)}};
  std::atomic<int> fetches{0};
  std::function<Result<std::string>()> answer = [this] { return Result<std::string>(public_jwks(keys)); };
};

Result<std::string> down() { return Error(Errc::peer_unavailable, "id.example: Connection refused"); }

Errc code_of(const Result<Claims>& claims) { return claims ? Errc{} : claims.error().code; }

}  // namespace

TEST_CASE("before the first fetch nothing is known; after it the other service's tokens verify and none can be issued") {
  Issuer issuer;
  const auto ring = issuer.ring(issuer.options());
  const Tokens tokens = issuer.tokens(ring);
  CHECK(code_of(tokens.verify(issuer.token())) == Errc::keys_unavailable);
  CHECK(code_of(tokens.verify("garbage")) == Errc::invalid_token);
  CHECK(!ring->status().available);
  CHECK(issuer.fetches == 0);

  REQUIRE(ring->refresh());
  CHECK(tokens.verify(issuer.token()));
  CHECK(tokens.issue({.subject = UserId{{1}}}).error().code == Errc::keys_unavailable);
  CHECK(ring->rotate(second, second).error().code == Errc::config_invalid);
  const RemoteKeyStatus status = ring->status();
  CHECK(status.available);
  CHECK(status.keys == 1);
  CHECK(status.fetched_at == issuer.now.load());
  CHECK(status.last_error.empty());
}

TEST_CASE("the set is fetched again when it is old, and not before") {
  Issuer issuer;
  const auto ring = issuer.ring(issuer.options());
  REQUIRE(ring->refresh());
  issuer.pass(300 * second - Duration{1});
  REQUIRE(ring->refresh());
  CHECK(issuer.fetches == 1);
  issuer.pass(Duration{1});
  REQUIRE(ring->follow(second, second));  // what maintain() calls
  CHECK(issuer.fetches == 2);
  issuer.pass(-3600 * second);  // a clock that went back
  REQUIRE(ring->refresh());
  CHECK(issuer.fetches == 3);
  CHECK(ring->status().available);
}

TEST_CASE("an unknown kid is refused without a fetch; the next refresh fetches, once in a cooldown") {
  Issuer issuer;
  const auto ring = issuer.ring(issuer.options());
  const Tokens tokens = issuer.tokens(ring);
  REQUIRE(ring->refresh());
  issuer.rotate();
  CHECK(code_of(tokens.verify(issuer.token())) == Errc::invalid_token);
  CHECK(issuer.fetches == 1);
  issuer.pass(10 * second - Duration{1});
  REQUIRE(ring->refresh());
  CHECK(issuer.fetches == 1);
  issuer.pass(Duration{1});
  REQUIRE(ring->refresh());
  CHECK(issuer.fetches == 2);
  CHECK(tokens.verify(issuer.token()));

  REQUIRE(ring->refresh());  // what was asked for is done
  issuer.pass(20 * second);
  CHECK(tokens.verify(issuer.token()));
  REQUIRE(ring->refresh());
  CHECK(issuer.fetches == 2);
}

TEST_CASE("a stream of unknown kids costs one fetch in a cooldown") {
  Issuer issuer;
  RemoteKeyOptions options = issuer.options();
  SUBCASE("by refresh") {}
  SUBCASE("while verifying") { options.fetch_on_unknown_kid = true; }
  const auto ring = issuer.ring(options);
  const Tokens tokens = issuer.tokens(ring);
  REQUIRE(ring->refresh());
  Issuer stranger;
  for (int i = 0; i < 100; ++i) {
    stranger.rotate();
    CHECK(code_of(tokens.verify(stranger.token())) == Errc::invalid_token);
    REQUIRE(ring->refresh());
    issuer.pass(second);
  }
  CHECK(issuer.fetches >= 10);
  CHECK(issuer.fetches <= 11);
}

TEST_CASE("with fetch_on_unknown_kid a token of a new key verifies at once") {
  Issuer issuer;
  RemoteKeyOptions options = issuer.options();
  options.fetch_on_unknown_kid = true;
  const auto ring = issuer.ring(options);
  const Tokens tokens = issuer.tokens(ring);
  CHECK(tokens.verify(issuer.token()));  // the first one too
  CHECK(issuer.fetches == 1);
  issuer.rotate();
  CHECK(code_of(tokens.verify(issuer.token())) == Errc::invalid_token);  // within the cooldown
  CHECK(issuer.fetches == 1);
  issuer.pass(10 * second);
  CHECK(tokens.verify(issuer.token()));
  CHECK(issuer.fetches == 2);
}

TEST_CASE("while fetching fails the last good set is kept, up to its bound, and comes back by itself") {
  Issuer issuer;
  const auto ring = issuer.ring(issuer.options());
  const Tokens tokens = issuer.tokens(ring);
  REQUIRE(ring->refresh());
  const auto good = std::exchange(issuer.answer, down);
  issuer.pass(300 * second);
  const auto failed = ring->refresh();
  REQUIRE(!failed);
  CHECK(failed.error().code == Errc::keys_unavailable);
  CHECK(failed.error().detail == "peer_unavailable: id.example: Connection refused");
  CHECK(ring->status().last_error == failed.error().detail);
  CHECK(ring->status().available);
  CHECK(tokens.verify(issuer.token()));
  CHECK(ring->refresh());  // within the cooldown it is not tried, and what is held still verifies
  CHECK(issuer.fetches == 2);

  issuer.pass(3300 * second - Duration{1});
  CHECK(tokens.verify(issuer.token()));
  issuer.pass(Duration{1});
  CHECK(code_of(tokens.verify(issuer.token())) == Errc::keys_unavailable);
  CHECK(ring->status().keys == 0);
  CHECK(ring->refresh().error().code == Errc::keys_unavailable);
  CHECK(ring->refresh().error().code == Errc::keys_unavailable);
  CHECK(issuer.fetches == 3);

  issuer.answer = good;
  issuer.pass(10 * second);
  REQUIRE(ring->refresh());
  CHECK(tokens.verify(issuer.token()));
  CHECK(ring->status().last_error.empty());
}

TEST_CASE("an answer that is no good set replaces nothing") {
  const Key other = Key::generate(Algorithm::EdDSA).value();
  const Key own = Key::generate(Algorithm::ES256).value();
  const std::string jwk = own.public_jwk();
  for (const std::string& set :
       {std::string(), std::string("<html>"), std::string("{}"), std::string(R"({"keys":[]})"), std::string(R"({"keys":{}})"), jwk,
        R"({"keys":[)" + own.private_jwk() + "]}", R"({"keys":[)" + other.public_jwk() + "]}", R"({"keys":[)" + jwk + "," + jwk + "]}",
        R"({"keys":[],"keys":[)" + jwk + "]}", R"({"keys":[)" + jwk + "],\"x\":\"" + std::string(256 * 1024, 'x') + "\"}"}) {
    CAPTURE(set.substr(0, 80));
    Issuer issuer;
    const auto ring = issuer.ring(issuer.options());
    const Tokens tokens = issuer.tokens(ring);
    REQUIRE(ring->refresh());
    issuer.answer = [&set] { return Result<std::string>(set); };
    issuer.pass(300 * second);
    CHECK(ring->refresh().error().code == Errc::keys_unavailable);
    CHECK(ring->status().last_error.starts_with("key_invalid"));
    CHECK(tokens.verify(issuer.token()));
  }
}

TEST_CASE("only keys for the configured algorithms are taken, and private ones are not") {
  Issuer issuer;
  const Key es = issuer.keys.front();
  const Key ed = Key::generate(Algorithm::EdDSA).value();
  const Key rsa = Key::generate(Algorithm::RS256).value();
  const Key leaked = Key::generate(Algorithm::ES256).value();
  issuer.answer = [set = R"({"keys":[)" + es.public_jwk() + "," + ed.public_jwk() + "," + rsa.public_jwk() + "," + leaked.private_jwk() + "]}"] {
    return Result<std::string>(set);
  };
  RemoteKeyOptions options = issuer.options();
  options.algorithms = {Algorithm::EdDSA, Algorithm::ES256};
  const auto ring = issuer.ring(options);
  REQUIRE(ring->refresh());
  CHECK(ring->status().keys == 2);
  const Tokens tokens = issuer.tokens(ring);
  const auto by = [&](const Key& key) { return issuer.tokens(KeyRing::fixed({key}, {}).value()).issue({.subject = UserId{{1}}})->token; };
  CHECK(tokens.verify(by(es)));
  CHECK(tokens.verify(by(ed)));
  CHECK(code_of(tokens.verify(by(rsa))) == Errc::invalid_token);
  CHECK(code_of(tokens.verify(by(leaked))) == Errc::invalid_token);
}

TEST_CASE("a key that the other service took out verifies nothing after the next fetch") {
  Issuer issuer;
  const auto ring = issuer.ring(issuer.options());
  const Tokens tokens = issuer.tokens(ring);
  const std::string old = issuer.token();
  REQUIRE(ring->refresh());
  CHECK(tokens.verify(old));
  issuer.keys = {Key::generate(Algorithm::ES256).value()};
  issuer.pass(300 * second);
  REQUIRE(ring->refresh());
  CHECK(code_of(tokens.verify(old)) == Errc::invalid_token);
  CHECK(tokens.verify(issuer.token()));
}

TEST_CASE("sixteen threads with a token of a new key make one fetch, and all of them verify") {
  Issuer issuer;
  RemoteKeyOptions options = issuer.options();
  options.fetch_on_unknown_kid = true;
  std::mutex mutex;
  std::condition_variable all_there;
  int calls = 0;
  const auto good = issuer.answer;
  issuer.answer = [&] {  // answers when every thread is under way
    std::unique_lock lock(mutex);
    all_there.wait(lock, [&] { return calls == 16; });
    return good();
  };
  const Tokens tokens = issuer.tokens(issuer.ring(options));
  const std::string token = issuer.token();
  std::atomic<int> verified{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i)
    threads.emplace_back([&] {
      {
        const std::lock_guard lock(mutex);
        ++calls;
      }
      all_there.notify_all();
      if (tokens.verify(token)) ++verified;
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(verified == 16);
  CHECK(issuer.fetches == 1);
}

TEST_CASE("who waits for a fetch of another thread waits no longer than its deadline, and verifying does not wait at all") {
  Issuer issuer;
  const auto ring = issuer.ring(issuer.options());
  const Tokens tokens = issuer.tokens(ring);
  REQUIRE(ring->refresh());
  issuer.pass(300 * second);
  std::mutex mutex;
  std::condition_variable changed;
  bool fetching = false, go_on = false;
  const auto good = issuer.answer;
  issuer.answer = [&] {
    std::unique_lock lock(mutex);
    fetching = true;
    changed.notify_all();
    changed.wait(lock, [&] { return go_on; });
    return good();
  };
  std::thread slow([&] { CHECK(ring->refresh()); });
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return fetching; });
  }
  Context context;
  context.deadline = std::chrono::steady_clock::now() + Duration{1};
  CHECK(ring->refresh(context).error().code == Errc::keys_unavailable);
  CHECK(tokens.verify(issuer.token()));
  CHECK(ring->status().available);
  {
    const std::lock_guard lock(mutex);
    go_on = true;
  }
  changed.notify_all();
  slow.join();
  CHECK(ring->refresh());
  CHECK(issuer.fetches == 2);
}

TEST_CASE("a fetch function that throws is a failed fetch") {
  Issuer issuer;
  issuer.answer = []() -> Result<std::string> { throw std::runtime_error("secret"); };
  const auto ring = issuer.ring(issuer.options());
  CHECK(ring->refresh().error().detail == "internal: An internal error occurred");
  CHECK(ring->status().last_error == "internal: An internal error occurred");
}

TEST_CASE("a refresher fetches by itself") {
  Issuer issuer;
  std::mutex mutex;
  std::condition_variable fetched;
  bool done = false;
  const auto good = issuer.answer;
  issuer.answer = [&] {
    const std::lock_guard lock(mutex);
    done = true;
    fetched.notify_all();
    return good();
  };
  const auto ring = issuer.ring(issuer.options());
  {
    const KeyRefresher refresher(ring, Duration{1});
    std::unique_lock lock(mutex);
    CHECK(fetched.wait_for(lock, std::chrono::seconds(30), [&] { return done; }));
  }
  CHECK(ring->status().available);
}

TEST_CASE("options that cannot be meant are refused when the ring is opened") {
  Issuer issuer;
  const auto refused = [&](auto change) {
    RemoteKeyOptions options = issuer.options();
    change(options);
    const auto ring = RemoteKeyRing::open(options);
    return !ring && ring.error().code == Errc::config_invalid;
  };
  CHECK(refused([](RemoteKeyOptions& o) { o.algorithms = {}; }));
  CHECK(refused([](RemoteKeyOptions& o) { o.algorithms = {Algorithm::ES256, Algorithm::HS256}; }));
  CHECK(refused([](RemoteKeyOptions& o) { o.algorithms = {Algorithm::ES256, Algorithm::ES256}; }));
  CHECK(refused([](RemoteKeyOptions& o) { o.cooldown = Duration{0}; }));
  CHECK(refused([](RemoteKeyOptions& o) { o.max_age = second; }));
  CHECK(refused([](RemoteKeyOptions& o) { o.max_stale = o.max_age; }));
  CHECK(refused([](RemoteKeyOptions& o) { o.timeout = Duration{0}; }));
  for (const std::string url : {"", "id.example/jwks", "http://id.example/jwks", "ftp://127.0.0.1/", "file:///etc/passwd", "https://user@id.example/",
                                "https://user:password@id.example/", "http://127.0.0.1.evil.example/", "http://127.0.0.1@evil.example/",
                                "http://127.0.0.1\\@evil.example/", "http://128.0.0.1/", "http://[::2]/", "https://", "https://a b/"}) {
    CAPTURE(url);
    CHECK(refused([&](RemoteKeyOptions& o) {
      o.fetch = nullptr;
      o.url = url;
    }));
  }
  for (const char* url :
       {"https://id.example/jwks?a#b", "http://127.0.0.1:1/", "http://localhost/", "http://[::1]:8000/jwks", "HTTPS://id.example"}) {
    CAPTURE(url);
    RemoteKeyOptions options;
    options.url = url;
    CHECK(RemoteKeyRing::open(options));
  }
}
