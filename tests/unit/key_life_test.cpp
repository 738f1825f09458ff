// The life of keys: next, active, retired, gone; and tokens that go on verifying all the while.
#include "authkit/token.hpp"

#include "core/memory_work.hpp"
#include "token/memory_key_store.hpp"
#include "unit/test_parts.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <thread>

using namespace authkit;
using namespace authkit::test;

namespace {

using std::chrono::minutes;

constexpr Duration publish = minutes(10), retire = minutes(60);
const UserId someone{{1, 2, 3}};

/// One store and any number of instances on it.
struct Deployment {
  std::shared_ptr<MemoryWork> work = std::make_shared<MemoryWork>();
  std::shared_ptr<MemoryKeyStore> store = std::make_shared<MemoryKeyStore>(work);
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();

  Algorithm algorithm = Algorithm::EdDSA;

  std::shared_ptr<KeyRing> ring() { return KeyRing::open(store, work, std::string(32, 'm'), algorithm, clock_of(clock)).value(); }
  Tokens tokens(const std::shared_ptr<KeyRing>& keys) { return Tokens::open({}, keys, clock_of(clock)).value(); }
  std::vector<StoredKey> rows(KeyPurpose purpose) {
    auto all = store->list({}).value();
    std::erase_if(all, [purpose](const StoredKey& row) { return row.purpose != purpose; });
    return all;
  }
  std::string states(KeyPurpose purpose) {
    std::string out;
    for (const StoredKey& row : rows(purpose)) out += "nar"[static_cast<int>(row.state)];
    return out;
  }
};

bool knows(const KeyRing& ring, std::string_view id) {
  const auto keys = ring.snapshot();
  return std::any_of(keys->verify.begin(), keys->verify.end(), [id](const Key& key) { return key.id() == id; });
}

}  // namespace

TEST_CASE("a key is published, then signs, then only verifies, then is gone") {
  Deployment d;
  const auto ring = d.ring();
  const Tokens tokens = d.tokens(ring);
  const std::string first = ring->snapshot()->sign->id();
  const std::string token = tokens.issue({.subject = someone}).value().token;
  CHECK(d.states(KeyPurpose::sign) == "a");

  d.clock->advance(minutes(1));
  ring->rotate(publish, retire).value();  // publishes
  CHECK(d.states(KeyPurpose::sign) == "an");
  CHECK(d.states(KeyPurpose::mac) == "an");
  CHECK(ring->snapshot()->next_published);
  CHECK(ring->snapshot()->sign->id() == first);
  const std::string second = d.rows(KeyPurpose::sign)[1].id;
  CHECK(tokens.jwks_json().find(second) != std::string::npos);

  d.clock->advance(publish - Duration(1));
  ring->rotate(publish, retire).value();  // a millisecond too early
  CHECK(d.states(KeyPurpose::sign) == "an");
  CHECK(ring->snapshot()->sign->id() == first);
  CHECK(ring->snapshot()->macs.front().id == std::array<std::uint8_t, 4>{0, 0, 0, 1});

  d.clock->advance(Duration(1));
  ring->rotate(publish, retire).value();
  CHECK(d.states(KeyPurpose::sign) == "ra");
  CHECK(d.states(KeyPurpose::mac) == "ra");
  CHECK(ring->snapshot()->sign->id() == second);
  CHECK(ring->snapshot()->signing_since == d.clock->now());
  CHECK_FALSE(ring->snapshot()->next_published);
  CHECK(ring->snapshot()->macs.size() == 2);
  CHECK(ring->snapshot()->macs.front().id != std::array<std::uint8_t, 4>{0, 0, 0, 1});
  CHECK(tokens.verify(token));
  CHECK(tokens.verify(tokens.issue({.subject = someone}).value().token)->key_id() == second);

  d.clock->advance(retire);
  ring->follow(publish, retire).value();  // as old as may be
  CHECK(knows(*ring, first));
  d.clock->advance(Duration(1));
  ring->follow(publish, retire).value();
  CHECK(d.states(KeyPurpose::sign) == "a");
  CHECK(d.states(KeyPurpose::mac) == "a");
  CHECK_FALSE(knows(*ring, first));
  CHECK(ring->snapshot()->macs.size() == 1);
  CHECK(tokens.verify(token).error().code == Errc::invalid_token);
  CHECK(tokens.jwks_json().find(first) == std::string::npos);
}

