#include "password/bcrypt.hpp"

#include "core/digest.hpp"
#include "core/secret.hpp"

#include <algorithm>
#include <crypt.h>
#include <memory>

namespace authkit::password {
namespace bcrypt {
namespace {

constexpr std::size_t size = 60, head = 7, max_password = 72;
constexpr int most_rounds = 16, work_at_ten = 40'000;  // two to the power of; Argon2id units of 2^10 rounds, rather too few

bool understands(std::string_view encoded) {
  return encoded.starts_with("$2a$") || encoded.starts_with("$2b$") || encoded.starts_with("$2y$") || encoded.starts_with("$2x$");
}

bool is_character(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '/'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Result<Cost> cost(std::string_view encoded) {
  if (encoded.starts_with("$2x$"))
    return Error(Errc::password_hash_invalid, "$2x$ marks hashes of a broken implementation: they cannot be told from others");
  const bool well_formed = encoded.size() == size && understands(encoded) && is_digit(encoded[4]) && is_digit(encoded[5]) && encoded[6] == '$' &&
                           std::all_of(encoded.begin() + head, encoded.end(), is_character);
  const int rounds = well_formed ? (encoded[4] - '0') * 10 + (encoded[5] - '0') : 0;
  if (rounds < 4 || rounds > 31) return Error(Errc::password_hash_invalid, "the stored bcrypt hash is malformed");
  if (rounds > most_rounds) return Error(Errc::password_hash_invalid, "the stored bcrypt hash costs more than 2^16 rounds");
  const std::uint64_t work = rounds >= 10 ? std::uint64_t{work_at_ten} << (rounds - 10) : std::uint64_t{work_at_ten} >> (10 - rounds);
  return Cost{sizeof(crypt_data), work};
}

Result<void> verify(std::string_view password, std::string_view encoded) {
  const bool has_nul = password.find('\0') != std::string_view::npos;
  std::string text(password.substr(0, std::min(password.find('\0'), max_password)));
  const Wiper wiper(text);
  const std::string stored(encoded);
  const auto state = std::make_unique<crypt_data>();
  // Not crypt_r(), whose name sanitizers take for themselves.
  const char* computed = crypt_rn(text.c_str(), stored.c_str(), state.get(), sizeof(crypt_data));
  const bool good = computed != nullptr && equal_constant_time(as_bytes(computed), as_bytes(stored)) && !has_nul;
  wipe(state.get(), sizeof(crypt_data));
  return good ? Result<void>() : Result<void>(Errc::invalid_credentials);
}

}  // namespace bcrypt

constinit const Scheme bcrypt_scheme{"bcrypt", bcrypt::understands,
                                     [](std::string_view encoded, const PasswordOptions&) { return bcrypt::cost(encoded); }, bcrypt::verify,
                                     [](std::string_view, const PasswordOptions&) { return false; }};

}  // namespace authkit::password
