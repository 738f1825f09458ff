#include "token/verified_tokens.hpp"

#include "unit/test_parts.hpp"
#include "unit/token_samples.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace authkit;
using namespace authkit::test;

namespace {

KeyRing::Snapshot ring_of(std::vector<Key> keys) {
  KeyRing::Snapshot snapshot;
  snapshot.sign = keys.front();
  snapshot.verify = std::move(keys);
  return snapshot;
}

/// Tokens whose keys and clock the test sets.
struct Service {
  explicit Service(std::vector<Key> keys, TokenOptions options = {})
      : ring(std::make_shared<TestRing>(ring_of(std::move(keys)))), tokens(Tokens::open(options, ring, [this] { return now.load(); }).value()) {}

  Errc verdict(std::string_view token) const {
    const auto claims = tokens.verify(token);
    return claims ? Errc{} : claims.error().code;
  }

  std::atomic<Time> now{noon};
  std::shared_ptr<TestRing> ring;
  Tokens tokens;
};

std::string issued(const Tokens& tokens) {
  UserId user;
  user.bytes.fill(7);
  return tokens.issue({.subject = user, .epoch = 3, .acr = "urn:x", .roles = {"admin"}}).value().token;
}

VerifiedTokens::HashKey hash_key() { return {1, 2, 3}; }

}  // namespace

TEST_CASE("a token says the same the second time, with every algorithm") {
  for (const Algorithm algorithm : {Algorithm::HS256, Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::ES512, Algorithm::EdDSA}) {
    CAPTURE(to_text(algorithm));
    const Service service({sample_key(algorithm)});
    const std::string token = issued(service.tokens);
    const Claims first = service.tokens.verify(token).value();
    const Claims second = service.tokens.verify(token).value();
    CHECK(second.json() == first.json());
    CHECK(second.user() == first.user());
    CHECK(second.jti() == first.jti());
    CHECK(second.epoch() == 3);
    CHECK(second.acr() == "urn:x");
    CHECK(second.key_id() == first.key_id());
    CHECK(second.expires_at() == first.expires_at());
    CHECK(second.has_role("admin"));
  }
}

TEST_CASE("no other text passes for a token that was verified") {
  const Service service({sample_key(Algorithm::ES256)});
  const std::string token = issued(service.tokens);
  REQUIRE(service.verdict(token) == Errc{});
  for (std::size_t i = 0; i < token.size(); ++i) {
    CAPTURE(i);
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    REQUIRE(service.verdict(changed) == Errc::invalid_token);
  }
  CHECK(service.verdict(token.substr(1)) == Errc::invalid_token);
  CHECK(service.verdict(token + "A") == Errc::invalid_token);
  CHECK(service.verdict(token.substr(token.find('.'))) == Errc::invalid_token);
  CHECK(service.verdict({}) == Errc::invalid_token);
  CHECK(service.verdict(token) == Errc{});
}

TEST_CASE("the times of a token are checked each time") {
  TokenOptions options;
  options.leeway = std::chrono::seconds(10);
  Service service({sample_key(Algorithm::ES256)}, options);
  const std::string token =
      token_of(R"({"alg":"ES256","typ":"at+jwt"})", claims(R"(,"nbf":1799999900,"iat":1799999950)"), sample_key(Algorithm::ES256));
  struct Row {
    std::int64_t second;
    Errc verdict;
    const char* why;
  };
  const Row rows[] = {{0, Errc{}, ""},
                      {909, Errc{}, ""},
                      {910, Errc::token_expired, ""},
                      {-60, Errc{}, ""},
                      {-61, Errc::token_expired, "issued in the future"},
                      {-111, Errc::token_expired, "not valid yet"},
                      {1, Errc{}, ""}};
  for (const Row& row : rows) {
    CAPTURE(row.second);
    service.now = noon + std::chrono::seconds(row.second);
    const auto verified = service.tokens.verify(token);
    CHECK((verified ? Errc{} : verified.error().code) == row.verdict);
    if (!verified) CHECK(verified.error().message().find(row.why) != std::string::npos);
  }
  service.now = noon + std::chrono::hours(24 * 365);
  CHECK(service.tokens.verify(token, std::chrono::hours(24 * 366)));
  CHECK(service.verdict(token) == Errc::token_expired);
}

