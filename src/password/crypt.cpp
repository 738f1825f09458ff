#include "password/crypt.hpp"

#include "core/digest.hpp"
#include "core/secret.hpp"
#include "password/derivation.hpp"
#include "password/phc.hpp"

#include <algorithm>
#include <cerrno>
#include <crypt.h>
#include <memory>

/// What Unix systems store (crypt(5)): sha256-crypt "$5$", sha512-crypt "$6$", yescrypt "$y$", and scrypt "$7$", which libsodium writes too.
namespace authkit::password {
namespace {

constexpr std::size_t longest_password = 511;  // CRYPT_MAX_PASSPHRASE_SIZE less its NUL: libxcrypt refuses more

}  // namespace

Result<void> crypt_verify(std::string_view password, std::string_view encoded) {
  std::string text(password.substr(0, std::min(password.find('\0'), longest_password)));
  const Wiper wiper(text);
  const std::string stored(encoded);
  const auto state = std::make_unique<crypt_data>();
  errno = 0;
  // Not crypt_r(), whose name sanitizers take for themselves.
  const char* const computed = crypt_rn(text.c_str(), stored.c_str(), state.get(), sizeof(crypt_data));
  const int failure = errno;
  const bool good = computed != nullptr && equal_constant_time(as_bytes(computed), as_bytes(stored)) && text.size() == password.size();
  wipe(state.get(), sizeof(crypt_data));
  if (computed == nullptr && failure == ENOMEM) return Errc::out_of_memory;
  return good ? Result<void>() : Result<void>(Errc::invalid_credentials);
}

namespace {

constexpr std::string_view digits = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::uint32_t most_rounds = 1'000'000;  // some half a second
constexpr std::uint64_t most_memory = 256 * 1024 * 1024;
bool is_digits(std::string_view text) noexcept { return text.find_first_not_of(digits) == text.npos; }

Error too_costly() { return Error(Errc::password_hash_invalid, "the stored hash costs more than 1,000,000 rounds or 256 MiB"); }

Result<Cost> sha_cost(std::string_view encoded, const PasswordOptions&) {
  const std::size_t tag_size = encoded[1] == '5' ? 43 : 86;
  std::string_view rest = encoded.substr(3);
  std::uint32_t rounds = 5000;
  if (phc::take(rest, "rounds=")) {
    const auto given = phc::take_number(rest);
    if (!given || *given < 1000 || !phc::take(rest, "$")) return malformed_hash();
    rounds = *given;
  }
  const auto salt = phc::take_field(rest, '$');
  if (!salt || salt->size() > 16 || !is_digits(*salt) || rest.size() != tag_size || !is_digits(rest)) return malformed_hash();
  if (rounds > most_rounds) return too_costly();
  return Cost{.memory = sizeof(crypt_data)};
}

/// `log_n` and `r` as crypt(5) has them: one digit each of those that any system writes.
Result<Cost> block_cost(std::size_t log_n, std::uint64_t r, std::uint64_t p) {
  if (log_n == 0 || r == 0 || p == 0) return malformed_hash();
  if (log_n > 20 || r > 1024 || p > 16) return too_costly();
  const std::uint64_t memory = sizeof(crypt_data) + 128 * r * ((std::uint64_t{1} << log_n) + p);
  if (memory > most_memory || memory * p > 4 * most_memory) return too_costly();
  return Cost{.memory = memory};
}

Result<Cost> yescrypt_cost(std::string_view encoded, const PasswordOptions&) {
  std::string_view rest = encoded.substr(3);
  const auto parameters = phc::take_field(rest, '$'), salt = phc::take_field(rest, '$');
  if (!parameters || !salt || salt->size() > 86 || !is_digits(*salt) || rest.size() != 43 || !is_digits(rest)) return malformed_hash();
  if (parameters->size() != 3 || parameters->front() != 'j' || !is_digits(*parameters)) return malformed_hash();
  constexpr std::size_t one_digit = 48;  // greater ones begin a longer number
  const std::size_t log_n = digits.find((*parameters)[1]), r = digits.find((*parameters)[2]);
  if (log_n >= one_digit || r >= one_digit) return too_costly();
  return block_cost(log_n + 1, r + 1, 1);
}

std::uint64_t take_30_bits(std::string_view& rest) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 5; ++i) value |= digits.find(rest[i]) << (6 * i);
  rest.remove_prefix(5);
  return value;
}

Result<Cost> scrypt_cost(std::string_view encoded, const PasswordOptions&) {
  std::string_view rest = encoded.substr(3);
  const auto setting = phc::take_field(rest, '$');
  if (!setting || setting->size() < 11 || setting->size() > 11 + 64 || rest.size() != 43 || !is_digits(rest)) return malformed_hash();
  std::string_view numbers = setting->substr(0, 11);
  if (!is_digits(numbers) || !is_salt_text(setting->substr(10))) return malformed_hash();
  const std::size_t log_n = digits.find(numbers.front());
  numbers.remove_prefix(1);
  const std::uint64_t r = take_30_bits(numbers), p = take_30_bits(numbers);
  return block_cost(log_n, r, p);
}

bool starts(std::string_view encoded, char kind) noexcept {
  return encoded.size() > 3 && encoded[0] == '$' && encoded[1] == kind && encoded[2] == '$';
}

}  // namespace

constinit const Scheme sha_crypt_scheme{"sha_crypt", [](std::string_view encoded) { return starts(encoded, '5') || starts(encoded, '6'); }, sha_cost,
                                        crypt_verify, never_preferred};
constinit const Scheme yescrypt_scheme{"yescrypt", [](std::string_view encoded) { return starts(encoded, 'y'); }, yescrypt_cost, crypt_verify,
                                       never_preferred};
constinit const Scheme scrypt_crypt_scheme{"scrypt_crypt", [](std::string_view encoded) { return starts(encoded, '7'); }, scrypt_cost, crypt_verify,
                                           never_preferred};

}  // namespace authkit::password
