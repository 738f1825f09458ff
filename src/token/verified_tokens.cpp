#include "token/verified_tokens.hpp"

#include "token/key_material.hpp"

#include <sodium.h>

#include <algorithm>
#include <bit>
#include <new>

namespace authkit {
namespace {

constexpr std::size_t hashed = 64;  // bytes from the end, where the signature is: nobody chooses those

}  // namespace

VerifiedTokens::VerifiedTokens(std::size_t entries, const HashKey& hash_key) : hash_key_(hash_key), buckets_((entries + ways - 1) / ways) {}

std::uint64_t VerifiedTokens::hash_of(std::string_view token) const noexcept {
  static_assert(crypto_shorthash_KEYBYTES == sizeof(HashKey) && crypto_shorthash_BYTES == sizeof(std::uint64_t));
  const std::string_view end = token.substr(token.size() - std::min(token.size(), hashed));
  std::array<std::uint8_t, crypto_shorthash_BYTES> hash;
  crypto_shorthash(hash.data(), reinterpret_cast<const unsigned char*>(end.data()), end.size(), hash_key_.data());
  return std::bit_cast<std::uint64_t>(hash);
}

bool VerifiedTokens::find(std::string_view token, std::span<const Key> keys, Claims& claims) {
  if (buckets_.empty() || token.size() > longest) return false;
  const std::uint64_t hash = hash_of(token);
  Bucket& bucket = bucket_of(hash);
  const std::lock_guard lock(bucket.mutex);
  for (std::size_t i = 0; i < ways; ++i) {
    if (bucket.hashes[i] != hash || !bucket.entries[i] || bucket.entries[i]->token != token) continue;
    const Entry& entry = *bucket.entries[i];
    const auto verified = [&entry](const Key& key) { return key.impl().material->serial == entry.key_serial && key.id() == entry.claims.key_id(); };
    if (std::any_of(keys.begin(), keys.end(), verified)) {
      claims = entry.claims;
      return true;
    }
    bucket.entries[i].reset();
    return false;
  }
  return false;
}

void VerifiedTokens::keep(std::string_view token, const Key& key, const Claims& claims, Time now) noexcept try {
  if (buckets_.empty() || token.size() > longest) return;
  auto entry = std::make_unique<const Entry>(Entry{key.impl().material->serial, std::string(token), claims});
  const std::uint64_t hash = hash_of(token);
  Bucket& bucket = bucket_of(hash);
  const std::lock_guard lock(bucket.mutex);
  std::size_t place = bucket.oldest;
  for (std::size_t i = 0; i < ways; ++i) {
    const auto& held = bucket.entries[i];
    if (held && bucket.hashes[i] == hash && held->token == token) return;
    if (!held || held->claims.expires_at() <= now) place = i;
  }
  if (place == bucket.oldest) bucket.oldest = (place + 1) % ways;
  bucket.hashes[place] = hash;
  bucket.entries[place].swap(entry);  // what was there is freed outside of the lock
} catch (const std::bad_alloc&) {     // it is verified again next time
}

}  // namespace authkit
