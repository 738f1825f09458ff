#pragma once

#include "authkit/token.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace authkit {

/// Tokens whose signature held not long ago, with what was read of them. A token is found by all of its bytes, under a key that is still in use;
/// its times and its revocation are the caller's to check each time, as if it had just been verified. Full, the oldest of a few makes place,
/// one whose time is over first.
///
/// Thread safety: any thread. Ownership: copies what it keeps. Errors: none; without memory nothing is kept.
class VerifiedTokens {
 public:
  static constexpr std::size_t longest = 2048;  ///< bytes of a token that is kept; a longer one is verified each time

  using HashKey = std::array<std::uint8_t, 16>;

  /// `entries`: how many at most, rounded up to a multiple of four; 0 keeps none. `hash_key`: random, so that nobody picks tokens that crowd
  /// each other out.
  VerifiedTokens(std::size_t entries, const HashKey& hash_key);

  bool find(std::string_view token, std::span<const Key> keys, Claims& claims);
  /// `key`: the one that verified `token`.
  void keep(std::string_view token, const Key& key, const Claims& claims, Time now) noexcept;

 private:
  static constexpr std::size_t ways = 4;
  struct Entry {
    std::uint64_t key_serial = 0;
    std::string token;
    Claims claims;
  };
  struct Bucket {
    std::mutex mutex;
    std::array<std::uint64_t, ways> hashes{};
    std::array<std::unique_ptr<const Entry>, ways> entries;
    std::size_t oldest = 0;
  };

  std::uint64_t hash_of(std::string_view token) const noexcept;
  Bucket& bucket_of(std::uint64_t hash) noexcept { return buckets_[hash % buckets_.size()]; }

  HashKey hash_key_;
  std::vector<Bucket> buckets_;
};

}  // namespace authkit
