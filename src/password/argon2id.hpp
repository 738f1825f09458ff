#pragma once

#include "authkit/password.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// Argon2id version 1.3 (RFC 9106) with one lane and a salt of 16 bytes: what new hashes are made with.
namespace authkit::password::argon2id {

constexpr std::size_t salt_size = 16;
constexpr std::size_t tag_size = 32;

struct Parameters {
  std::uint32_t memory_kib = 0;
  std::uint32_t passes = 0;
};

/// The one place that fills Argon2 memory; a faster kernel goes behind it. `tag`: 16 bytes or more; `salt`: salt_size.
/// Errors: Errc::out_of_memory.
Result<void> compute(const Parameters& parameters, std::string_view password, std::span<const std::uint8_t> salt, std::span<std::uint8_t> tag);

/// "$argon2id$v=19$m=...,t=...,p=1$salt$tag"
std::string encode(const Parameters& parameters, std::string_view salt, std::string_view tag);

}  // namespace authkit::password::argon2id
