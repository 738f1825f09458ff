#include "password/bcrypt.hpp"

#include "password/crypt.hpp"
#include "password/derivation.hpp"

#include <algorithm>
#include <crypt.h>

namespace authkit::password {
namespace bcrypt {
namespace {

constexpr std::size_t size = 60, head = 7, max_password = 72;
constexpr int most_rounds = 16;  // two to the power of

bool understands(std::string_view encoded) {
  return encoded.starts_with("$2a$") || encoded.starts_with("$2b$") || encoded.starts_with("$2y$") || encoded.starts_with("$2x$");
}

bool is_character(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '/'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Result<Cost> cost(std::string_view encoded, bool accept_2x) {
  if (encoded.starts_with("$2x$") && !accept_2x)
    return Error(Errc::password_hash_invalid, "$2x$ marks hashes of a broken implementation; password.accept_2x takes them");
  const bool well_formed = encoded.size() == size && understands(encoded) && is_digit(encoded[4]) && is_digit(encoded[5]) && encoded[6] == '$' &&
                           std::all_of(encoded.begin() + head, encoded.end(), is_character);
  const int rounds = well_formed ? (encoded[4] - '0') * 10 + (encoded[5] - '0') : 0;
  if (rounds < 4 || rounds > 31) return Error(Errc::password_hash_invalid, "the stored bcrypt hash is malformed");
  if (rounds > most_rounds) return Error(Errc::password_hash_invalid, "the stored bcrypt hash costs more than 2^16 rounds");
  return Cost{.memory = sizeof(crypt_data)};
}

Result<void> verify(std::string_view password, std::string_view encoded) {
  // A NUL behind the bytes that count is one all the same.
  if (password.size() > max_password && password.find('\0') == password.npos) password = password.substr(0, max_password);
  return crypt_verify(password, encoded);
}

}  // namespace bcrypt

constinit const Scheme bcrypt_scheme{
    "bcrypt",
    bcrypt::understands,
    [](std::string_view encoded, const PasswordOptions& options) { return bcrypt::cost(encoded, options.accept_2x); },
    bcrypt::verify,
    never_preferred,
    true};

}  // namespace authkit::password
