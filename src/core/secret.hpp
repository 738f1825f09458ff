#pragma once

#include "authkit/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace authkit {

/// Overwrites memory in a way the compiler keeps.
void wipe(void* data, std::size_t size) noexcept;

/// Secret bytes in memory that is locked where the system allows it, left out of core dumps, and wiped when it goes.
/// Move-only; has no stream operator and no comparison, so that it is neither printed nor compared by accident.
class Secret {
 public:
  Secret() noexcept = default;
  explicit Secret(std::span<const std::uint8_t> bytes);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  std::span<const std::uint8_t> bytes() const noexcept { return {data_, size_}; }
  std::string_view view() const noexcept { return {reinterpret_cast<const char*>(data_), size_}; }
  bool empty() const noexcept { return size_ == 0; }

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Wipes a string when the scope ends: for secrets that have to be std::string on the way.
class Wiper {
 public:
  explicit Wiper(std::string& text) noexcept : text_(text) {}
  Wiper(const Wiper&) = delete;
  Wiper& operator=(const Wiper&) = delete;
  ~Wiper() { wipe(text_.data(), text_.size()); }

 private:
  std::string& text_;
};

/// Authenticated encryption at rest: XChaCha20-Poly1305 with a random nonce, base64url text. `name` is bound to the ciphertext, so a sealed
/// value cannot be moved to another row. `key`: 32 bytes. open(): Errc::key_invalid when it is not ours, was changed, or the key is another.
Result<std::string> seal(std::span<const std::uint8_t> key, std::string_view name, std::span<const std::uint8_t> secret);
Result<Secret> unseal(std::span<const std::uint8_t> key, std::string_view name, std::string_view sealed);

}  // namespace authkit
