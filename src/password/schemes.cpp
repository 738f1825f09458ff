#include "password/scheme.hpp"

namespace authkit::password {
namespace {

// One row a scheme; a newcomer is one file and one row here.
constexpr const Scheme* table[] = {
    &argon2id_scheme,       &argon2i_scheme,        &bcrypt_scheme, &django_scheme,       &django_bcrypt_scheme, &django_argon2_scheme,
    &passlib_pbkdf2_scheme, &passlib_bcrypt_scheme, &scrypt_scheme, &scrypt_crypt_scheme, &sha_crypt_scheme,     &yescrypt_scheme,
    &werkzeug_scheme,       &spring_scheme,         &aspnet_scheme, &keycloak_scheme,     &better_auth_scheme,
};

}  // namespace

const Scheme* find_scheme(std::string_view encoded) noexcept {
  if (encoded.size() > max_encoded) return nullptr;
  for (const Scheme* scheme : table) {
    if (scheme->understands(encoded)) return scheme;
  }
  return nullptr;
}

}  // namespace authkit::password
