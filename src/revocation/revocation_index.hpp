#pragma once

#include "authkit/revocation.hpp"

#include "revocation/striped_lock.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <cstdint>
#include <span>

namespace authkit {

/// The entries of the feed, by id. Applying is idempotent and its order does not matter: the longest end and the greatest epoch win.
/// About 24 to 48 bytes an entry.
///
/// Thread safety: any thread. Readers wait for writers only as long as 64 entries or one shard take.
class RevocationIndex {
 public:
  /// `now`: ends are held relative to it, in 32 bits of seconds.
  explicit RevocationIndex(Time now) noexcept : epoch_(std::chrono::floor<std::chrono::seconds>(now)) {}

  void apply(std::span<const RevocationEntry> entries, Time now);
  bool refuses(TokenId jti, SessionId session, UserId user, std::uint64_t epoch, Time issued_at) const;
  /// See Revocations.
  std::uint64_t least_version(UserId user) const;

  /// Removes what ended more than 60 s before `now` from as many shards as one millisecond allows, and from one at least.
  void sweep(Time now);

  std::size_t size() const;

 private:
  using Seconds = std::uint32_t;  // since epoch_; the greatest never ends

  struct End {
    Seconds not_after = 0;
    void merge(const End& other) noexcept { not_after = std::max(not_after, other.not_after); }
  };
  struct Minimum {
    Seconds not_after = 0;
    std::uint32_t least = 0;  // epoch or version; the greatest refuses every one
    void merge(const Minimum& other) noexcept {
      not_after = std::max(not_after, other.not_after);
      least = std::max(least, other.least);
    }
  };

  // Many small tables instead of one, so that none takes long to grow or to sweep.
  static constexpr std::size_t shards = 32;
  template <class IdType, class Value>
  struct Table {
    using Map = boost::unordered_flat_map<IdType, Value, std::hash<IdType>>;
    std::array<Map, shards> maps;

    const Map& of(const IdType& id) const noexcept { return maps[id.bytes[9] % shards]; }  // a byte that is random in UUIDv7 too
    void merge(const std::array<std::uint8_t, 16>& raw, const Value& value);
    void sweep(std::size_t shard, Seconds now);
    std::size_t size() const noexcept;
  };

  Seconds relative(Time time) const noexcept;
  void apply_one(const RevocationEntry& entry);

  mutable StripedLock lock_;
  const std::chrono::sys_seconds epoch_;
  Table<TokenId, End> tokens_;
  Table<SessionId, End> sessions_;
  Table<UserId, Minimum> users_, records_;
  Time cutoff_ = Time::min();
  Seconds cutoff_not_after_ = 0;
  std::size_t next_shard_ = 0;
};

}  // namespace authkit
