#include "revocation/redis_revocation_record.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace authkit {
namespace {

void put(char* to, std::int64_t number) noexcept {
  for (int i = 7; i >= 0; --i, number >>= 8) to[i] = static_cast<char>(number & 0xff);
}
std::int64_t get(const char* from) noexcept {
  std::uint64_t number = 0;
  for (int i = 0; i < 8; ++i) number = number << 8 | static_cast<std::uint8_t>(from[i]);
  return static_cast<std::int64_t>(number);
}

std::optional<RevocationEntry> read(std::string_view record) noexcept {
  constexpr std::string_view kinds = "jsugc";
  if (record.size() != std::tuple_size_v<StreamRecord> || kinds.find(record[0]) == std::string_view::npos) return std::nullopt;
  RevocationEntry entry;
  entry.kind = static_cast<RevocationKind>(record[0]);
  std::copy_n(record.begin() + 1, entry.id.size(), entry.id.begin());
  entry.value = get(&record[17]);
  entry.not_after = Time(Duration(get(&record[25])));
  return entry;
}

}  // namespace

std::string stream_key_of(std::string_view tenant) { return fmt::format("authkit:{{rev:{}}}", tenant); }
std::string epoch_key_of(std::string_view stream) { return std::string(stream) + ":epoch"; }

StreamRecord to_record(const RevocationEntry& entry) noexcept {
  StreamRecord record;
  record[0] = static_cast<char>(entry.kind);
  std::copy(entry.id.begin(), entry.id.end(), record.begin() + 1);
  put(&record[17], entry.value);
  put(&record[25], entry.not_after.time_since_epoch().count());
  return record;
}

std::vector<StreamItem> stream_items(const redis::Reply& reply) {
  std::vector<StreamItem> items;
  const auto* all = reply.array();
  if (all == nullptr) return items;
  for (const redis::Reply& item : *all) {
    const auto* parts = item.array();
    const auto* id = parts != nullptr && parts->size() == 2 ? (*parts)[0].text() : nullptr;
    const auto* fields = id != nullptr ? (*parts)[1].array() : nullptr;
    if (fields == nullptr) continue;
    const auto* record = fields->size() == 2 ? (*fields)[1].text() : nullptr;
    items.push_back({*id, record != nullptr ? read(*record) : std::nullopt});
  }
  return items;
}

}  // namespace authkit
