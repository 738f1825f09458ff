#include "address.hpp"

#include "lexer.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>
#include <netinet/in.h>

namespace authkit::server {
namespace {

constexpr std::array<std::uint8_t, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_ipv4(const Address& address) noexcept { return std::equal(mapped.begin(), mapped.end(), address.begin()); }

/// A hop of X-Forwarded-For; some proxies add the port.
std::optional<Address> parse_hop(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    return end == std::string_view::npos ? std::nullopt : parse_address(text.substr(1, end - 1));
  }
  const std::size_t colon = text.find(':');
  const bool with_port = colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos;
  return parse_address(with_port ? text.substr(0, colon) : text);
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  char terminated[INET6_ADDRSTRLEN] = {};
  if (text.empty() || text.size() >= sizeof terminated) return std::nullopt;
  std::memcpy(terminated, text.data(), text.size());
  Address address{};
  if (inet_pton(AF_INET6, terminated, address.data()) == 1) return address;
  std::copy(mapped.begin(), mapped.end(), address.begin());
  if (inet_pton(AF_INET, terminated, address.data() + mapped.size()) == 1) return address;
  return std::nullopt;
}

std::string to_text(const Address& address) {
  char text[INET6_ADDRSTRLEN] = {};
  const bool v4 = is_ipv4(address);
  inet_ntop(v4 ? AF_INET : AF_INET6, address.data() + (v4 ? mapped.size() : 0), text, sizeof text);
  return text;
}

Result<Networks> Networks::parse(std::string_view list) {
  Networks networks;
  std::string bad;
  split(list, ',', [&](std::string_view part) {
    if (part.empty()) return;
    const std::size_t slash = part.find('/');
    const std::optional<Address> address = parse_address(part.substr(0, slash));
    Network network;
    bool sound = address.has_value();
    if (sound) network.address = *address;
    if (sound && slash != std::string_view::npos) {
      const std::string_view bits = part.substr(slash + 1);
      const unsigned size = part.find(':') == std::string_view::npos ? 32 : 128;
      const auto [end, error] = std::from_chars(bits.data(), bits.data() + bits.size(), network.bits);
      sound = error == std::errc{} && end == bits.data() + bits.size() && lexer::is_digits(bits) && network.bits <= size;
      network.bits += 128 - size;
    }
    if (!sound && bad.empty()) bad = part;
    networks.networks_.push_back(network);
  });
  if (!bad.empty()) return Error{Errc::config_invalid, "\"" + bad + "\" is no address and no network such as 10.0.0.0/8"};
  return networks;
}

bool Networks::contain(const Address& address) const noexcept {
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    const std::size_t whole = network.bits / 8;
    if (!std::equal(address.begin(), address.begin() + static_cast<std::ptrdiff_t>(whole), network.address.begin())) return false;
    const unsigned rest = network.bits % 8;
    return rest == 0 || (address[whole] ^ network.address[whole]) >> (8 - rest) == 0;
  });
}

Origin origin_of(const Request& request, const Networks& trusted) {
  const std::optional<Address> peer = parse_address(request.peer);
  if (!peer) return {std::string(request.peer), false};
  if (trusted.empty() || !trusted.contain(*peer)) return {to_text(*peer), false};

  std::vector<std::string_view> hops;
  for (const std::string_view value : request.all("x-forwarded-for")) split(value, ',', [&](std::string_view hop) { hops.push_back(hop); });
  Address client = *peer;
  for (auto hop = hops.rbegin(); hop != hops.rend() && trusted.contain(client); ++hop) {
    const std::optional<Address> address = parse_hop(*hop);
    if (!address) break;
    client = *address;
  }
  return {to_text(client), request.field("x-forwarded-proto") == "https"};
}

}  // namespace authkit::server
