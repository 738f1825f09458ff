#include "authkit/remote_keys.hpp"
#include "authkit/token.hpp"

#include "net/peer.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <string>

using namespace authkit;

namespace {

Tokens issuing(const Key& key) { return Tokens::open({}, KeyRing::fixed({key}, {}).value()).value(); }

const UserId user = parse_user_id("01890a5d-ac96-774b-bcce-b302099a8057").value();

/// What the command writes to standard output.
std::string output_of(const std::string& command) {
  std::string out;
  FILE* const pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) out.push_back(static_cast<char>(c));
  ::pclose(pipe);
  return out;
}

}  // namespace

TEST_CASE("a service without a database verifies the tokens of another one by its JWK Set, over a rotation and an outage") {
  const Key first = Key::generate(Algorithm::ES256).value(), second = Key::generate(Algorithm::ES256).value();
  const std::string token = issuing(first).issue({.subject = user}).value().token;
  Time now = system_now();
  RemoteKeyOptions options;
  options.url = peer().by_name("/jwks");
  options.ca_file = peer().ca_file();
  const auto ring = RemoteKeyRing::open(options, [&now] { return now; }).value();
  const Tokens tokens = Tokens::open({}, ring).value();

  peer().publish(public_jwks({first}));
  REQUIRE(ring->refresh());
  CHECK(tokens.verify(token));
  peer().publish(public_jwks({second, first}));
  now += options.max_age;
  REQUIRE(ring->refresh());
  CHECK(tokens.verify(issuing(second).issue({.subject = user}).value().token));
  peer().publish("an error page");
  now += options.max_age;
  CHECK(ring->refresh().error().code == Errc::keys_unavailable);
  CHECK(tokens.verify(token));
}

TEST_CASE("the example that only verifies says whose token it is") {
  const Key key = Key::generate(Algorithm::ES256).value(), another = Key::generate(Algorithm::ES256).value();
  peer().publish(public_jwks({key}));
  const auto token_of = [](const Key& signer) { return issuing(signer).issue({.subject = user}).value().token; };
  const std::string program = std::string(" | " AUTHKIT_VERIFIER " ") + peer().good("/jwks");
  const std::string answer =
      output_of("printf '" + token_of(key) + "\\n" + token_of(another) + "\\n'" + program + " authkit authkit " + peer().ca_file());
  CHECK(answer == "ok 01890a5d-ac96-774b-bcce-b302099a8057\ninvalid_token: no key fits the header's kid and alg\n");
  CHECK(output_of("printf ''" + program + " authkit authkit 2>&1").starts_with("error: keys_unavailable: peer_unavailable: 127.0.0.1: SSL"));
}
