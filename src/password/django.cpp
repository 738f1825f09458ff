#include "core/digest.hpp"
#include "core/hex.hpp"
#include "core/secret.hpp"
#include "password/bcrypt.hpp"
#include "password/phc.hpp"
#include "password/scheme.hpp"

#include <openssl/evp.h>

#include <array>
#include <string>

/// What Django stores: an algorithm's name, then its own form (contrib.auth.hashers).
namespace authkit::password {
namespace {

constexpr std::uint32_t most_rounds = 2'000'000;

Error malformed() { return Error(Errc::password_hash_invalid, "the stored Django hash is malformed"); }

struct Pbkdf2 {
  const EVP_MD* digest = nullptr;
  std::uint32_t rounds = 0;
  std::string_view salt;
  std::string tag;
};

std::optional<Pbkdf2> parse(std::string_view rest) {
  Pbkdf2 stored;
  if (phc::take(rest, "pbkdf2_sha256$")) {
    stored.digest = EVP_sha256();
  } else if (phc::take(rest, "pbkdf2_sha1$")) {
    stored.digest = EVP_sha1();
  } else {
    return std::nullopt;
  }
  const auto rounds = phc::take_number(rest);
  if (!rounds || *rounds == 0 || !phc::take(rest, "$")) return std::nullopt;
  const std::size_t end = rest.find('$');
  if (end == rest.npos || end == 0) return std::nullopt;
  stored.rounds = *rounds;
  stored.salt = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  const auto wanted = static_cast<std::size_t>(EVP_MD_get_size(stored.digest));
  const std::size_t padding = (3 - wanted % 3) % 3;
  if (rest.size() <= padding || rest.substr(rest.size() - padding) != std::string(padding, '=')) return std::nullopt;
  rest.remove_suffix(padding);
  auto tag = phc::take_base64(rest);
  if (!tag || !rest.empty() || tag->size() != wanted) return std::nullopt;
  stored.tag = *std::move(tag);
  return stored;
}

Result<Cost> pbkdf2_cost(std::string_view encoded, const PasswordOptions&) {
  const auto stored = parse(encoded);
  if (!stored) return malformed();
  if (stored->rounds > most_rounds) return Error(Errc::password_hash_invalid, "the stored PBKDF2 hash costs more than 2,000,000 rounds");
  return Cost{1024, std::uint64_t{stored->rounds} / 4};  // rather too few
}

Result<void> pbkdf2_verify(std::string_view password, std::string_view encoded) {
  const auto stored = parse(encoded);
  if (!stored) return Errc::password_hash_invalid;
  std::array<unsigned char, EVP_MAX_MD_SIZE> computed{};
  const int done = PKCS5_PBKDF2_HMAC(password.empty() ? "" : password.data(), static_cast<int>(password.size()),
                                     reinterpret_cast<const unsigned char*>(stored->salt.data()), static_cast<int>(stored->salt.size()),
                                     static_cast<int>(stored->rounds), stored->digest, static_cast<int>(stored->tag.size()), computed.data());
  if (done != 1) return Errc::out_of_memory;
  const std::span<const std::uint8_t> tag(computed.data(), stored->tag.size());
  return equal_constant_time(tag, as_bytes(stored->tag)) ? Result<void>() : Result<void>(Errc::invalid_credentials);
}

constexpr std::string_view bcrypt_prefix = "bcrypt$", bcrypt_sha256_prefix = "bcrypt_sha256$", argon2_prefix = "argon2";

Result<Cost> bcrypt_cost(std::string_view encoded, const PasswordOptions&) { return bcrypt::cost(encoded.substr(encoded.find('$') + 1)); }

/// With sha256 in the name, of the hexadecimal digest of the password: no 72 bytes, and no NUL.
Result<void> bcrypt_verify(std::string_view password, std::string_view encoded) {
  if (encoded.starts_with(bcrypt_prefix)) return bcrypt::verify(password, encoded.substr(bcrypt_prefix.size()));
  std::string digest = hex::encode(sha256(as_bytes(password)));
  const Wiper wiper(digest);
  return bcrypt::verify(digest, encoded.substr(bcrypt_sha256_prefix.size()));
}

Result<Cost> argon2_cost(std::string_view encoded, const PasswordOptions& options) {
  return argon2id_scheme.cost(encoded.substr(argon2_prefix.size()), options);
}

Result<void> argon2_verify(std::string_view password, std::string_view encoded) {
  return argon2id_scheme.verify(password, encoded.substr(argon2_prefix.size()));
}

bool never_preferred(std::string_view, const PasswordOptions&) { return false; }

}  // namespace

constinit const Scheme django_pbkdf2_scheme{
    "django_pbkdf2", [](std::string_view encoded) { return encoded.starts_with("pbkdf2_sha256$") || encoded.starts_with("pbkdf2_sha1$"); },
    pbkdf2_cost, pbkdf2_verify, never_preferred};
constinit const Scheme django_bcrypt_scheme{
    "django_bcrypt", [](std::string_view encoded) { return encoded.starts_with(bcrypt_prefix) || encoded.starts_with(bcrypt_sha256_prefix); },
    bcrypt_cost, bcrypt_verify, never_preferred};
constinit const Scheme django_argon2_scheme{"django_argon2", [](std::string_view encoded) { return encoded.starts_with("argon2$argon2id$"); },
                                            argon2_cost, argon2_verify, never_preferred};

}  // namespace authkit::password
