#include "core/digest.hpp"
#include "core/secret.hpp"
#include "password/bcrypt.hpp"
#include "password/derivation.hpp"
#include "password/phc.hpp"

#include <openssl/hmac.h>

#include <algorithm>
#include <array>

/// What passlib stores beside the forms of others: "$pbkdf2-sha256$rounds$salt$tag" in a base64 of its own, scrypt as a PHC string, and
/// "$bcrypt-sha256$", which is bcrypt of a digest.
namespace authkit::password {
namespace {

/// Base64 with '.' for '+' and without padding.
std::optional<std::string> from_adapted_base64(std::string_view text) {
  if (text.find('+') != text.npos) return std::nullopt;
  std::string usual(text);
  std::replace(usual.begin(), usual.end(), '.', '+');
  std::string_view rest = usual;
  auto bytes = phc::take_base64(rest);
  return rest.empty() ? bytes : std::nullopt;
}

std::optional<Derivation> parse_pbkdf2(std::string_view rest) {
  Derivation stored;
  if (phc::take(rest, "$pbkdf2-")) {
    const auto digest = phc::take_field(rest, '$');
    stored.digest = digest && *digest != "sha1" ? digest_named(*digest) : nullptr;
  } else if (phc::take(rest, "$pbkdf2$")) {
    stored.digest = digest_named("sha1");
  }
  if (stored.digest == nullptr) return std::nullopt;
  const auto rounds = phc::take_number(rest);
  if (!rounds || !phc::take(rest, "$")) return std::nullopt;
  const auto salt_text = phc::take_field(rest, '$');
  if (!salt_text) return std::nullopt;
  auto salt = from_adapted_base64(*salt_text), tag = from_adapted_base64(rest);
  if (!salt || !tag || tag->size() != digest_size(stored.digest)) return std::nullopt;
  stored.rounds = *rounds;
  stored.salt = *std::move(salt);
  stored.tag = *std::move(tag);
  return stored;
}

std::optional<Derivation> parse_scrypt(std::string_view rest) {
  if (!phc::take(rest, "$scrypt$ln=")) return std::nullopt;
  const auto log_n = phc::take_number(rest);
  if (!log_n || *log_n > 63 || !phc::take(rest, ",r=")) return std::nullopt;
  const auto r = phc::take_number(rest);
  if (!r || !phc::take(rest, ",p=")) return std::nullopt;
  const auto p = phc::take_number(rest);
  if (!p || !phc::take(rest, "$")) return std::nullopt;
  auto salt = phc::take_base64(rest);
  if (!salt || !phc::take(rest, "$")) return std::nullopt;
  auto tag = phc::take_base64(rest);
  if (!tag || !rest.empty() || !is_scrypt_tag(*tag)) return std::nullopt;
  return Derivation{.n = std::uint64_t{1} << *log_n, .r = *r, .p = *p, .salt = *std::move(salt), .tag = *std::move(tag)};
}

constexpr std::string_view bcrypt_sha256 = "$bcrypt-sha256$";

/// "v=2,t=2b,r=12$salt$tag": of HMAC-SHA-256 under the salt's text. The first version, "2b,12$salt$tag": of SHA-256.
struct BcryptSha256 {
  bool keyed = false;
  std::string salt, inner;  ///< the bcrypt hash within
};

std::optional<BcryptSha256> parse_bcrypt(std::string_view rest) {
  if (!phc::take(rest, bcrypt_sha256)) return std::nullopt;
  BcryptSha256 stored;
  stored.keyed = phc::take(rest, "v=2,t=");
  const auto kind = phc::take_field(rest, ',');
  if (!kind || (*kind != "2a" && *kind != "2b") || (stored.keyed && !phc::take(rest, "r="))) return std::nullopt;
  const auto rounds = phc::take_number(rest);
  if (!rounds || *rounds > 99 || !phc::take(rest, "$")) return std::nullopt;
  const auto salt = phc::take_field(rest, '$');
  if (!salt || salt->size() != 22) return std::nullopt;
  stored.salt = *salt;
  stored.inner.append("$").append(*kind).append(*rounds < 10 ? "$0" : "$").append(std::to_string(*rounds)).append("$").append(*salt).append(rest);
  return stored;
}

Result<Cost> bcrypt_cost(std::string_view encoded, const PasswordOptions&) {
  const auto stored = parse_bcrypt(encoded);
  return stored ? bcrypt::cost(stored->inner) : malformed_hash();
}

Result<void> bcrypt_verify(std::string_view password, std::string_view encoded) {
  const auto stored = parse_bcrypt(encoded);
  if (!stored) return malformed_hash();
  Digest256 digest = sha256(as_bytes(password));
  if (stored->keyed) {
    const auto bytes = as_bytes(password);
    HMAC(EVP_sha256(), stored->salt.data(), static_cast<int>(stored->salt.size()), bytes.data(), bytes.size(), digest.data(), nullptr);
  }
  std::string text = phc::base64({reinterpret_cast<const char*>(digest.data()), digest.size()}) + '=';
  const Wiper wiper(text);
  wipe(digest.data(), digest.size());
  return bcrypt::verify(text, stored->inner);
}

}  // namespace

constinit const Scheme passlib_pbkdf2_scheme =
    derived_scheme<parse_pbkdf2>("passlib_pbkdf2", [](std::string_view encoded) { return encoded.starts_with("$pbkdf2"); });
constinit const Scheme scrypt_scheme =
    derived_scheme<parse_scrypt>("scrypt", [](std::string_view encoded) { return encoded.starts_with("$scrypt$"); });
constinit const Scheme passlib_bcrypt_scheme{"passlib_bcrypt", [](std::string_view encoded) { return encoded.starts_with(bcrypt_sha256); },
                                             bcrypt_cost, bcrypt_verify, never_preferred};

}  // namespace authkit::password
