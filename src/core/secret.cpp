#include "core/secret.hpp"

#include "core/base64url.hpp"
#include "core/digest.hpp"
#include "core/random.hpp"
#include "core/try.hpp"

#include <sodium/core.h>
#include <sodium/crypto_aead_xchacha20poly1305.h>
#include <sodium/utils.h>

#include <algorithm>
#include <new>
#include <utility>

namespace authkit {
namespace {

constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;

}  // namespace

void wipe(void* data, std::size_t size) noexcept { sodium_memzero(data, size); }

Secret::Secret(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return;
  static const bool ready = sodium_init() >= 0;  // sodium_malloc needs its canary
  if (!ready) throw std::bad_alloc();
  data_ = static_cast<std::uint8_t*>(sodium_malloc(bytes.size()));  // locked, guarded, MADV_DONTDUMP
  if (data_ == nullptr) throw std::bad_alloc();
  size_ = bytes.size();
  std::copy(bytes.begin(), bytes.end(), data_);
}

Secret::Secret(Secret&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Secret::~Secret() {
  if (data_ != nullptr) sodium_free(data_);  // wipes first
}

Result<std::string> seal(std::span<const std::uint8_t> key, std::string_view name, std::span<const std::uint8_t> secret) {
  std::string box(nonce_size + secret.size() + tag_size, '\0');
  auto* bytes = reinterpret_cast<std::uint8_t*>(box.data());
  AUTHKIT_TRY(random_bytes({bytes, nonce_size}));
  unsigned long long written = 0;
  crypto_aead_xchacha20poly1305_ietf_encrypt(bytes + nonce_size, &written, secret.data(), secret.size(),
                                             reinterpret_cast<const std::uint8_t*>(name.data()), name.size(), nullptr, bytes, key.data());
  return base64url::encode(box);
}

Result<Secret> unseal(std::span<const std::uint8_t> key, std::string_view name, std::string_view sealed) {
  const auto box = base64url::decode(sealed);
  if (!box || box->size() < nonce_size + tag_size) return Error(Errc::key_invalid, "a sealed value is cut or malformed");
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(box->data());
  std::string plain(box->size() - nonce_size - tag_size, '\0');
  const Wiper wiper(plain);
  unsigned long long written = 0;
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(reinterpret_cast<std::uint8_t*>(plain.data()), &written, nullptr, bytes + nonce_size,
                                                 box->size() - nonce_size, reinterpret_cast<const std::uint8_t*>(name.data()), name.size(), bytes,
                                                 key.data()) != 0)
    return Error(Errc::key_invalid, "a sealed value does not open: the master key is another one, or the value was changed");
  return Secret(as_bytes(plain));
}

}  // namespace authkit
