#include "revocation/revocation_index.hpp"

#include <algorithm>
#include <limits>

namespace authkit {
namespace {

constexpr std::chrono::seconds margin{60};  // for clocks of other instances: removal only, never acceptance
constexpr std::size_t at_once = 64;
constexpr std::uint32_t none_will_do = std::numeric_limits<std::uint32_t>::max();
constexpr std::chrono::milliseconds sweep_budget{1};

std::uint32_t narrow(std::int64_t value) noexcept { return static_cast<std::uint32_t>(std::clamp<std::int64_t>(value, 0, none_will_do)); }

/// What an entry takes when its table has just doubled, the worst moment: groups of 15 with 16 bytes on the side, full to 7/16.
template <class Map>
constexpr double bytes_at_worst = (sizeof(typename Map::value_type) * 15 + 16) / 15.0 / (7 / 16.0);

}  // namespace

template <class IdType, class Value>
void RevocationIndex::Table<IdType, Value>::merge(const std::array<std::uint8_t, 16>& raw, const Value& value) {
  static_assert(bytes_at_worst<Map> <= 64);
  const IdType id{raw};
  if (id.is_nil()) return;  // what tokens without such an id have: it names nobody
  maps[id.bytes[9] % shards].try_emplace(id).first->second.merge(value);
}

template <class IdType, class Value>
void RevocationIndex::Table<IdType, Value>::sweep(std::size_t shard, Seconds now) {
  Map& map = maps[shard];
  erase_if(map, [now](const auto& entry) { return entry.second.not_after < now; });
  if (map.size() < map.bucket_count() / 8) map.rehash(0);
}

template <class IdType, class Value>
std::size_t RevocationIndex::Table<IdType, Value>::size() const noexcept {
  std::size_t sum = 0;
  for (const Map& map : maps) sum += map.size();
  return sum;
}

RevocationIndex::Seconds RevocationIndex::relative(Time time) const noexcept {
  return time <= epoch_ ? 0 : narrow(std::chrono::ceil<std::chrono::seconds>(time - epoch_).count());
}

void RevocationIndex::apply_one(const RevocationEntry& entry) {
  const Seconds not_after = relative(entry.not_after);
  switch (entry.kind) {
    case RevocationKind::token:
      return tokens_.merge(entry.id, {not_after});
    case RevocationKind::session:
      return sessions_.merge(entry.id, {not_after});
    case RevocationKind::user:
      return users_.merge(entry.id, {not_after, narrow(entry.value)});
    case RevocationKind::everything:
      cutoff_ = std::max(cutoff_, Time{Duration{entry.value}});
      cutoff_not_after_ = std::max(cutoff_not_after_, not_after);
      return;
    case RevocationKind::changed:
      return records_.merge(entry.id, {not_after, entry.value == 0 ? none_will_do : narrow(entry.value)});
  }
}

void RevocationIndex::apply(std::span<const RevocationEntry> entries, Time now) {
  while (!entries.empty()) {
    const auto some = entries.first(std::min(entries.size(), at_once));
    entries = entries.subspan(some.size());
    const std::lock_guard exclusive(lock_);
    for (const RevocationEntry& entry : some) {
      if (entry.not_after >= now - margin) apply_one(entry);
    }
  }
}

bool RevocationIndex::refuses(TokenId jti, SessionId session, UserId user, std::uint64_t epoch, Time issued_at) const {
  const std::shared_lock shared(lock_.mine());
  if (issued_at < cutoff_) return true;
  if (tokens_.of(jti).contains(jti) || sessions_.of(session).contains(session)) return true;
  const auto& users = users_.of(user);
  const auto minimum = users.find(user);
  if (minimum == users.end()) return false;
  return epoch < minimum->second.least || minimum->second.least == none_will_do;
}

std::uint64_t RevocationIndex::least_version(UserId user) const {
  const std::shared_lock shared(lock_.mine());
  const auto& records = records_.of(user);
  const auto minimum = records.find(user);
  if (minimum == records.end()) return 0;
  return minimum->second.least == none_will_do ? std::numeric_limits<std::uint64_t>::max() : minimum->second.least;
}

void RevocationIndex::sweep(Time now) {
  const Seconds ended = relative(now - margin);
  const auto until = std::chrono::steady_clock::now() + sweep_budget;
  for (std::size_t swept = 0; swept < shards; ++swept) {
    if (swept > 0 && std::chrono::steady_clock::now() >= until) return;
    const std::lock_guard exclusive(lock_);
    const std::size_t shard = next_shard_++ % shards;
    tokens_.sweep(shard, ended);
    sessions_.sweep(shard, ended);
    users_.sweep(shard, ended);
    records_.sweep(shard, ended);
    if (cutoff_not_after_ < ended) cutoff_ = Time::min();
  }
}

std::size_t RevocationIndex::size() const {
  const std::shared_lock shared(lock_.mine());
  return tokens_.size() + sessions_.size() + users_.size() + records_.size() + (cutoff_ == Time::min() ? 0 : 1);
}

}  // namespace authkit
