#pragma once

#include "authkit/result.hpp"

#include "http.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace authkit::server {

/// An IPv6 address, or an IPv4 address in its IPv4-mapped form: one value for each host, however it was written.
using Address = std::array<std::uint8_t, 16>;

std::optional<Address> parse_address(std::string_view text);
/// The plain text form; IPv4-mapped ones read as IPv4.
std::string to_text(const Address& address);

/// Networks such as "10.0.0.0/8", "::1", "fd00::/8".
class Networks {
 public:
  /// A comma-separated list. Errors: config_invalid with the part that cannot be read.
  static Result<Networks> parse(std::string_view list);
  bool contain(const Address& address) const noexcept;
  bool empty() const noexcept { return networks_.empty(); }

 private:
  struct Network {
    Address address{};
    unsigned bits = 128;
  };
  std::vector<Network> networks_;
};

/// Who sent a request, as far as it can be known.
struct Origin {
  std::string address;  ///< numeric, in its plain form
  bool https = false;   ///< a trusted proxy says that the client came over TLS
};

/// The peer; or, when the peer is a listed proxy, the rightmost hop of X-Forwarded-For that is not, because everything left of it
/// can be made up. No other header and no other spelling is looked at (CVE-2024-45614).
Origin origin_of(const Request& request, const Networks& trusted);

}  // namespace authkit::server
