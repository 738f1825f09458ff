#include "core/try.hpp"
#include "token/jwk.hpp"

#include <algorithm>

namespace authkit {
namespace {

constexpr std::size_t max_set_bytes = 256 * 1024;
constexpr std::size_t max_set_keys = 128;

Error refused(std::string why) { return Error(Errc::key_invalid, std::move(why)); }

constexpr json::Limits limits{.depth = 16, .members = 4096};

}  // namespace

Result<bool> is_jwk_set(std::string_view text) {
  if (text.size() > max_set_bytes) return refused("JWK Set: longer than 256 KiB");
  auto document = json::parse(text, limits);
  if (!document) return refused(std::move(document).error().detail);
  const bool is_set = document->find("keys") != nullptr, is_key = document->find("kty") != nullptr;
  wipe(*document);
  if (is_set == is_key) return refused("neither a JWK nor a JWK Set");
  return is_set;
}

Result<std::vector<Key>> parse_jwks(std::string_view text, Algorithm algorithm, KeyPart part) {
  if (text.size() > max_set_bytes) return refused("JWK Set: longer than 256 KiB");
  auto set = json::parse(text, limits);
  if (!set) return refused(std::move(set).error().detail);
  const json::Value* list = set->find("keys");
  if (list == nullptr || list->kind != json::Kind::array) return refused("JWK Set: no array named keys");
  if (list->items.size() > max_set_keys) return refused("JWK Set: more than 128 keys");

  std::vector<Key> keys;
  bool ambiguous = false;
  for (const json::Value& jwk : list->items) {
    auto key = key_of_jwk(jwk, algorithm, part);
    if (!key) continue;  // RFC 7517 section 5: what is not for us is left out
    ambiguous = ambiguous || std::any_of(keys.begin(), keys.end(), [&](const Key& other) { return other.id() == key->id(); });
    keys.push_back(*std::move(key));
  }
  wipe(*set);
  if (ambiguous) return refused("JWK Set: two keys for this algorithm have the same kid");
  return keys;
}

std::string public_jwks(const std::vector<Key>& keys) {
  std::string out = R"({"keys":[)";
  for (const Key& key : keys) {
    const std::string jwk = key.public_jwk();
    if (jwk.empty()) continue;
    if (out.back() != '[') out.push_back(',');
    out.append(jwk);
  }
  return out.append("]}");
}

}  // namespace authkit
