#include "core/digest.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <sodium/crypto_generichash_blake2b.h>

namespace authkit {

Digest256 keyed_digest(std::span<const std::uint8_t> key, std::initializer_list<std::span<const std::uint8_t>> parts) noexcept {
  Digest256 out;
  crypto_generichash_blake2b_state state;
  crypto_generichash_blake2b_init(&state, key.data(), key.size(), out.size());
  for (const auto& part : parts) {
    std::array<std::uint8_t, 8> length;
    for (std::size_t i = 0; i < 8; ++i) length[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(part.size()) >> (8 * i));
    crypto_generichash_blake2b_update(&state, length.data(), length.size());
    crypto_generichash_blake2b_update(&state, part.data(), part.size());
  }
  crypto_generichash_blake2b_final(&state, out.data(), out.size());
  return out;
}

std::array<std::uint8_t, 16> hash128(std::span<const std::uint8_t> data) noexcept {
  std::array<std::uint8_t, 16> out;
  crypto_generichash_blake2b(out.data(), out.size(), data.data(), data.size(), nullptr, 0);
  return out;
}

Digest256 sha256(std::span<const std::uint8_t> data) noexcept {
  Digest256 out;
  SHA256(data.data(), data.size(), out.data());
  return out;
}

bool equal_constant_time(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace authkit
