#include "authkit/token.hpp"

#include "core/memory_work.hpp"
#include "token/memory_key_store.hpp"

#include <doctest/doctest.h>

using namespace authkit;

namespace {

const Time noon{std::chrono::seconds(1'800'000'000)};

UserId some_user() {
  UserId id;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) id.bytes[i] = static_cast<std::uint8_t>(i + 1);
  return id;
}

}  // namespace

TEST_CASE("every algorithm issues and verifies a token whose claims come back") {
  for (const Algorithm algorithm :
       {Algorithm::HS256, Algorithm::HS384, Algorithm::HS512, Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256,
        Algorithm::PS384, Algorithm::PS512, Algorithm::ES256, Algorithm::ES384, Algorithm::ES512, Algorithm::EdDSA}) {
    CAPTURE(to_text(algorithm));
    const auto ring = KeyRing::fixed({Key::generate(algorithm).value()}, {}).value();
    const Tokens tokens = Tokens::open({}, ring, [] { return noon; }).value();
    const auto issued = tokens.issue({.subject = some_user(), .epoch = 7, .acr = "urn:x", .roles = {"admin", "a\"b"}}).value();
    const auto claims = tokens.verify(issued.token);
    if (!claims) MESSAGE(claims.error().message());
    REQUIRE(claims);
    CHECK(claims->user() == some_user());
    CHECK(claims->epoch() == 7);
    CHECK(claims->jti() == issued.id);
    CHECK(claims->expires_at() == issued.expires_at);
    CHECK(claims->roles() == std::vector<std::string>{"admin", "a\"b"});
    CHECK(claims->key_id() == ring->snapshot()->sign->id());
    std::string changed = issued.token;
    changed[changed.size() - 5] = changed[changed.size() - 5] == 'A' ? 'B' : 'A';
    CHECK(tokens.verify(changed).error().code == Errc::invalid_token);
  }
}

TEST_CASE("a managed ring on an empty store makes its first keys") {
  const auto work = std::make_shared<MemoryWork>();
  const auto store = std::make_shared<MemoryKeyStore>(work);
  const auto ring = KeyRing::open(store, work, std::string(32, 'm'), Algorithm::ES256, [] { return noon; }).value();
  CHECK(ring->snapshot()->sign.has_value());
  CHECK(ring->snapshot()->macs.size() == 1);
  const auto again = KeyRing::open(store, work, std::string(32, 'm'), Algorithm::ES256, [] { return noon; }).value();
  CHECK(again->snapshot()->sign->id() == ring->snapshot()->sign->id());
}
