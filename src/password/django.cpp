#include "core/digest.hpp"
#include "core/hex.hpp"
#include "core/secret.hpp"
#include "password/bcrypt.hpp"
#include "password/derivation.hpp"
#include "password/phc.hpp"

#include <string>

/// What Django stores: an algorithm's name, then its own form (contrib.auth.hashers).
namespace authkit::password {
namespace {

std::optional<Derivation> parse_pbkdf2(std::string_view rest) {
  Derivation stored;
  const auto name = phc::take_field(rest, '$');
  stored.digest = name == "pbkdf2_sha256" ? digest_named("sha256") : name == "pbkdf2_sha1" ? digest_named("sha1") : nullptr;
  const auto rounds = phc::take_number(rest);
  if (stored.digest == nullptr || !rounds || !phc::take(rest, "$")) return std::nullopt;
  const auto salt = phc::take_field(rest, '$');
  auto tag = phc::from_base64(rest);
  if (!salt || !is_salt_text(*salt) || !tag || tag->size() != digest_size(stored.digest)) return std::nullopt;
  stored.rounds = *rounds;
  stored.salt = *salt;
  stored.tag = *std::move(tag);
  return stored;
}

/// "scrypt$16384$salt$8$5$tag": N, r and p around the salt.
std::optional<Derivation> parse_scrypt(std::string_view rest) {
  if (!phc::take(rest, "scrypt$")) return std::nullopt;
  const auto n = phc::take_number(rest);
  if (!n || !phc::take(rest, "$")) return std::nullopt;
  const auto salt = phc::take_field(rest, '$');
  const auto r = phc::take_number(rest);
  if (!salt || !is_salt_text(*salt) || !r || !phc::take(rest, "$")) return std::nullopt;
  const auto p = phc::take_number(rest);
  if (!p || !phc::take(rest, "$")) return std::nullopt;
  auto tag = phc::from_base64(rest);
  if (!tag || tag->size() != 64) return std::nullopt;
  return Derivation{.n = *n, .r = *r, .p = *p, .salt = std::string(*salt), .tag = *std::move(tag)};
}

std::optional<Derivation> parse(std::string_view encoded) { return encoded.starts_with("scrypt$") ? parse_scrypt(encoded) : parse_pbkdf2(encoded); }

constexpr std::string_view bcrypt_prefix = "bcrypt$", bcrypt_sha256_prefix = "bcrypt_sha256$", argon2_prefix = "argon2";

Result<Cost> bcrypt_cost(std::string_view encoded, const PasswordOptions&) { return bcrypt::cost(encoded.substr(encoded.find('$') + 1)); }

/// With sha256 in the name, of the hexadecimal digest of the password: no 72 bytes, and no NUL.
Result<void> bcrypt_verify(std::string_view password, std::string_view encoded) {
  if (encoded.starts_with(bcrypt_prefix)) return bcrypt::verify(password, encoded.substr(bcrypt_prefix.size()));
  std::string digest = hex::encode(sha256(as_bytes(password)));
  const Wiper wiper(digest);
  return bcrypt::verify(digest, encoded.substr(bcrypt_sha256_prefix.size()));
}

/// Argon2id since Django 3.2, Argon2i before.
const Scheme& argon2_of(std::string_view encoded) { return encoded.starts_with("argon2$argon2id$") ? argon2id_scheme : argon2i_scheme; }

Result<Cost> argon2_cost(std::string_view encoded, const PasswordOptions& options) {
  return argon2_of(encoded).cost(encoded.substr(argon2_prefix.size()), options);
}

Result<void> argon2_verify(std::string_view password, std::string_view encoded) {
  return argon2_of(encoded).verify(password, encoded.substr(argon2_prefix.size()));
}

}  // namespace

constinit const Scheme django_scheme = derived_scheme<parse>("django", [](std::string_view encoded) {
  return encoded.starts_with("pbkdf2_sha256$") || encoded.starts_with("pbkdf2_sha1$") || encoded.starts_with("scrypt$");
});
constinit const Scheme django_bcrypt_scheme{
    "django_bcrypt", [](std::string_view encoded) { return encoded.starts_with(bcrypt_prefix) || encoded.starts_with(bcrypt_sha256_prefix); },
    bcrypt_cost, bcrypt_verify, never_preferred};
constinit const Scheme django_argon2_scheme{"django_argon2", [](std::string_view encoded) { return encoded.starts_with("argon2$argon2"); },
                                            argon2_cost, argon2_verify, never_preferred};

}  // namespace authkit::password
