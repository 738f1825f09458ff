#include "password/pbkdf2.hpp"

#include "core/digest.hpp"
#include "core/secret.hpp"

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

namespace authkit::password {
namespace {

bool by_openssl(std::string_view password, std::span<const std::uint8_t> salt, std::uint32_t rounds, const EVP_MD* digest,
                std::span<std::uint8_t> tag) noexcept {
  return PKCS5_PBKDF2_HMAC(password.empty() ? "" : password.data(), static_cast<int>(password.size()), salt.data(), static_cast<int>(salt.size()),
                           static_cast<int>(rounds), digest, static_cast<int>(tag.size()), tag.data()) == 1;
}

#if !defined(OPENSSL_NO_DEPRECATED_3_0) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define AUTHKIT_HAS_COMPRESSION
// OpenSSL discourages them because a provider cannot replace them; nothing else reaches its compression functions.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

struct Sha1 {
  using State = SHA_CTX;
  using Word = std::uint32_t;
  static constexpr std::size_t block = SHA_CBLOCK, size = SHA_DIGEST_LENGTH;
  static bool start(State& state) { return SHA1_Init(&state) == 1; }
  static bool add(State& state, std::span<const std::uint8_t> bytes) { return SHA1_Update(&state, bytes.data(), bytes.size()) == 1; }
  static bool finish(State& state, std::uint8_t* out) { return SHA1_Final(out, &state) == 1; }
  static void compress(State& state, const std::uint8_t* bytes) { SHA1_Transform(&state, bytes); }
};

struct Sha256 {
  using State = SHA256_CTX;
  using Word = std::uint32_t;
  static constexpr std::size_t block = SHA256_CBLOCK, size = SHA256_DIGEST_LENGTH;
  static bool start(State& state) { return SHA256_Init(&state) == 1; }
  static bool add(State& state, std::span<const std::uint8_t> bytes) { return SHA256_Update(&state, bytes.data(), bytes.size()) == 1; }
  static bool finish(State& state, std::uint8_t* out) { return SHA256_Final(out, &state) == 1; }
  static void compress(State& state, const std::uint8_t* bytes) { SHA256_Transform(&state, bytes); }
};

struct Sha512 {
  using State = SHA512_CTX;
  using Word = std::uint64_t;
  static constexpr std::size_t block = SHA512_CBLOCK, size = SHA512_DIGEST_LENGTH;
  static bool start(State& state) { return SHA512_Init(&state) == 1; }
  static bool add(State& state, std::span<const std::uint8_t> bytes) { return SHA512_Update(&state, bytes.data(), bytes.size()) == 1; }
  static bool finish(State& state, std::uint8_t* out) { return SHA512_Final(out, &state) == 1; }
  static void compress(State& state, const std::uint8_t* bytes) { SHA512_Transform(&state, bytes); }
};

static_assert(offsetof(SHA_CTX, h0) == 0 && offsetof(SHA_CTX, h4) == 16 && offsetof(SHA256_CTX, h) == 0 && offsetof(SHA512_CTX, h) == 0);

/// The chaining value as the digest spells it.
template <class Hash>
void put_chain(const typename Hash::State& state, std::uint8_t* out) noexcept {
  using Word = typename Hash::Word;
  for (std::size_t at = 0; at < Hash::size; at += sizeof(Word)) {
    Word word;
    std::memcpy(&word, reinterpret_cast<const std::uint8_t*>(&state) + at, sizeof word);
    if constexpr (sizeof word == 4) {
      word = __builtin_bswap32(word);
    } else {
      word = __builtin_bswap64(word);
    }
    std::memcpy(out + at, &word, sizeof word);
  }
}

template <class Hash>
class Derive {
 public:
  using State = typename Hash::State;
  using Digest = std::array<std::uint8_t, Hash::size>;
  using Block = std::array<std::uint8_t, Hash::block>;

  Derive() = default;
  Derive(const Derive&) = delete;
  Derive& operator=(const Derive&) = delete;
  ~Derive() {
    for (State* state : {&inner_, &outer_}) wipe(state, sizeof *state);
    wipe(message_.data(), message_.size());
  }

