#pragma once

#include "authkit/types.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// One-time passwords by time (RFC 6238) over HMAC one-time passwords (RFC 4226). Thread safety: pure functions.
namespace authkit::totp {

enum class Hash : std::uint8_t { sha1, sha256, sha512 };

constexpr std::size_t secret_size = 20;  ///< RFC 4226 section 4 asks for 128 bits and recommends 160
constexpr std::size_t min_secret_size = 16;
constexpr std::uint32_t digits = 6;
constexpr Duration step{30'000};

/// RFC 4226 section 5.3; `length` 6 to 8 digits. Empty for a secret below min_secret_size.
std::string hotp(std::span<const std::uint8_t> secret, std::uint64_t counter, Hash hash = Hash::sha1, std::uint32_t length = digits);

std::uint64_t step_of(Time now) noexcept;

/// The step whose code it is, among that of `now` and one to either side, newer than `last_step`. All are computed and compared, whichever fits.
std::optional<std::uint64_t> match(std::span<const std::uint8_t> secret, std::string_view code, Time now, std::uint64_t last_step);

/// RFC 4648 section 6, upper case, without padding.
std::string base32(std::span<const std::uint8_t> bytes);

/// "otpauth://totp/SERVICE:ACCOUNT?secret=...&issuer=SERVICE", percent-encoded.
std::string otpauth_uri(std::string_view service, std::string_view account, std::span<const std::uint8_t> secret);

}  // namespace authkit::totp
