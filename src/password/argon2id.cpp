#include "password/argon2id.hpp"

#include "core/digest.hpp"
#include "core/try.hpp"
#include "password/derivation.hpp"
#include "password/phc.hpp"

#include <sodium/crypto_pwhash_argon2i.h>
#include <sodium/crypto_pwhash_argon2id.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace authkit::password {
namespace argon2id {

std::string encode(const Parameters& parameters, std::string_view salt, std::string_view tag) {
  return "$argon2id$v=19$m=" + std::to_string(parameters.memory_kib) + ",t=" + std::to_string(parameters.passes) + ",p=1$" + phc::base64(salt) + "$" +
         phc::base64(tag);
}

}  // namespace argon2id

namespace {

// Ceilings for what others stored. Our own options may go higher in memory, and what they made stays usable.
constexpr std::uint32_t max_memory_kib = 256 * 1024;
constexpr std::uint32_t max_passes = 16;
constexpr std::uint32_t max_lanes = 16;

struct Stored {
  argon2id::Parameters parameters;
  std::uint32_t lanes = 0;
  std::string salt;
  std::string tag;

  bool has_our_shape() const noexcept { return lanes == 1 && salt.size() == argon2id::salt_size; }
};

std::optional<Stored> parse(std::string_view rest) {
  if (!phc::take(rest, "$argon2id$v=19$m=") && !phc::take(rest, "$argon2i$v=19$m=")) return std::nullopt;
  const auto memory = phc::take_number(rest);
  if (!memory || !phc::take(rest, ",t=")) return std::nullopt;
  const auto passes = phc::take_number(rest);
  if (!passes || !phc::take(rest, ",p=")) return std::nullopt;
  const auto lanes = phc::take_number(rest);
  if (!lanes || !phc::take(rest, "$")) return std::nullopt;
  auto salt = phc::take_base64(rest);
  if (!salt || !phc::take(rest, "$")) return std::nullopt;
  auto tag = phc::take_base64(rest);
  if (!tag || !rest.empty()) return std::nullopt;
  return Stored{{*memory, *passes}, *lanes, *std::move(salt), *std::move(tag)};
}

bool understands(std::string_view encoded) { return encoded.starts_with("$argon2id$"); }

Result<Cost> cost(std::string_view encoded, const PasswordOptions& options) {
  const auto stored = parse(encoded);
  if (!stored) return Error(Errc::password_hash_invalid, "the stored Argon2 hash is malformed");
  const auto& [memory, passes] = stored->parameters;
  if (passes == 0 || stored->lanes == 0 || memory / 8 < stored->lanes) return Error(Errc::password_hash_invalid, "RFC 9106 has no such parameters");
  if (memory > std::max(max_memory_kib, options.memory_kib) || passes > max_passes || stored->lanes > max_lanes)
    return Error(Errc::password_hash_invalid, "the stored Argon2 hash costs more than 256 MiB, 16 passes or 16 lanes");
  if (stored->salt.size() < 8 || stored->salt.size() > 64 || stored->tag.size() < 16 || stored->tag.size() > 64)
    return Error(Errc::password_hash_invalid, "the stored Argon2 hash has a salt or a tag of an unusable length");
  return Cost{std::uint64_t{memory} * 1024};
}

// Several lanes, other salts and Argon2i, which the kernel does not take.
Result<void> verify_other_shape(std::string_view password, const std::string& encoded) {
  const char* bytes = password.empty() ? "" : password.data();
  const auto verify_text = encoded.starts_with("$argon2id$") ? crypto_pwhash_argon2id_str_verify : crypto_pwhash_argon2i_str_verify;
  if (verify_text(encoded.c_str(), bytes, password.size()) == 0) return {};
  return errno == EINVAL ? Errc::invalid_credentials : Errc::out_of_memory;
}

Result<void> verify(std::string_view password, std::string_view encoded) {
  const auto stored = parse(encoded);
  if (!stored) return Errc::password_hash_invalid;
  if (!stored->has_our_shape()) return verify_other_shape(password, std::string(encoded));
  std::array<std::uint8_t, 64> computed{};
  const std::span tag(computed.data(), std::min(stored->tag.size(), computed.size()));
  AUTHKIT_TRY(argon2id::compute(stored->parameters, password, as_bytes(stored->salt), tag));
  if (!equal_constant_time(tag, as_bytes(stored->tag))) return Errc::invalid_credentials;
  return {};
}

bool is_preferred(std::string_view encoded, const PasswordOptions& options) {
  const auto stored = parse(encoded);
  return stored && stored->has_our_shape() && stored->tag.size() == argon2id::tag_size && stored->parameters.memory_kib == options.memory_kib &&
         stored->parameters.passes == options.passes;
}

}  // namespace

constinit const Scheme argon2id_scheme{"argon2id", understands, cost, verify, is_preferred};
constinit const Scheme argon2i_scheme{
    "argon2i", [](std::string_view encoded) { return encoded.starts_with("$argon2i$"); }, cost,
    [](std::string_view password, std::string_view encoded) { return verify_other_shape(password, std::string(encoded)); }, never_preferred};

}  // namespace authkit::password
