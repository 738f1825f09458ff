#pragma once

#include "authkit/token.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace authkit {

/// One row of the profile table: what access tokens of that kind look like.
struct ProfileTraits {
  TokenProfile profile;
  std::string_view name;
  std::string_view typ;         ///< media type in the header, written and demanded
  std::string_view subject;     ///< the claim that names the user
  bool number_subject;          ///< which may be a whole number as well
  std::string_view token_type;  ///< value of the claim `token_type`, written and demanded; empty = no such claim
  bool names_parties;           ///< `iss` and `aud` cannot be left out
};

inline constexpr std::array profiles{
    ProfileTraits{TokenProfile::rfc9068, "rfc9068", "at+jwt", "sub", false, "", true},
    ProfileTraits{TokenProfile::simplejwt, "simplejwt", "JWT", "user_id", true, "access", false},
};

constexpr const ProfileTraits& traits_of(TokenProfile profile) noexcept { return profiles[static_cast<std::size_t>(profile)]; }

constexpr std::optional<TokenProfile> parse_profile(std::string_view name) noexcept {
  for (const ProfileTraits& row : profiles)
    if (row.name == name) return row.profile;
  return std::nullopt;
}

}  // namespace authkit