TEST_CASE("with its key goes what the key signed") {
  Service service({sample_key(Algorithm::ES256)});
  const std::string token = issued(service.tokens);
  REQUIRE(service.verdict(token) == Errc{});
  service.ring->set(ring_of({sample_key(Algorithm::EdDSA), sample_key(Algorithm::ES256)}));
  CHECK(service.verdict(token) == Errc{});
  service.ring->set(ring_of({sample_key(Algorithm::EdDSA)}));
  CHECK(service.verdict(token) == Errc::invalid_token);
  // It is the key that counts, and its name.
  const std::string name = sample_key(Algorithm::ES256).id();
  service.ring->set(ring_of({Key::generate(Algorithm::ES256).value().with_id(name)}));
  CHECK(service.verdict(token) == Errc::invalid_token);
  service.ring->set(ring_of({sample_key(Algorithm::ES256)}));
  REQUIRE(service.verdict(token) == Errc{});
  service.ring->set(ring_of({sample_key(Algorithm::ES256).with_id("another")}));
  CHECK(service.verdict(token) == Errc::invalid_token);
  service.ring->set(ring_of({sample_key(Algorithm::ES256)}));
  CHECK(service.verdict(token) == Errc{});
}

TEST_CASE("what is kept is bounded, and is what is asked for") {
  const Key& es256 = sample_key(Algorithm::ES256);
  const Service service({es256});
  const std::array keys{es256};
  VerifiedTokens kept(8, hash_key());
  std::vector<std::string> tokens;
  Claims found;
  for (int i = 0; i < 100; ++i) {
    tokens.push_back(issued(service.tokens));
    const Claims read = service.tokens.verify(tokens.back()).value();
    REQUIRE_FALSE(kept.find(tokens.back(), keys, found));
    kept.keep(tokens.back(), es256, read, noon);
    kept.keep(tokens.back(), es256, read, noon);  // takes no second place
    REQUIRE(kept.find(tokens.back(), keys, found));
    REQUIRE(found.json() == read.json());
  }
  std::size_t count = 0;
  for (const std::string& token : tokens) count += kept.find(token, keys, found) ? 1 : 0;
  CHECK(count == 8);
}

TEST_CASE("one whose time is over makes place first") {
  const Key& es256 = sample_key(Algorithm::ES256);
  const Service service({es256});
  const std::array keys{es256};
  VerifiedTokens kept(4, hash_key());
  std::vector<std::string> tokens;
  Claims found;
  const auto add = [&](std::int64_t expires, Time now) {
    const std::string payload = R"({"iss":"authkit","aud":"authkit","sub":"x","exp":)" + std::to_string(noon_seconds + expires) + "}";
    tokens.push_back(token_of(R"({"alg":"ES256","typ":"at+jwt"})", payload, es256));
    kept.keep(tokens.back(), es256, service.tokens.verify(tokens.back()).value(), now);
  };
  for (const std::int64_t expires : {900, 900, 60, 900}) add(expires, noon);
  add(900, noon + std::chrono::seconds(60));
  for (std::size_t i = 0; i < tokens.size(); ++i) CHECK(kept.find(tokens[i], keys, found) == (i != 2));
}

TEST_CASE("not kept: long tokens, and any where none shall be") {
  const std::array keys{sample_key(Algorithm::ES256)};
  const Service service({keys[0]});
  const std::string token = issued(service.tokens);
  const Claims read = service.tokens.verify(token).value();
  Claims found;
  VerifiedTokens some(8, hash_key()), none(0, hash_key());
  none.keep(token, keys[0], read, noon);
  CHECK_FALSE(none.find(token, keys, found));
  const std::string longer = token + std::string(VerifiedTokens::longest, 'A');
  some.keep(longer, keys[0], read, noon);
  CHECK_FALSE(some.find(longer, keys, found));
}

TEST_CASE("many threads verify while keys come and go") {
  Service service({sample_key(Algorithm::ES256), sample_key(Algorithm::EdDSA)}, {.verified_cache = 4});
  std::vector<std::string> tokens;
  for (int i = 0; i < 6; ++i) tokens.push_back(issued(service.tokens));
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        const std::string& token = tokens[static_cast<std::size_t>(i) % tokens.size()];
        const auto claims = service.tokens.verify(token);
        if (claims ? claims->epoch() != 3 : claims.error().code != Errc::invalid_token) ++wrong;
      }
    });
  for (int i = 0; i < 100; ++i) {
    service.ring->set(ring_of({sample_key(i % 2 == 0 ? Algorithm::EdDSA : Algorithm::ES256)}));
    std::this_thread::yield();
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  service.ring->set(ring_of({sample_key(Algorithm::EdDSA)}));
  for (const std::string& token : tokens) CHECK(service.verdict(token) == Errc::invalid_token);
}