TEST_CASE("follow ends a rotation that has begun and begins none") {
  Deployment d;
  const auto ring = d.ring();
  d.clock->advance(minutes(600));
  ring->follow(publish, retire).value();
  CHECK(d.states(KeyPurpose::sign) == "a");
  ring->rotate(publish, retire).value();
  d.clock->advance(publish - Duration(1));
  ring->follow(publish, retire).value();
  CHECK(d.states(KeyPurpose::sign) == "an");
  d.clock->advance(Duration(1));
  ring->follow(publish, retire).value();
  CHECK(d.states(KeyPurpose::sign) == "ra");
  CHECK(d.states(KeyPurpose::mac) == "ra");
}

TEST_CASE("instances on one store follow each other, and what one signs the others verify at every step") {
  Deployment d;
  const auto a = d.ring(), b = d.ring();
  const Tokens at_a = d.tokens(a), at_b = d.tokens(b);
  CHECK(a->snapshot()->sign->id() == b->snapshot()->sign->id());
  CHECK(a->snapshot()->macs.front().secret == b->snapshot()->macs.front().secret);
  for (int round = 0; round < 5; ++round) {
    const std::string before = b->snapshot()->sign->id();
    a->rotate(publish, retire).value();
    const std::string from_a = at_a.issue({.subject = someone}).value().token;
    CHECK(at_b.verify(from_a));  // which has not read the store since
    CHECK(b->snapshot()->sign->id() == before);
    b->refresh().value();  // within the publish time
    CHECK(b->snapshot()->next_published);
    d.clock->advance(publish);
    a->rotate(publish, retire).value();
    CHECK(a->snapshot()->sign->id() != before);
    CHECK(at_b.verify(at_a.issue({.subject = someone}).value().token)->key_id() == a->snapshot()->sign->id());
    CHECK(at_a.verify(at_b.issue({.subject = someone}).value().token)->key_id() == before);
    b->rotate(Duration(0), retire).value();  // publishes the next one, as both do
    d.clock->advance(publish);
    b->rotate(publish, retire).value();
    a->refresh().value();
    CHECK(a->snapshot()->sign->id() == b->snapshot()->sign->id());
  }
}

TEST_CASE("instances that rotate at once come to one active key") {
  for (int round = 0; round < 20; ++round) {
    Deployment d;
    std::vector<std::shared_ptr<KeyRing>> rings;
    for (int i = 0; i < 4; ++i) rings.push_back(d.ring());
    d.clock->advance(minutes(1));
    rings.front()->rotate(publish, retire).value();
    d.clock->advance(publish);
    std::vector<std::thread> threads;
    for (const auto& ring : rings) threads.emplace_back([&] { ring->follow(publish, retire).value(); });
    for (std::thread& thread : threads) thread.join();
    CHECK(d.states(KeyPurpose::sign) == "ra");
    CHECK(d.states(KeyPurpose::mac) == "ra");
    for (const auto& ring : rings) {
      ring->refresh().value();
      CHECK(ring->snapshot()->sign->id() == rings.front()->snapshot()->sign->id());
      CHECK(ring->snapshot()->macs.front().id == rings.front()->snapshot()->macs.front().id);
    }
  }
}

TEST_CASE("through fifty rotations under load no token fails to verify") {
  constexpr int rotations = 50;
  Deployment d;
  d.algorithm = Algorithm::HS256;
  std::vector<std::shared_ptr<KeyRing>> rings{d.ring(), d.ring()};
  const std::array instances{d.tokens(rings[0]), d.tokens(rings[1])};
  std::atomic<bool> done{false};
  std::atomic<int> failed{0}, expired{0}, allowed{0};
  std::array<std::atomic<int>, 8> rounds{};  // of each thread

  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < rounds.size(); ++i) {
    threads.emplace_back([&, i] {
      const Tokens &issuer = instances[i % 2], &verifier = instances[i / 2 % 2];
      std::vector<std::string> held;  // used again and again until their time is over
      for (; !done; ++rounds[i], rounds[i].notify_all()) {
        for (int limit = allowed; rounds[i] >= limit; limit = allowed) allowed.wait(limit);
        auto issued = issuer.issue({.subject = someone});
        if (!issued) ++failed;
        if (issued) held.push_back(std::move(issued->token));
        std::erase_if(held, [&](const std::string& token) {
          const auto claims = verifier.verify(token);
          if (claims) return &token == &held.back() && held.size() > 3;
          ++(claims.error().code == Errc::token_expired ? expired : failed);
          return true;
        });
      }
    });
  }
  // Every thread goes on between two steps, as an instance is late by less than the publish time and a request takes less than the time for
  // which a retired key is kept; and most go on during a step.
  const auto let_all_go_on = [&] {
    const int least = allowed;
    allowed += 20;
    allowed.notify_all();
    for (std::atomic<int>& count : rounds)
      for (int seen = count; seen < least + 2; seen = count) count.wait(seen);
  };
  std::vector<std::string> signers;
  for (std::size_t n = 0; n < rotations; ++n) {
    rings[n % 2]->rotate(publish, retire).value();
    let_all_go_on();
    rings[1 - n % 2]->follow(publish, retire).value();
    d.clock->advance(publish);
    rings[n % 2]->follow(publish, retire).value();
    let_all_go_on();
    rings[1 - n % 2]->follow(publish, retire).value();
    signers.push_back(rings[0]->snapshot()->sign->id());
  }
  done = true;
  ++allowed;
  allowed.notify_all();
  for (std::thread& thread : threads) thread.join();
  std::sort(signers.begin(), signers.end());
  CHECK(std::unique(signers.begin(), signers.end()) - signers.begin() == rotations);
  CHECK(failed.load() == 0);
  CHECK(expired.load() > 0);  // so some were held across rotations
  CHECK(d.rows(KeyPurpose::sign).size() <= 2 + static_cast<std::size_t>(retire / publish));
}

