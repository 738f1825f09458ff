#include "password/argon2id.hpp"

#include <sodium/crypto_pwhash_argon2id.h>

namespace authkit::password::argon2id {

static_assert(salt_size == crypto_pwhash_argon2id_SALTBYTES);

Result<void> compute(const Parameters& parameters, std::string_view password, std::span<const std::uint8_t> salt, std::span<std::uint8_t> tag) {
  const char* bytes = password.empty() ? "" : password.data();  // libsodium takes no null, not even of length 0
  if (crypto_pwhash_argon2id(tag.data(), tag.size(), bytes, password.size(), salt.data(), parameters.passes,
                             std::size_t{parameters.memory_kib} * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0)
    return Errc::out_of_memory;  // the parameters are in range, so nothing else is left
  return {};
}

}  // namespace authkit::password::argon2id
