#include "password/scheme.hpp"

namespace authkit::password {
namespace {

// One row a scheme; a newcomer is one file and one row here.
constexpr const Scheme* table[] = {
    &argon2id_scheme, &bcrypt_scheme, &django_pbkdf2_scheme, &django_bcrypt_scheme, &django_argon2_scheme,
};

}  // namespace

const Scheme* find_scheme(std::string_view encoded) noexcept {
  for (const Scheme* scheme : table) {
    if (scheme->understands(encoded)) return scheme;
  }
  return nullptr;
}

}  // namespace authkit::password
