// verifier JWKS_URL ISSUER AUDIENCE [CA_FILE]: says of each token on standard input whether it is good, and whose.
#include <authkit/remote_keys.hpp>
#include <authkit/token.hpp>

#include <iostream>
#include <string>

namespace {

int run(int count, char** arguments) {
  authkit::RemoteKeyOptions remote;
  remote.url = arguments[1];
  remote.algorithms = {authkit::Algorithm::ES256, authkit::Algorithm::EdDSA};
  if (count > 4) remote.ca_file = arguments[4];
  const auto keys = authkit::RemoteKeyRing::open(remote).value();
  keys->refresh().value();                      // or start without keys, and answer keys_unavailable until they come
  const authkit::KeyRefresher refresher(keys);  // follows rotations from here on

  authkit::TokenOptions options;
  options.issuer = arguments[2];
  options.audience = arguments[3];
  const auto tokens = authkit::Tokens::open(options, keys).value();
  for (std::string token; std::getline(std::cin, token);) {
    const auto claims = tokens.verify(token);
    std::cout << (claims ? "ok " + std::string(claims->subject()) : claims.error().message()) << std::endl;
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) {
    std::cerr << "usage: verifier JWKS_URL ISSUER AUDIENCE [CA_FILE]\n";
    return 2;
  }
  try {
    return run(count, arguments);
  } catch (const authkit::BadResult& failure) {
    std::cerr << "error: " << failure.what() << "\n";
    return 1;
  }
}
