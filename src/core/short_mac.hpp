#pragma once

#include "core/base64url.hpp"
#include "core/digest.hpp"
#include "core/secret.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace authkit {

/// Sixteen bytes of keyed BLAKE2b over a text that a client carries for us and must not make up.
using ShortMac = std::array<std::uint8_t, 16>;

/// `use`: one word for each kind of text, so that none passes for another.
inline ShortMac short_mac(std::string_view text, std::string_view use, std::span<const std::uint8_t> secret) {
  Digest256 derived = keyed_digest(secret, {as_bytes(use)});
  const Digest256 mac = keyed_digest(derived, {as_bytes(text)});
  wipe(derived.data(), derived.size());
  ShortMac out;
  std::copy_n(mac.begin(), out.size(), out.begin());
  return out;
}

/// `text` and its MAC in base64url.
inline std::string signed_text(std::string_view text, std::string_view use, std::span<const std::uint8_t> secret) {
  return std::string(text).append(base64url::encode(std::span<const std::uint8_t>(short_mac(text, use, secret))));
}

/// The text in front of the MAC; nothing unless the `secret` of one of `keys` made it.
template <class Keys>
std::optional<std::string_view> verified_text(std::string_view presented, std::string_view use, const Keys& keys) {
  constexpr std::size_t mac_size = base64url::encoded_size(std::tuple_size_v<ShortMac>);
  ShortMac mac;
  if (presented.size() < mac_size) return std::nullopt;
  const std::string_view text = presented.substr(0, presented.size() - mac_size);
  if (!base64url::decode_to(presented.substr(text.size()), mac.data())) return std::nullopt;
  const bool ours =
      std::any_of(keys.begin(), keys.end(), [&](const auto& key) { return equal_constant_time(short_mac(text, use, key.secret), mac); });
  return ours ? std::optional(text) : std::nullopt;
}

}  // namespace authkit
