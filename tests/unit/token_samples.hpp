#pragma once

#include "authkit/verifier.hpp"

#include "core/base64url.hpp"
#include "token/signature.hpp"
#include "unit/key_samples.hpp"

#include <array>
#include <string>
#include <string_view>

// Tokens under a true signature whose header or claims the test chooses.
namespace authkit::test {

inline constexpr std::string_view header = R"({"alg":"HS256","typ":"at+jwt"})";
inline constexpr std::int64_t noon_seconds = 1'800'000'000;
inline const Time noon{std::chrono::seconds(noon_seconds)};

inline const Key& key() { return sample_key(Algorithm::HS256); }

inline std::string signed_parts(const Key& signer, const std::string& parts) {
  std::array<std::uint8_t, 1024> signature;
  const std::size_t size = make_signature(signer, parts, signature).value();
  return parts + "." + base64url::encode(std::span<const std::uint8_t>(signature.data(), size));
}

inline std::string token_of(std::string_view head, std::string_view payload, const Key& signer = key()) {
  return signed_parts(signer, base64url::encode(head) + "." + base64url::encode(payload));
}

/// An access token's claims, with `more` members.
inline std::string claims(std::string_view more) {
  return R"({"iss":"authkit","aud":"authkit","sub":"x","exp":1800000900)" + std::string(more) + "}";
}

inline Errc verdict(const std::string& token, Time now = noon, Duration leeway = Duration(0)) {
  TokenOptions options;
  options.leeway = leeway;
  const Tokens tokens = Tokens::open(options, KeyRing::fixed({key()}, {}).value(), [now] { return now; }).value();
  const auto read = tokens.verify(token);
  return read ? Errc{} : read.error().code;
}

inline Errc verdict_of(std::string_view more) { return verdict(token_of(header, claims(more))); }

inline VerifyOptions options_for(Algorithm algorithm) {
  VerifyOptions options;
  options.algorithm = algorithm;
  options.audiences = {"authkit"};
  options.now = noon;
  return options;
}

}  // namespace authkit::test
