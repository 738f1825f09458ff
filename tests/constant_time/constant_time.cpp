// What depends on a secret must take no branch and address no memory by it. Memcheck reports both for bytes that are not initialised, so the
// secrets are marked as such; only the verdict of a comparison is public. The argument names the case.
#include "authkit/session.hpp"
#include "authkit/token.hpp"

#include "account/known_device.hpp"
#include "core/base64url.hpp"
#include "core/digest.hpp"
#include "core/in_transaction.hpp"
#include "password/argon2id.hpp"
#include "password/scheme.hpp"
#include "session/memory_session_store.hpp"
#include "session/session_secret.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <sodium/crypto_generichash_blake2b.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <valgrind/memcheck.h>
#include <vector>

using namespace authkit;

namespace {

int poisoned_comparisons = 0;
bool hashes_passwords = false;

void poison(const void* data, std::size_t size) { VALGRIND_MAKE_MEM_UNDEFINED(data, size); }

bool is_poisoned(const void* data, std::size_t size) {
  std::vector<unsigned char> bits(size);
  if (VALGRIND_GET_VBITS(data, bits.data(), size) != 1) return false;
  for (const unsigned char byte : bits)
    if (byte != 0) return true;
  return false;
}

[[noreturn]] void fail(const char* why) {
  std::fprintf(stderr, "failed: %s\n", why);
  std::exit(1);
}

void demand(bool holds, const char* why) {
  if (!holds) fail(why);
}

// OpenSSL's allocations, so that the keyed states inside its digest contexts can be found and marked.
struct Allocation {
  void* data;
  std::size_t size;
};
std::vector<Allocation>* allocations = nullptr;

void* note(void* data, std::size_t size) {
  if (allocations != nullptr) allocations->push_back({data, size});
  return data;
}
void* openssl_malloc(std::size_t size, const char*, int) { return note(std::malloc(size), size); }
void* openssl_realloc(void* data, std::size_t size, const char*, int) { return note(std::realloc(data, size), size); }
void openssl_free(void* data, const char*, int) { std::free(data); }

/// A key whose two keyed digest states are secret.
Key poisoned_hmac_key(Algorithm algorithm) {
  const std::size_t state = algorithm == Algorithm::HS256 ? sizeof(SHA256_CTX) : sizeof(SHA512_CTX);
  std::vector<Allocation> made;
  made.reserve(1000);
  allocations = &made;
  const Key key = Key::from_secret(std::string(64, 's'), algorithm).value();
  allocations = nullptr;
  int found = 0;
  for (const Allocation& allocation : made) {
    if (allocation.size != state) continue;
    poison(allocation.data, algorithm == Algorithm::HS256 ? sizeof(SHA256_CTX::h) : sizeof(SHA512_CTX::h));
    ++found;
  }
  demand(found >= 2, "the states of the key were found");
  return key;
}

std::string with_wrong_end(std::string text) {
  text[text.size() - 2] = text[text.size() - 2] == 'A' ? 'B' : 'A';
  return text;
}

const Time noon{std::chrono::seconds(1'800'000'000)};
const UserId someone{{1}};

void token_mac() {
  for (const Algorithm algorithm : {Algorithm::HS256, Algorithm::HS384, Algorithm::HS512}) {
    const auto open_ring = [&](const Key& key) { return Tokens::open({}, KeyRing::fixed({key}, {}).value(), [] { return noon; }).value(); };
    const std::string token = open_ring(Key::from_secret(std::string(64, 's'), algorithm).value()).issue({.subject = someone}).value().token;
    const Tokens tokens = open_ring(poisoned_hmac_key(algorithm));
    demand(tokens.verify(token).has_value(), "a right MAC is right");
    demand(!tokens.verify(with_wrong_end(token)), "a wrong MAC is wrong");
  }
}

MacKey mac_key() {
  MacKey key;
  key.id = {1, 2, 3, 4};
  key.secret.fill(7);
  return key;
}

MacKey poisoned_mac_key() {
  MacKey key = mac_key();
  poison(key.secret.data(), key.secret.size());
  return key;
}

void session_mac() {
  for (const Transport transport : {Transport::bearer, Transport::cookie}) {
    SessionSecret secret;
    secret.transport = transport;
    secret.key_id = mac_key().id;
    const std::string text = secret.encode(mac_key());
    const std::array keys{poisoned_mac_key()};
    demand(SessionSecret::decode(text, transport, keys).has_value(), "a right MAC is right");
    demand(!SessionSecret::decode(with_wrong_end(text), transport, keys), "a wrong MAC is wrong");
  }
}

/// A store whose digests are secret.
class PoisonedStore : public MemorySessionStore {
 public:
  using MemorySessionStore::MemorySessionStore;
  Result<std::optional<SessionRecord>> find(const SessionId& id, const Context& context) override {
    auto record = MemorySessionStore::find(id, context);
    if (record && *record) poison((*record)->secret_digest.data(), (*record)->secret_digest.size());
    return record;
  }
};

void session_digest() {
  const auto work = std::make_shared<MemoryWork>();
  const auto store = std::make_shared<PoisonedStore>(work);
  const auto ring = KeyRing::fixed({Key::generate(Algorithm::HS256).value()}, std::string(32, 'm')).value();
  const Sessions sessions = Sessions::open({}, store, ring, [] { return noon; }).value();
  for (const Transport transport : {Transport::bearer, Transport::cookie}) {
    SessionRequest request;
    request.user = someone;
    request.transport = transport;
    const SessionGrant grant = in_transaction(*work, {}, [&](Tx& tx) { return sessions.create(tx, request, {}); }).value();
    demand(sessions.find(grant.secret, transport, {})->has_value(), "the secret of a session is found");
    const MacKey key = ring->snapshot()->macs.front();
    SessionSecret other = *SessionSecret::decode(grant.secret, transport, std::span(&key, 1));
    other.secret[3] ^= 1;
    demand(!sessions.find(other.encode(key), transport, {}), "another secret is not");
  }
}

void csrf_token() {
  const SessionId id{{5}};
  const std::string token = csrf_token_of(id, mac_key());
  demand(is_csrf_token_of(id, poisoned_mac_key(), token), "the token of the session matches");
  demand(!is_csrf_token_of(id, poisoned_mac_key(), with_wrong_end(token)), "another does not");
}

void device_mac() {
  const std::string token = device_token(DeviceId{}, someone, mac_key());
  const std::array keys{poisoned_mac_key()};
  demand(known_device(token, someone, keys).has_value(), "a right MAC is right");
  demand(!known_device(with_wrong_end(token), someone, keys), "a wrong MAC is wrong");
}

void password_hash() {
  using namespace password;
  const argon2id::Parameters parameters{8, 1};
  const std::string salt(argon2id::salt_size, 's');
  std::array<std::uint8_t, argon2id::tag_size> tag{};
  hashes_passwords = true;
  argon2id::compute(parameters, "password", as_bytes(salt), tag).value();
  VALGRIND_MAKE_MEM_DEFINED(tag.data(), tag.size());
  poisoned_comparisons = 0;  // the first hash compares our kernel with libsodium
  const std::string encoded = argon2id::encode(parameters, salt, std::string_view(reinterpret_cast<const char*>(tag.data()), tag.size()));
  const Scheme* scheme = find_scheme(encoded);
  demand(scheme != nullptr && scheme->verify("password", encoded).has_value(), "the password is right");
  demand(!scheme->verify("passwort", encoded), "another is wrong");
}

// Planted: each must be reported, or the others prove nothing.

void planted_memcmp() {
  const Digest256 mac = keyed_digest(poisoned_mac_key().secret, {as_bytes("x")});
  const Digest256 presented{};
  if (std::memcmp(mac.data(), presented.data(), mac.size()) == 0) std::puts("equal");
}

void planted_table() {
  const Digest256 mac = keyed_digest(poisoned_mac_key().secret, {as_bytes("x")});
  std::puts(base64url::encode(mac).empty() ? "empty" : "");
}

struct Case {
  std::string_view name;
  void (*run)();
  bool planted = false;
};
constexpr Case cases[] = {
    {"token_mac", token_mac},   {"session_mac", session_mac},     {"session_digest", session_digest},       {"csrf_token", csrf_token},
    {"device_mac", device_mac}, {"password_hash", password_hash}, {"planted_memcmp", planted_memcmp, true}, {"planted_table", planted_table, true}};

}  // namespace

// Linked in place of OpenSSL's and libsodium's (--wrap).
extern "C" {
int __real_CRYPTO_memcmp(const void* a, const void* b, std::size_t size);
int __wrap_CRYPTO_memcmp(const void* a, const void* b, std::size_t size);
int __wrap_CRYPTO_memcmp(const void* a, const void* b, std::size_t size) {
  if (is_poisoned(a, size) || is_poisoned(b, size)) ++poisoned_comparisons;
  const int verdict = __real_CRYPTO_memcmp(a, b, size);
  VALGRIND_MAKE_MEM_DEFINED(&verdict, sizeof verdict);
  return verdict;
}

// Argon2id addresses memory by the password (RFC 9106 section 3.4.1.2), so only its result is marked: libsodium's, and the last digest of our own
// fill, the only one as short as a tag.
int __real_crypto_generichash_blake2b_final(crypto_generichash_blake2b_state* state, unsigned char* out, std::size_t size);
int __wrap_crypto_generichash_blake2b_final(crypto_generichash_blake2b_state* state, unsigned char* out, std::size_t size);
int __wrap_crypto_generichash_blake2b_final(crypto_generichash_blake2b_state* state, unsigned char* out, std::size_t size) {
  const int done = __real_crypto_generichash_blake2b_final(state, out, size);
  if (hashes_passwords && size == password::argon2id::tag_size) poison(out, size);
  return done;
}
using Argon2 = int(unsigned char*, unsigned long long, const char*, unsigned long long, const unsigned char*, unsigned long long, std::size_t, int);
Argon2 __real_crypto_pwhash_argon2id;
Argon2 __wrap_crypto_pwhash_argon2id;
int __wrap_crypto_pwhash_argon2id(unsigned char* out, unsigned long long size, const char* password, unsigned long long length,
                                  const unsigned char* salt, unsigned long long passes, std::size_t memory, int algorithm) {
  const int done = __real_crypto_pwhash_argon2id(out, size, password, length, salt, passes, memory, algorithm);
  poison(out, size);
  return done;
}
}

int main(int count, char** arguments) {
  demand(CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) == 1, "OpenSSL takes allocators");
  if (count < 2) {
    for (const Case& one : cases) std::printf("%s\n", one.name.data());
    return 0;
  }
  demand(RUNNING_ON_VALGRIND != 0, "it runs under valgrind");
  for (const Case& one : cases) {
    if (one.name != arguments[1]) continue;
    one.run();
    demand(one.planted || poisoned_comparisons >= 2, "secrets were compared");
    return 0;
  }
  fail("there is such a case");
}
