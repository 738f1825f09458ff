#include "redis/slots.hpp"

#include <array>

namespace authkit::redis {
namespace {

constexpr std::array<std::uint16_t, 256> make_table() {
  std::array<std::uint16_t, 256> table{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    unsigned value = byte << 8;
    for (int bit = 0; bit < 8; ++bit) value = (value & 0x8000) != 0 ? (value << 1) ^ 0x1021 : value << 1;
    table[byte] = static_cast<std::uint16_t>(value);
  }
  return table;
}
constexpr auto crc_table = make_table();

unsigned crc16(std::string_view bytes) noexcept {
  unsigned crc = 0;
  for (const char byte : bytes) crc = ((crc << 8) & 0xffff) ^ crc_table[((crc >> 8) ^ static_cast<unsigned char>(byte)) & 0xff];
  return crc;
}

std::optional<unsigned> number(const Reply& reply, unsigned most) {
  const auto* value = reply.integer();
  if (value == nullptr || *value < 0 || *value > most) return std::nullopt;
  return static_cast<unsigned>(*value);
}

/// [host, port, ...]
std::optional<Endpoint> parse_node(const Reply& reply, const Endpoint& asked) {
  const auto* parts = reply.array();
  if (parts == nullptr || parts->size() < 2) return std::nullopt;
  const auto* host = (*parts)[0].text();
  const auto port = number((*parts)[1], 65535);
  if ((host == nullptr && !(*parts)[0].is_nil()) || !port) return std::nullopt;
  return Endpoint{host == nullptr || host->empty() ? asked.host : *host, std::to_string(*port), {}};
}

}  // namespace

unsigned slot_of(std::string_view key) noexcept {
  if (const std::size_t open = key.find('{'); open != std::string_view::npos) {
    const std::size_t close = key.find('}', open + 1);
    if (close != std::string_view::npos && close > open + 1) key = key.substr(open + 1, close - open - 1);
  }
  return crc16(key) % slot_count;
}

std::optional<std::vector<SlotRange>> parse_slots(const Reply& reply, const Endpoint& asked) {
  const auto* rows = reply.array();
  if (rows == nullptr) return std::nullopt;
  std::vector<SlotRange> ranges;
  for (const Reply& row : *rows) {
    const auto* parts = row.array();
    if (parts == nullptr || parts->size() < 3) return std::nullopt;
    const auto first = number((*parts)[0], slot_count - 1), last = number((*parts)[1], slot_count - 1);
    const auto master = parse_node((*parts)[2], asked);
    if (!first || !last || *first > *last || !master) return std::nullopt;
    ranges.push_back({*first, *last, *master});
  }
  return ranges;
}

}  // namespace authkit::redis