  bool run(std::string_view password, std::span<const std::uint8_t> salt, std::uint32_t rounds, std::span<std::uint8_t> tag) noexcept {
    if (!take_key(as_bytes(password))) return false;
    pad(message_);
    for (std::uint32_t number = 1; !tag.empty(); ++number) {
      Digest sum;
      if (!first(salt, number, sum)) return false;
      std::copy(sum.begin(), sum.end(), message_.begin());
      for (std::uint32_t round = 1; round < rounds; ++round) {
        step();
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] = static_cast<std::uint8_t>(sum[i] ^ message_[i]);
      }
      const std::size_t size = std::min(tag.size(), sum.size());
      std::copy_n(sum.begin(), size, tag.begin());
      tag = tag.subspan(size);
      wipe(sum.data(), sum.size());
    }
    return true;
  }

 private:
  /// The states of HMAC that have taken in the key (RFC 2104 section 2).
  bool take_key(std::span<const std::uint8_t> password) noexcept {
    Block key{};
    bool good = true;
    if (password.size() > key.size()) {
      good = Hash::start(inner_) && Hash::add(inner_, password) && Hash::finish(inner_, key.data());
    } else {
      std::copy(password.begin(), password.end(), key.begin());
    }
    good = good && start_with(inner_, key, 0x36) && start_with(outer_, key, 0x5c);
    wipe(key.data(), key.size());
    return good;
  }
  static bool start_with(State& state, const Block& key, std::uint8_t mask) noexcept {
    Block masked;
    for (std::size_t i = 0; i < key.size(); ++i) masked[i] = static_cast<std::uint8_t>(key[i] ^ mask);
    const bool good = Hash::start(state) && Hash::add(state, masked);
    wipe(masked.data(), masked.size());
    return good;
  }

  /// The end of a message of one key block and one digest, which the rounds are all about (FIPS 180-4 section 5.1).
  static void pad(Block& message) noexcept {
    constexpr std::size_t bits = 8 * (Hash::block + Hash::size);
    message.fill(0);
    message[Hash::size] = 0x80;
    message[message.size() - 2] = static_cast<std::uint8_t>(bits >> 8);
    message[message.size() - 1] = static_cast<std::uint8_t>(bits & 0xff);
  }

  bool first(std::span<const std::uint8_t> salt, std::uint32_t number, Digest& out) const noexcept {
    const std::array<std::uint8_t, 4> counter{static_cast<std::uint8_t>(number >> 24), static_cast<std::uint8_t>(number >> 16),
                                              static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
    State in = inner_, around = outer_;
    const bool good =
        Hash::add(in, salt) && Hash::add(in, counter) && Hash::finish(in, out.data()) && Hash::add(around, out) && Hash::finish(around, out.data());
    for (State* state : {&in, &around}) wipe(state, sizeof *state);
    return good;
  }

  /// HMAC of the digest in `message_`, put into its place.
  void step() noexcept {
    for (const State* key : {&inner_, &outer_}) {
      State state = *key;
      Hash::compress(state, message_.data());
      put_chain<Hash>(state, message_.data());
    }
  }

  State inner_{}, outer_{};
  Block message_;
};

#pragma GCC diagnostic pop
#endif

}  // namespace

bool pbkdf2(std::string_view password, std::span<const std::uint8_t> salt, std::uint32_t rounds, const EVP_MD* digest,
            std::span<std::uint8_t> tag) noexcept {
  switch (EVP_MD_get_type(digest)) {
#ifdef AUTHKIT_HAS_COMPRESSION
    case NID_sha1:
      return Derive<Sha1>().run(password, salt, rounds, tag);
    case NID_sha256:
      return Derive<Sha256>().run(password, salt, rounds, tag);
    case NID_sha512:
      return Derive<Sha512>().run(password, salt, rounds, tag);
#endif
    default:
      return by_openssl(password, salt, rounds, digest, tag);
  }
}

}  // namespace authkit::password
