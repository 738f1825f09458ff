#include "core/secret.hpp"
#include "core/text.hpp"
#include "password/derivation.hpp"
#include "password/phc.hpp"

/// What better-auth stores: "salt:tag" in hexadecimal; scrypt with N=16384, r=16, p=1 of the password in NFKC, and the salt is the text of those
/// digits.
namespace authkit::password {
namespace {

constexpr std::size_t salt_digits = 32, tag_digits = 128;

std::optional<Derivation> parse(std::string_view encoded) {
  if (encoded.size() != salt_digits + 1 + tag_digits || encoded[salt_digits] != ':') return std::nullopt;
  const std::string_view salt = encoded.substr(0, salt_digits);
  auto tag = phc::from_hex(encoded.substr(salt_digits + 1));
  if (!tag || !phc::from_hex(salt)) return std::nullopt;
  return Derivation{.n = 16'384, .r = 16, .p = 1, .salt = std::string(salt), .tag = *std::move(tag)};
}

Result<Cost> cost(std::string_view encoded, const PasswordOptions&) {
  const auto stored = parse(encoded);
  return stored ? cost_of(*stored) : malformed_hash();
}

Result<void> verify_normalised(std::string_view password, std::string_view encoded) {
  const auto stored = parse(encoded);
  if (!stored) return malformed_hash();
  std::string text = compatibility_form(password).value_or(std::string(password));
  const Wiper wiper(text);
  return verify(text, *stored);
}

/// Hexadecimal up to a colon, so that a damaged one is told what it is.
bool understands(std::string_view encoded) {
  return encoded.size() > salt_digits && encoded.find_first_not_of("0123456789abcdef") == salt_digits && encoded[salt_digits] == ':';
}

}  // namespace

constinit const Scheme better_auth_scheme{"better_auth", understands, cost, verify_normalised, never_preferred};

}  // namespace authkit::password
