#pragma once

#include <cstddef>
#include <cstdint>

namespace authkit::base64url {

/// What a part of the input became; the rest is the caller's. Both are 0 where the processor has no AVX2, and for short inputs.
struct Progress {
  std::size_t read = 0;
  std::size_t written = 0;
};

/// Thirty-two characters at a time. `good` is set to false when one of them is none of the alphabet. `out` has room for what all of `in` becomes.
Progress decode_wide(const char* in, std::size_t size, std::uint8_t* out, bool& good) noexcept;
/// Twenty-four bytes at a time; in a time that does not depend on them.
Progress encode_wide(const std::uint8_t* in, std::size_t size, char* out) noexcept;

}  // namespace authkit::base64url
