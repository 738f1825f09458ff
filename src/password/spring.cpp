#include "password/derivation.hpp"
#include "password/phc.hpp"

#include <algorithm>
#include <bit>

/// What Spring Security stores: "{id}" and the form of that encoder, its parameters those of the encoder's own defaults. "{noop}" and bare digests
/// are no hashes and never verify.
namespace authkit::password {
namespace {

constexpr std::string_view since_5_8 = "@SpringSecurity_v5_8";

/// Salt and tag in one run of hexadecimal digits; the rounds are nowhere.
std::optional<Derivation> parse_pbkdf2(std::string_view encoded) {
  const bool is_new = encoded.starts_with("{pbkdf2@");
  const auto bytes = phc::from_hex(encoded.substr(encoded.find('}') + 1));
  const std::size_t salt_size = is_new ? 16 : 8;
  if (!bytes || bytes->size() != salt_size + 32) return std::nullopt;
  return Derivation{.digest = digest_named(is_new ? "sha256" : "sha1"),
                    .rounds = is_new ? 310'000U : 185'000U,
                    .salt = bytes->substr(0, salt_size),
                    .tag = bytes->substr(salt_size)};
}

/// "$e0801$salt$tag": the number is the logarithm of N, then r and p as two digits each.
std::optional<Derivation> parse_scrypt(std::string_view encoded) {
  std::string_view rest = encoded.substr(encoded.find('}') + 1);
  if (!phc::take(rest, "$")) return std::nullopt;
  const auto parameters = phc::take_field(rest, '$'), salt_text = phc::take_field(rest, '$');
  if (!parameters || !salt_text || parameters->size() < 5 || parameters->size() > 6) return std::nullopt;
  const auto bytes = phc::from_hex(std::string(6 - parameters->size(), '0').append(*parameters));
  auto salt = phc::from_base64(*salt_text), tag = phc::from_base64(rest);
  if (!bytes || !salt || !tag || !is_scrypt_tag(*tag)) return std::nullopt;
  const auto byte = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>((*bytes)[i])}; };
  if (byte(0) > 63) return std::nullopt;
  return Derivation{.n = std::uint64_t{1} << byte(0), .r = byte(1), .p = byte(2), .salt = *std::move(salt), .tag = *std::move(tag)};
}

constexpr Scheme pbkdf2 = derived_scheme<parse_pbkdf2>("pbkdf2", nullptr);
constexpr Scheme scrypt = derived_scheme<parse_scrypt>("scrypt", nullptr);

/// Whose form it is, and its text.
struct Inner {
  const Scheme* scheme = nullptr;
  std::string_view encoded;
};

Inner inner_of(std::string_view encoded) {
  const std::size_t end = encoded.find('}');
  if (end == encoded.npos) return {};
  std::string_view id = encoded.substr(1, end - 1);
  const std::string_view rest = encoded.substr(end + 1);
  if (id == "bcrypt") return {&bcrypt_scheme, rest};
  if (id.ends_with(since_5_8)) id.remove_suffix(since_5_8.size());
  if (id == "argon2") return {&argon2id_scheme, rest};
  if (id == "pbkdf2") return {&pbkdf2, encoded};
  if (id == "scrypt") return {&scrypt, encoded};
  return {};
}

Result<Cost> cost(std::string_view encoded, const PasswordOptions& options) {
  const Inner inner = inner_of(encoded);
  if (inner.scheme == nullptr) return Error(Errc::password_hash_invalid, "the stored hash is of an encoder that is not known, or no hash");
  return inner.scheme->cost(inner.encoded, options);
}

Result<void> verify_inner(std::string_view password, std::string_view encoded) {
  const Inner inner = inner_of(encoded);
  return inner.scheme == nullptr ? malformed_hash() : inner.scheme->verify(password, inner.encoded);
}

}  // namespace

constinit const Scheme spring_scheme{"spring", [](std::string_view encoded) { return encoded.starts_with('{') && !encoded.starts_with("{\""); }, cost,
                                     verify_inner, never_preferred};

}  // namespace authkit::password
