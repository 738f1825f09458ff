#include "core/json.hpp"
#include "password/argon2id.hpp"
#include "password/derivation.hpp"
#include "password/phc.hpp"

/// What Keycloak stores: a credential as its realm exports have it, a JSON object whose `secretData` and `credentialData` are the texts of two more.
namespace authkit::password {
namespace {

constexpr json::Limits limits{.depth = 4, .members = 64};

std::optional<json::Value> within(const json::Value& credential, std::string_view name) {
  const json::Value* text = credential.find(name);
  if (text == nullptr || text->kind != json::Kind::text) return std::nullopt;
  auto inner = json::parse(text->text, limits);
  if (!inner || inner->kind != json::Kind::object) return std::nullopt;
  return *std::move(inner);
}

std::optional<std::string> bytes_of(const json::Value& object, std::string_view name) {
  const json::Value* member = object.find(name);
  if (member == nullptr || member->kind != json::Kind::text || member->text.empty()) return std::nullopt;
  return phc::from_base64(member->text);
}

/// The one text of a list in `additionalParameters`.
std::string_view parameter(const json::Value& data, std::string_view name) {
  const json::Value* all = data.find("additionalParameters");
  const json::Value* list = all == nullptr ? nullptr : all->find(name);
  if (list == nullptr || list->kind != json::Kind::array || list->items.size() != 1 || list->items[0].kind != json::Kind::text) return {};
  return list->items[0].text;
}

struct Credential {
  std::string algorithm, salt, tag;
  std::uint32_t rounds = 0;
  json::Value data;
};

std::optional<Credential> parse(std::string_view encoded) {
  const auto credential = json::parse(encoded, limits);
  if (!credential || credential->kind != json::Kind::object) return std::nullopt;
  auto secret = within(*credential, "secretData"), data = within(*credential, "credentialData");
  if (!secret || !data) return std::nullopt;
  auto salt = bytes_of(*secret, "salt"), tag = bytes_of(*secret, "value");
  const json::Value* algorithm = data->find("algorithm");
  const json::Value* rounds = data->find("hashIterations");
  if (!salt || !tag || algorithm == nullptr || algorithm->kind != json::Kind::text || rounds == nullptr) return std::nullopt;
  const auto count = rounds->integer();
  if (!count || *count < 1 || *count > 0xffff'ffff) return std::nullopt;
  return Credential{algorithm->text, *std::move(salt), *std::move(tag), static_cast<std::uint32_t>(*count), *std::move(data)};
}

std::optional<Derivation> derivation_of(const Credential& credential) {
  const std::string_view name = credential.algorithm;
  const EVP_MD* digest = name == "pbkdf2" ? digest_named("sha1") : name.starts_with("pbkdf2-") ? digest_named(name.substr(7)) : nullptr;
  if (digest == nullptr) return std::nullopt;
  return Derivation{.digest = digest, .rounds = credential.rounds, .salt = credential.salt, .tag = credential.tag};
}

/// The same as the PHC string that those schemes read; empty when it is none.
std::string argon2_of(const Credential& credential) {
  const std::string_view type = parameter(credential.data, "type");
  if (credential.algorithm != "argon2" || (type != "id" && type != "i") || parameter(credential.data, "version") != "1.3") return {};
  std::string text = type == "id" ? "$argon2id$v=19$m=" : "$argon2i$v=19$m=";
  text.append(parameter(credential.data, "memory")).append(",t=").append(std::to_string(credential.rounds)).append(",p=");
  text.append(parameter(credential.data, "parallelism")).append("$").append(phc::base64(credential.salt)).append("$");
  return text.append(phc::base64(credential.tag));
}

const Scheme& scheme_of(std::string_view argon2) { return argon2.starts_with("$argon2id$") ? argon2id_scheme : argon2i_scheme; }

Result<Cost> cost(std::string_view encoded, const PasswordOptions& options) {
  const auto credential = parse(encoded);
  if (!credential) return malformed_hash();
  if (const auto derivation = derivation_of(*credential)) return cost_of(*derivation);
  const std::string argon2 = argon2_of(*credential);
  return argon2.empty() ? malformed_hash() : scheme_of(argon2).cost(argon2, options);
}

Result<void> verify_credential(std::string_view password, std::string_view encoded) {
  const auto credential = parse(encoded);
  if (!credential) return malformed_hash();
  if (const auto derivation = derivation_of(*credential)) return verify(password, *derivation);
  const std::string argon2 = argon2_of(*credential);
  return scheme_of(argon2).verify(password, argon2);
}

}  // namespace

constinit const Scheme keycloak_scheme{
    "keycloak", [](std::string_view encoded) { return encoded.starts_with('{') && encoded.find("\"credentialData\"") != encoded.npos; }, cost,
    verify_credential, never_preferred};

}  // namespace authkit::password
