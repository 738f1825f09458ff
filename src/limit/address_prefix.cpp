#include "authkit/limit.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>

namespace authkit {
namespace {

std::string text_of(int family, const void* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  return inet_ntop(family, address, text.data(), text.size());
}

}  // namespace

std::string address_prefix(std::string_view address) {
  const std::string text(address.substr(0, address.find('%')));  // a zone (RFC 4007) names an interface of ours, not the client
  if (text.find('\0') != std::string::npos) return std::string(address);

  in_addr v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return text_of(AF_INET, &v4);
  in6_addr v6{};
  if (inet_pton(AF_INET6, text.c_str(), &v6) != 1) return std::string(address);
  if (IN6_IS_ADDR_V4MAPPED(&v6)) return text_of(AF_INET, &v6.s6_addr[12]);
  std::fill(v6.s6_addr + 8, v6.s6_addr + 16, std::uint8_t{0});  // a client has a /64 at the least (RFC 6177)
  return text_of(AF_INET6, &v6) + "/64";
}

}  // namespace authkit