TEST_CASE("a stored key that was changed, moved or sealed under another master key is refused") {
  Deployment d;
  d.ring();
  CHECK(KeyRing::open(d.store, d.work, std::string(32, 'x'), Algorithm::EdDSA, clock_of(d.clock)).error().code == Errc::key_invalid);
  CHECK(KeyRing::open(d.store, d.work, std::string(31, 'm'), Algorithm::EdDSA, clock_of(d.clock)).error().code == Errc::config_invalid);

  const auto opens_with = [&](const std::function<void(StoredKey&)>& change, KeyPurpose purpose) {
    Deployment other;
    auto tx = other.work->begin({}).value();
    std::vector<StoredKey> rows = d.store->list({}).value();
    for (StoredKey& row : rows) {
      if (row.purpose == purpose) change(row);
      CHECK(other.store->insert(*tx, row).value());
    }
    tx->commit().value();
    return KeyRing::open(other.store, other.work, std::string(32, 'm'), Algorithm::EdDSA, clock_of(other.clock)).has_value();
  };
  for (const KeyPurpose purpose : {KeyPurpose::sign, KeyPurpose::mac}) {
    CHECK(opens_with([](StoredKey&) {}, purpose));
    CHECK_FALSE(
        opens_with([](StoredKey& row) { row.sealed[row.sealed.size() / 2] = row.sealed[row.sealed.size() / 2] == 'A' ? 'B' : 'A'; }, purpose));
    CHECK_FALSE(opens_with([](StoredKey& row) { row.sealed.pop_back(); }, purpose));
    CHECK_FALSE(opens_with([](StoredKey& row) { row.sealed.clear(); }, purpose));
    CHECK_FALSE(opens_with([](StoredKey& row) { row.id = "00000002"; }, purpose));
    CHECK_FALSE(opens_with([](StoredKey& row) { row.algorithm = "ES256"; }, purpose));
    CHECK_FALSE(opens_with([](StoredKey& row) { row.algorithm = "none"; }, purpose));
  }
  CHECK_FALSE(opens_with([](StoredKey& row) { row.purpose = KeyPurpose::mac; }, KeyPurpose::sign));
}

TEST_CASE("fixed keys sign with the first private one and never rotate") {
  const Key open = Key::from_jwk(Key::generate(Algorithm::EdDSA)->public_jwk(), Algorithm::EdDSA).value();
  const Key first = Key::generate(Algorithm::EdDSA).value(), second = Key::generate(Algorithm::EdDSA).value();
  const auto ring = KeyRing::fixed({open, first, second}, std::string(32, 's')).value();
  CHECK(ring->snapshot()->sign->id() == first.id());
  CHECK(ring->snapshot()->verify.size() == 3);
  CHECK(ring->snapshot()->macs.size() == 1);
  CHECK(ring->rotate(publish, retire).error().code == Errc::config_invalid);
  CHECK(ring->follow(publish, retire));
  CHECK_FALSE(KeyRing::fixed({open}, {}).value()->snapshot()->sign);
  CHECK(KeyRing::fixed({open}, {}).value()->snapshot()->macs.empty());
  CHECK(Tokens::open({}, KeyRing::fixed({open}, {}).value())->issue({.subject = someone}).error().code == Errc::keys_unavailable);
  CHECK(KeyRing::fixed({}, {}).error().code == Errc::key_invalid);
  CHECK(KeyRing::fixed({first, second, first}, {}).error().code == Errc::key_invalid);
  CHECK(KeyRing::fixed({first, second.with_id(first.id())}, {}).error().code == Errc::key_invalid);
  CHECK(KeyRing::fixed({first}, std::string(31, 's')).error().code == Errc::key_invalid);
  CHECK(KeyRing::fixed({first}, std::string(33, 's')).error().code == Errc::key_invalid);
}
