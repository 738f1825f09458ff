#pragma once

#include "authkit/key.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace authkit {

using DeviceId = std::array<std::uint8_t, 16>;

/// Proof that a device has logged in to an account before: `key_id | device | MAC` in base64url, the MAC over the account's id as well.
/// It opens nothing. It gives the device attempts of its own, so that a stranger's guessing cannot lock the owner out (OWASP ASVS 6.1.1).
std::string device_token(const DeviceId& device, const UserId& user, const MacKey& key);

/// The device in `token`; nothing unless it was made for that user under one of `keys`.
std::optional<DeviceId> known_device(std::string_view token, const UserId& user, std::span<const MacKey> keys);

}  // namespace authkit
