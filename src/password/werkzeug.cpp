#include "password/derivation.hpp"
#include "password/phc.hpp"

/// What Werkzeug stores (werkzeug.security), and so Flask: "pbkdf2:sha256:600000$salt$hex", "scrypt:32768:8:1$salt$hex". The salt is text.
namespace authkit::password {
namespace {

bool take_method(std::string_view& rest, Derivation& stored) {
  if (phc::take(rest, "pbkdf2:")) {
    const auto digest = phc::take_field(rest, ':');
    const auto rounds = phc::take_number(rest);
    if (!digest || !rounds) return false;
    stored.digest = digest_named(*digest);
    stored.rounds = *rounds;
    return stored.digest != nullptr;
  }
  if (!phc::take(rest, "scrypt:")) return false;
  const auto n = phc::take_number(rest);
  if (!n || !phc::take(rest, ":")) return false;
  const auto r = phc::take_number(rest);
  if (!r || !phc::take(rest, ":")) return false;
  const auto p = phc::take_number(rest);
  if (!p) return false;
  stored.n = *n;
  stored.r = *r;
  stored.p = *p;
  return true;
}

std::optional<Derivation> parse(std::string_view rest) {
  Derivation stored;
  if (!take_method(rest, stored) || !phc::take(rest, "$")) return std::nullopt;
  const auto salt = phc::take_field(rest, '$');
  if (!salt || !is_salt_text(*salt)) return std::nullopt;
  auto tag = phc::from_hex(rest);
  const std::size_t wanted = stored.digest == nullptr ? 64 : digest_size(stored.digest);
  if (!tag || tag->size() != wanted) return std::nullopt;
  stored.salt = *salt;
  stored.tag = *std::move(tag);
  return stored;
}

}  // namespace

constinit const Scheme werkzeug_scheme =
    derived_scheme<parse>("werkzeug", [](std::string_view encoded) { return encoded.starts_with("pbkdf2:") || encoded.starts_with("scrypt:"); });

}  // namespace authkit::password
