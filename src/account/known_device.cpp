#include "account/known_device.hpp"

#include "core/base64url.hpp"
#include "core/digest.hpp"
#include "core/secret.hpp"

#include <algorithm>

namespace authkit {
namespace {

using Bytes = std::array<std::uint8_t, 4 + 16 + 32>;

Digest256 mac_of(const DeviceId& device, const UserId& user, const MacKey& key) {
  Digest256 derived = keyed_digest(key.secret, {as_bytes("authkit known device")});
  const Digest256 mac = keyed_digest(derived, {user.bytes, device});
  wipe(derived.data(), derived.size());
  return mac;
}

}  // namespace

std::string device_token(const DeviceId& device, const UserId& user, const MacKey& key) {
  const Digest256 mac = mac_of(device, user, key);
  Bytes out;
  auto at = std::copy(key.id.begin(), key.id.end(), out.begin());
  at = std::copy(device.begin(), device.end(), at);
  std::copy(mac.begin(), mac.end(), at);
  return base64url::encode(out);
}

std::optional<DeviceId> known_device(std::string_view token, const UserId& user, std::span<const MacKey> keys) {
  Bytes in;
  if (token.size() != base64url::encoded_size(in.size()) || !base64url::decode_to(token, in.data())) return std::nullopt;
  const auto key = std::find_if(keys.begin(), keys.end(), [&](const MacKey& k) { return std::equal(k.id.begin(), k.id.end(), in.begin()); });
  if (key == keys.end()) return std::nullopt;
  DeviceId device;
  std::copy_n(in.begin() + 4, device.size(), device.begin());
  if (!equal_constant_time(mac_of(device, user, *key), std::span(in).last(sizeof(Digest256)))) return std::nullopt;
  return device;
}

}  // namespace authkit
