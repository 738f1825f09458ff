#pragma once

#include "token/profile.hpp"

#include <fmt/format.h>

namespace authkit {

using PayloadBuffer = fmt::basic_memory_buffer<char, 1024>;

/// UTF-8 without NUL: what may be a text claim.
bool valid_claim_text(std::string_view text) noexcept;

/// Writes the claims of access tokens (RFC 9068 section 2.2, or as their profile has them), with what is the same in all of them prepared.
class AccessPayload {
 public:
  AccessPayload() = default;
  explicit AccessPayload(const TokenOptions& options);

  /// Fills `out` with the JSON and `issued` with its id and expiry.
  Result<void> write(const TokenContent& content, Time now, PayloadBuffer& out, IssuedToken& issued) const;

 private:
  const ProfileTraits* profile_ = &traits_of(TokenProfile::rfc9068);
  std::string start_;  // up to the subject's text
  Duration lifetime_{0};
};

}  // namespace authkit
