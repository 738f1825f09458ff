#include "fuzz.hpp"
#include "session/session_secret.hpp"

namespace authkit::fuzz {
namespace {

const std::vector<MacKey> keys{{{0, 0, 0, 1}, {1, 2, 3}}, {{9, 9, 9, 9}, {4, 5, 6}}};

std::vector<std::string> seeds() {
  std::vector<std::string> out;
  for (const Transport transport : {Transport::bearer, Transport::cookie}) {
    for (const MacKey& key : keys) {
      SessionSecret secret;
      secret.transport = transport;
      secret.key_id = key.id;
      secret.session.bytes.fill(7);
      secret.generation = transport == Transport::bearer ? 0x01020304 : 0;
      secret.secret.fill(8);
      out.push_back(secret.encode(key));
    }
  }
  return out;
}

void run(std::string_view input) {
  static const std::vector<std::string> made = seeds();
  for (const Transport transport : {Transport::bearer, Transport::cookie}) {
    const auto secret = SessionSecret::decode(input, transport, keys);
    bool expected = false;
    for (std::size_t i = 0; i < made.size(); ++i) expected = expected || (made[i] == input && (i < keys.size()) == (transport == Transport::bearer));
    require(secret.has_value() == expected, "only what was made here is read, and only as its own kind");
    if (secret) require(secret->encode(*find_key(keys, secret->key_id)) == input, "it has one spelling");
  }
}

}  // namespace

constexpr Target session_secret_target{"session_secret", run, seeds};

}  // namespace authkit::fuzz
