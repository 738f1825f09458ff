#include "password/derivation.hpp"

#include "core/digest.hpp"
#include "core/secret.hpp"
#include "password/pbkdf2.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <bit>

namespace authkit::password {
namespace {

constexpr std::uint32_t most_rounds = 2'000'000, most_lanes = 16;
constexpr std::uint64_t most_memory = 256 * 1024 * 1024, most_filled = 4 * most_memory;  // some three seconds
constexpr std::size_t longest = 128;                                                     // bytes of a salt and of a tag

std::uint64_t memory_of(const Derivation& scrypt) noexcept { return 128 * std::uint64_t{scrypt.r} * (scrypt.n + scrypt.p); }

bool is_possible(const Derivation& stored) noexcept {
  if (stored.salt.empty() || stored.salt.size() > longest || stored.tag.size() < 16 || stored.tag.size() > longest) return false;
  if (stored.digest != nullptr) return stored.rounds > 0;
  return stored.n > 1 && std::has_single_bit(stored.n) && stored.r > 0 && stored.p > 0;
}

bool compute(std::string_view password, const Derivation& what, std::span<std::uint8_t> tag) noexcept {
  const char* const bytes = password.empty() ? "" : password.data();
  const auto* const salt = reinterpret_cast<const unsigned char*>(what.salt.data());
  if (what.digest == nullptr)
    return EVP_PBE_scrypt(bytes, password.size(), salt, what.salt.size(), what.n, what.r, what.p, 2 * most_memory, tag.data(), tag.size()) == 1;
  return pbkdf2(password, {salt, what.salt.size()}, what.rounds, what.digest, tag);
}

}  // namespace

const EVP_MD* digest_named(std::string_view name) noexcept {
  return name == "sha256" ? EVP_sha256() : name == "sha512" ? EVP_sha512() : name == "sha1" ? EVP_sha1() : nullptr;
}

std::size_t digest_size(const EVP_MD* digest) noexcept { return static_cast<std::size_t>(EVP_MD_get_size(digest)); }

Result<Cost> cost_of(const Derivation& derivation) {
  if (!is_possible(derivation)) return malformed_hash();
  if (derivation.digest != nullptr) {
    if (derivation.rounds > most_rounds) return Error(Errc::password_hash_invalid, "the stored PBKDF2 hash costs more than 2,000,000 rounds");
    return Cost{.memory = 1024};
  }
  const bool within = derivation.n <= most_memory && derivation.r <= most_memory / 128 && derivation.p <= most_lanes;
  if (!within || memory_of(derivation) > most_memory || memory_of(derivation) * derivation.p > most_filled)
    return Error(Errc::password_hash_invalid, "the stored scrypt hash costs more than 256 MiB, p = 16 or 1 GiB in all passes");
  return Cost{.memory = memory_of(derivation)};
}

Result<void> verify(std::string_view password, const Derivation& derivation) {
  std::array<std::uint8_t, longest> computed{};
  const std::span tag(computed.data(), std::min(derivation.tag.size(), longest));
  if (!compute(password, derivation, tag)) return Errc::out_of_memory;
  const bool good = equal_constant_time(tag, as_bytes(derivation.tag));
  wipe(computed.data(), computed.size());
  return good ? Result<void>() : Result<void>(Errc::invalid_credentials);
}

Error malformed_hash() { return Error(Errc::password_hash_invalid, "the stored hash is malformed"); }

bool never_preferred(std::string_view, const PasswordOptions&) { return false; }

bool is_scrypt_tag(std::string_view tag) noexcept { return tag.size() == 32 || tag.size() == 64; }

bool is_salt_text(std::string_view text) noexcept {
  return !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace authkit::password
