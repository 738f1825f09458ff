#include "session/session_secret.hpp"

#include "core/base64url.hpp"
#include "core/secret.hpp"

#include <algorithm>
#include <cstring>

namespace authkit {
namespace {

struct Layout {
  std::uint8_t kind;
  std::string_view purpose;
  bool has_generation;

  constexpr std::size_t body() const { return 1 + 4 + 16 + (has_generation ? 4 : 0) + 16; }
  constexpr std::size_t size() const { return body() + sizeof(Digest256); }
};

constexpr Layout refresh_token{1, "authkit refresh token", true};
constexpr Layout cookie{2, "authkit session cookie", false};
constexpr std::string_view digest_purpose = "authkit session secret digest";
constexpr std::string_view csrf_purpose = "authkit csrf token";

constexpr const Layout& layout_of(Transport transport) { return transport == Transport::cookie ? cookie : refresh_token; }

/// The bytes on their way in or out; wiped, as they hold the secret.
struct Buffer {
  std::array<std::uint8_t, refresh_token.size()> bytes{};
  ~Buffer() { wipe(bytes.data(), bytes.size()); }
};

/// A keyed digest under a key that serves one purpose only (domain separation).
Digest256 digest_for(std::string_view purpose, const MacKey& key, std::initializer_list<std::span<const std::uint8_t>> parts) {
  Digest256 derived = keyed_digest(key.secret, {as_bytes(purpose)});
  const Digest256 out = keyed_digest(derived, parts);
  wipe(derived.data(), derived.size());
  return out;
}

}  // namespace

SessionSecret::~SessionSecret() { wipe(secret.data(), secret.size()); }

const MacKey* find_key(std::span<const MacKey> keys, const std::array<std::uint8_t, 4>& id) noexcept {
  const auto at = std::find_if(keys.begin(), keys.end(), [&](const MacKey& key) { return key.id == id; });
  return at == keys.end() ? nullptr : &*at;
}

std::optional<SessionSecret> SessionSecret::decode(std::string_view text, Transport transport, std::span<const MacKey> keys) {
  const Layout& layout = layout_of(transport);
  Buffer in;
  if (text.size() != base64url::encoded_size(layout.size()) || !base64url::decode_to(text, in.bytes.data())) return std::nullopt;
  if (in.bytes[0] != layout.kind) return std::nullopt;

  SessionSecret out;
  out.transport = transport;
  const std::uint8_t* at = in.bytes.data() + 1;
  const auto read = [&at](std::uint8_t* to, std::size_t size) {
    std::memcpy(to, at, size);
    at += size;
  };
  read(out.key_id.data(), out.key_id.size());
  read(out.session.bytes.data(), out.session.bytes.size());
  if (layout.has_generation) {
    for (int i = 0; i < 4; ++i) out.generation = out.generation << 8 | *at++;
  }
  read(out.secret.data(), out.secret.size());

  const MacKey* key = find_key(keys, out.key_id);
  if (key == nullptr) return std::nullopt;
  const std::span<const std::uint8_t> body{in.bytes.data(), layout.body()};
  const Digest256 mac = digest_for(layout.purpose, *key, {body});
  if (!equal_constant_time(mac, {at, mac.size()})) return std::nullopt;
  return out;
}

std::string SessionSecret::encode(const MacKey& key) const {
  const Layout& layout = layout_of(transport);
  Buffer out;
  out.bytes[0] = layout.kind;
  std::uint8_t* at = out.bytes.data() + 1;
  at = std::copy(key.id.begin(), key.id.end(), at);
  at = std::copy(session.bytes.begin(), session.bytes.end(), at);
  if (layout.has_generation) {
    for (int shift = 24; shift >= 0; shift -= 8) *at++ = static_cast<std::uint8_t>(generation >> shift);
  }
  at = std::copy(secret.begin(), secret.end(), at);
  const Digest256 mac = digest_for(layout.purpose, key, {std::span<const std::uint8_t>{out.bytes.data(), layout.body()}});
  std::copy(mac.begin(), mac.end(), at);
  return base64url::encode(std::span<const std::uint8_t>{out.bytes.data(), layout.size()});
}

Digest256 SessionSecret::digest(const MacKey& key) const { return digest_for(digest_purpose, key, {session.bytes, secret}); }

std::string csrf_token_of(const SessionId& id, const MacKey& key) { return base64url::encode(digest_for(csrf_purpose, key, {id.bytes})); }

bool is_csrf_token_of(const SessionId& id, const MacKey& key, std::string_view token) {
  Digest256 presented;
  if (token.size() != base64url::encoded_size(presented.size()) || !base64url::decode_to(token, presented.data())) return false;
  return equal_constant_time(digest_for(csrf_purpose, key, {id.bytes}), presented);
}

}  // namespace authkit
