#include "token/jwk.hpp"

#include "core/base64url.hpp"
#include "core/try.hpp"

#include <algorithm>
#include <array>

namespace authkit {
namespace {

constexpr std::size_t max_jwk_bytes = 32 * 1024;

Error refused(std::string why) { return Error(Errc::key_invalid, std::move(why)); }

struct PartName {
  std::string_view name;
  std::string KeyParts::*part;
  bool is_private;
};
constexpr std::array rsa_parts{PartName{"n", &KeyParts::n, false},  PartName{"e", &KeyParts::e, false}, PartName{"d", &KeyParts::d, true},
                               PartName{"p", &KeyParts::p, true},   PartName{"q", &KeyParts::q, true},  PartName{"dp", &KeyParts::dp, true},
                               PartName{"dq", &KeyParts::dq, true}, PartName{"qi", &KeyParts::qi, true}};
constexpr std::array ec_parts{PartName{"x", &KeyParts::x, false}, PartName{"y", &KeyParts::y, false}, PartName{"d", &KeyParts::d, true}};
constexpr std::array okp_parts{PartName{"x", &KeyParts::x, false}, PartName{"d", &KeyParts::d, true}};
constexpr std::array oct_parts{PartName{"k", &KeyParts::k, true}};

std::span<const PartName> parts_of_family(KeyFamily family) {
  switch (family) {
    case KeyFamily::hmac:
      return oct_parts;
    case KeyFamily::rsa:
      return rsa_parts;
    case KeyFamily::ecdsa:
      return ec_parts;
    case KeyFamily::ed25519:
      return okp_parts;
  }
  return {};
}

/// The member as text; an error when it is there and something else.
Result<std::optional<std::string_view>> text_member(const json::Value& jwk, std::string_view name) {
  const json::Value* member = jwk.find(name);
  if (member == nullptr) return std::optional<std::string_view>();
  if (member->kind != json::Kind::text) return refused("JWK: " + std::string(name) + " must be text");
  return std::optional<std::string_view>(member->text);
}

Result<void> check_labels(const json::Value& jwk, const AlgorithmTraits& traits) {
  AUTHKIT_TRY_ASSIGN(const auto kty, text_member(jwk, "kty"));
  if (kty != key_type(traits.family)) return refused("JWK: kty does not fit the algorithm");
  AUTHKIT_TRY_ASSIGN(const auto crv, text_member(jwk, "crv"));
  if (traits.curve != nullptr && crv != std::string_view(traits.curve)) return refused("JWK: crv does not fit the algorithm");
  AUTHKIT_TRY_ASSIGN(const auto alg, text_member(jwk, "alg"));
  if (alg && *alg != traits.name) return refused("JWK: alg is another algorithm");
  AUTHKIT_TRY_ASSIGN(const auto use, text_member(jwk, "use"));
  if (use && *use != "sig") return refused("JWK: use is not sig");
  return {};
}

struct Operations {
  bool sign = true;
  bool verify = true;
};

/// RFC 7517 section 4.3: distinct texts, and nothing but signing and verifying, since a key has one use.
Result<Operations> read_operations(const json::Value& jwk) {
  const json::Value* member = jwk.find("key_ops");
  if (member == nullptr) return Operations{};
  if (member->kind != json::Kind::array) return refused("JWK: key_ops must be an array");
  Operations found{false, false};
  for (const json::Value& item : member->items) {
    bool* const seen = item.kind != json::Kind::text ? nullptr : item.text == "sign" ? &found.sign : item.text == "verify" ? &found.verify : nullptr;
    if (seen == nullptr || *seen) return refused("JWK: key_ops names something other than sign and verify, or twice");
    *seen = true;
  }
  if (!found.sign && !found.verify) return refused("JWK: key_ops allows nothing");
  return found;
}

Result<KeyParts> read_parts(const json::Value& jwk, KeyFamily family) {
  KeyParts parts;
  for (const PartName& row : parts_of_family(family)) {
    AUTHKIT_TRY_ASSIGN(const auto text, text_member(jwk, row.name));
    if (!text) continue;
    auto bytes = base64url::decode(*text);
    if (!bytes || bytes->empty()) return refused("JWK: " + std::string(row.name) + " is not base64url");
    parts.*row.part = std::move(*bytes);
  }
  return parts;
}

bool has_private_member(const json::Value& jwk) {
  static constexpr std::array names{"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
  return std::any_of(names.begin(), names.end(), [&](const char* name) { return jwk.find(name) != nullptr; });
}

KeyParts all_parts(const KeyMaterial& material) {
  KeyParts parts;
  if (material.pkey) {
    if (auto read = parts_of(material.pkey.get(), traits_of(material.algorithm), true)) parts = *std::move(read);
  } else if (!material.hmac_secret.empty()) {
    parts.k = material.hmac_secret.view();
  } else {
    parts.d = material.ed_secret.view().substr(0, 32);
    parts.x = material.ed_secret.view().substr(32);
  }
  return parts;
}

}  // namespace

Result<Key> key_of_jwk(const json::Value& jwk, Algorithm algorithm, KeyPart part) {
  const AlgorithmTraits& traits = traits_of(algorithm);
  if (jwk.kind != json::Kind::object) return refused("JWK: not an object");
  AUTHKIT_TRY(check_labels(jwk, traits));
  AUTHKIT_TRY_ASSIGN(const Operations operations, read_operations(jwk));
  AUTHKIT_TRY_ASSIGN(const auto kid, text_member(jwk, "kid"));
  if (kid && !is_key_id(*kid)) return refused("JWK: kid must be 1 to 256 bytes without control characters");

  const bool symmetric = traits.family == KeyFamily::hmac;
  const bool is_private = jwk.find(symmetric ? "k" : "d") != nullptr;
  if (symmetric != (jwk.find("k") != nullptr)) return refused("JWK: k belongs to HMAC keys and to no other");
  if (!is_private && has_private_member(jwk)) return refused("JWK: private members without d");
  if (jwk.find("oth") != nullptr) return refused("JWK: RSA keys of more than two primes are not used");
  if (!symmetric && part == KeyPart::public_part && is_private) return refused("JWK: a private key where a public one is meant");
  if (part == KeyPart::private_part && !is_private) return refused("JWK: a public key where a private one is meant");
  if (!symmetric && !(is_private ? operations.sign : operations.verify)) return refused("JWK: key_ops does not fit the key");

  AUTHKIT_TRY_ASSIGN(const KeyParts parts, read_parts(jwk, traits.family));
  AUTHKIT_TRY_ASSIGN(auto material, make_material(parts, algorithm));
  if (symmetric && !operations.verify) return refused("JWK: key_ops must allow verifying, signing alone is no use");
  material->can_sign = material->can_sign && operations.sign;
  return finish_key(std::move(material), parts, std::string(kid.value_or("")));
}

std::string write_jwk(const Key& key, bool with_private) {
  const KeyMaterial& material = *key.impl().material;
  const AlgorithmTraits& traits = traits_of(material.algorithm);
  std::string out = "{";
  if (with_private) {
    const KeyParts parts = all_parts(material);
    out.reserve(4096);  // so that growing leaves no copy behind
    out.append(R"("kty":")").append(key_type(traits.family)).append("\",");
    if (traits.curve != nullptr) out.append(R"("crv":")").append(traits.curve).append("\",");
    for (const PartName& row : parts_of_family(traits.family)) {
      std::string text = base64url::encode(parts.*row.part);
      out.append("\"").append(row.name).append("\":\"").append(text).append("\",");
      wipe(text.data(), text.size());
    }
    if (!material.can_sign) out.append(R"("key_ops":["verify"],)");
  } else {
    out.append(material.public_members).append(",");
  }
  out.append(R"("use":"sig","alg":")").append(traits.name).append(R"(","kid":)");
  json::quote_to(out, key.id());
  return out += '}';
}

void wipe(json::Value& value) noexcept {
  wipe(value.text.data(), value.text.size());
  for (json::Value& item : value.items) wipe(item);
  for (json::Member& member : value.members) wipe(member.value);
}

Result<Key> Key::from_jwk(std::string_view text, Algorithm algorithm, KeyPart part) {
  if (text.size() > max_jwk_bytes) return refused("JWK: longer than 32 KiB");
  auto jwk = json::parse(text);
  if (!jwk) return refused(std::move(jwk).error().detail);
  auto key = key_of_jwk(*jwk, algorithm, part);
  wipe(*jwk);
  return key;
}

}  // namespace authkit
