#include "factor/totp.hpp"

#include "core/digest.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace authkit::totp {
namespace {

const EVP_MD* digest_of(Hash hash) { return hash == Hash::sha1 ? EVP_sha1() : hash == Hash::sha256 ? EVP_sha256() : EVP_sha512(); }

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out.push_back(c);
    } else {
      out.append(1, '%').append(1, hex[byte >> 4U]).append(1, hex[byte & 15U]);
    }
  }
  return out;
}

}  // namespace

std::string hotp(std::span<const std::uint8_t> secret, std::uint64_t counter, Hash hash, std::uint32_t length) {
  if (secret.size() < min_secret_size || length < 6 || length > 8) return {};
  std::array<std::uint8_t, 8> moving{};
  for (std::size_t i = 0; i < moving.size(); ++i) moving[moving.size() - 1 - i] = static_cast<std::uint8_t>(counter >> (8 * i));
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  if (HMAC(digest_of(hash), secret.data(), static_cast<int>(secret.size()), moving.data(), moving.size(), mac.data(), &size) == nullptr) return {};
  const std::size_t offset = mac[size - 1] & 15U;
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8U | mac[offset + i];
  number &= 0x7fffffffU;
  std::string code(length, '0');
  for (auto digit = code.rbegin(); digit != code.rend(); ++digit, number /= 10) *digit = static_cast<char>('0' + number % 10);
  return code;
}

std::uint64_t step_of(Time now) noexcept {
  const auto time = now.time_since_epoch();
  return time.count() < 0 ? 0 : static_cast<std::uint64_t>(time / step);
}

std::optional<std::uint64_t> match(std::span<const std::uint8_t> secret, std::string_view code, Time now, std::uint64_t last_step) {
  const std::uint64_t present = step_of(now);
  std::optional<std::uint64_t> found;
  for (std::uint64_t candidate = present == 0 ? 0 : present - 1; candidate <= present + 1; ++candidate) {
    const std::string wanted = hotp(secret, candidate);
    const bool fits = !wanted.empty() && equal_constant_time(as_bytes(wanted), as_bytes(code));
    if (fits && candidate > last_step) found = candidate;
  }
  return found;
}

std::string base32(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out;
  std::uint32_t held = 0, bits = 0;
  for (const std::uint8_t byte : bytes) {
    held = (held << 8U | byte) & 0xfffU;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out.push_back(alphabet[held >> bits & 31U]);
    }
  }
  if (bits > 0) out.push_back(alphabet[held << (5 - bits) & 31U]);
  return out;
}

std::string otpauth_uri(std::string_view service, std::string_view account, std::span<const std::uint8_t> secret) {
  std::string uri = "otpauth://totp/";
  uri.append(percent_encoded(service)).append(":").append(percent_encoded(account)).append("?secret=").append(base32(secret));
  return uri.append("&issuer=").append(percent_encoded(service)).append("&algorithm=SHA1&digits=6&period=30");
}

}  // namespace authkit::totp
