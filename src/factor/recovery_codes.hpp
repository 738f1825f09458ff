#pragma once

#include "authkit/result.hpp"

#include "core/digest.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Codes for who has lost the second factor: "abcde-fghij", 50 random bits, each good once. Thread safety: pure functions.
namespace authkit::recovery_codes {

constexpr std::size_t count = 10;

/// Errors: random_unavailable.
Result<std::vector<std::string>> make();

/// What is stored of a code, whatever the case and the dashes it is typed with. `key`: 32 secret bytes.
Digest256 digest(std::span<const std::uint8_t> key, std::string_view code);

}  // namespace authkit::recovery_codes
