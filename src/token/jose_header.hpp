#pragma once

#include "authkit/result.hpp"

#include <array>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace authkit {

/// Text of bounded length, kept without an allocation.
template <std::size_t Max>
class FixedText {
 public:
  bool set(std::string_view text) noexcept {
    if (text.size() > Max) return false;
    std::memcpy(bytes_.data(), text.data(), text.size());
    size_ = text.size();
    return true;
  }
  std::string_view view() const noexcept { return {bytes_.data(), size_}; }
  bool empty() const noexcept { return size_ == 0; }

 private:
  std::array<char, Max> bytes_;
  std::size_t size_ = 0;
};

/// What a JOSE header (RFC 7515 section 4) may tell us. Nothing in it chooses how to verify: `alg` must agree with the key, `kid` picks among
/// the keys that are held.
struct JoseHeader {
  FixedText<16> alg;
  FixedText<256> kid;  ///< empty = absent
  FixedText<64> typ;   ///< empty = absent
  FixedText<64> cty;   ///< empty = absent
};

inline constexpr std::size_t max_header_bytes = 2048;  ///< decoded

/// Reads an encoded header. Refused: what is not strict JSON, no `alg`, a member of the wrong type, and every member that would change what is
/// verified or by what: crit, b64, zip, enc, jwk, jku, x5u, x5c. Other members are ignored (RFC 7515 section 4).
/// Errors: Errc::invalid_token.
Result<void> read_header(std::string_view encoded, JoseHeader& header);

/// Whether `typ` is the media type `expected`: without regard to case and with "application/" understood (RFC 7515 section 4.1.9).
bool is_media_type(std::string_view typ, std::string_view expected) noexcept;

}  // namespace authkit
