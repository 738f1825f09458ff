// authkit_interop issue         prints one JSON line an algorithm: alg, jwk (the key that verifies), token; and one with the set of these keys
// authkit_interop simplejwt     issues and checks under the profile: a line "issue ALG JWK" or "check ALG JWK TOKEN" is answered by a token, by
//                               "ok SUBJECT" or by "reject"

#include "authkit/token.hpp"

#include <iostream>
#include <string>

using namespace authkit;

namespace {

constexpr auto last = static_cast<int>(Algorithm::EdDSA);

const UserId user = parse_user_id("01890a5d-ac96-774b-bcce-b302099a8057").value();

std::string issue(const Key& key, TokenOptions options = {}) {
  const Tokens tokens = Tokens::open(std::move(options), KeyRing::fixed({key}, {}).value()).value();
  return tokens.issue({.subject = user, .acr = "urn:x", .roles = {"admin", "\u00fc \"quoted\""}}).value().token;
}

/// JSON text of characters that need no escape but the quotes.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
  return out + '"';
}

void issue_all() {
  std::vector<Key> keys;
  for (int i = 0; i <= last; ++i) {
    const Key key = keys.emplace_back(Key::generate(static_cast<Algorithm>(i)).value());
    const std::string jwk = key.public_jwk().empty() ? key.private_jwk() : key.public_jwk();
    std::cout << R"({"alg":)" << quoted(std::string(to_text(key.algorithm()))) << R"(,"jwk":)" << quoted(jwk) << R"(,"token":)" << quoted(issue(key))
              << "}\n";
  }
  std::cout << R"({"set":)" << quoted(Tokens::open({}, KeyRing::fixed(keys, {}).value()).value().jwks_json()) << "}\n";
}

void answer_simplejwt() {
  TokenOptions options;
  options.profile = TokenProfile::simplejwt;
  options.issuer.clear();
  options.audience.clear();
  for (std::string what, algorithm, jwk, token; std::cin >> what >> algorithm >> jwk;) {
    const Key key = Key::from_jwk(jwk, parse_algorithm(algorithm).value()).value();
    if (what == "issue") {
      std::cout << issue(key, options) << std::endl;
      continue;
    }
    std::cin >> token;
    const auto claims = Tokens::open(options, KeyRing::fixed({key}, {}).value()).value().verify(token);
    std::cout << (claims ? "ok " + std::string(claims->subject()) : "reject") << std::endl;
  }
}

}  // namespace

int main(int, char** argv) {
  const std::string mode = argv[1] == nullptr ? "" : argv[1];
  if (mode == "issue") issue_all();
  if (mode == "simplejwt") answer_simplejwt();
  return 0;
}
