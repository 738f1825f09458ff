#include "token/compact.hpp"

#include "core/base64url.hpp"
#include "core/try.hpp"
#include "token/key_material.hpp"
#include "token/signature.hpp"

#include <array>
#include <cstring>

namespace authkit {
namespace {

Error refused(const char* why) { return Error(Errc::invalid_token, why); }

const Key* key_for(std::span<const Key> keys, const JoseHeader& header) noexcept {
  const Key* found = nullptr;
  for (const Key& key : keys) {
    const bool fits = to_text(key.algorithm()) == header.alg.view() && (header.kid.empty() || key.id() == header.kid.view());
    if (!fits) continue;
    if (found != nullptr) return nullptr;
    found = &key;
  }
  return found;
}

const Key* key_of_access_header(std::span<const Key> keys, std::string_view header) noexcept {
  for (const Key& key : keys)
    if (key.impl().access_header == header) return &key;
  return nullptr;
}

Result<const Key*> read_and_find(const Compact& parts, std::span<const Key> keys, const CompactRules& rules, JoseHeader& header,
                                 std::optional<std::string>* missing_kid) {
  AUTHKIT_TRY(read_header(parts.header, header));
  if (rules.only && header.alg.view() != to_text(*rules.only)) return refused("the algorithm is not the one allowed");
  const Key* key = key_for(keys, header);
  if (key != nullptr) return key;
  if (missing_kid != nullptr) *missing_kid = header.kid.view();
  return refused("no key fits the header's kid and alg");
}

bool signature_holds(const Key& key, const Compact& parts) noexcept {
  std::array<std::uint8_t, max_signature_size> signature;
  const std::size_t size = key.impl().material->signature_size;
  return parts.signature.size() == base64url::encoded_size(size) && base64url::decode_to(parts.signature, signature.data()) &&
         verify_signature(key, parts.signed_part, {signature.data(), size});
}

}  // namespace

std::optional<Compact> split_compact(std::string_view token, std::size_t max_bytes) noexcept {
  if (token.size() > max_bytes) return std::nullopt;
  const std::size_t first = token.find('.');
  if (first == 0 || first == std::string_view::npos) return std::nullopt;
  const std::size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos || second + 1 == token.size() || token.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  return Compact{token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1), token.substr(0, second)};
}

Result<VerifiedCompact> verify_compact(std::string_view token, std::span<const Key> keys, const CompactRules& rules,
                                       std::optional<std::string>* missing_kid) {
  const auto parts = split_compact(token, rules.max_bytes);
  if (!parts) return refused("not a compact JWS, or too long");

  const Key* key = rules.access_header ? key_of_access_header(keys, parts->header) : nullptr;
  JoseHeader header;
  const bool known_header = key != nullptr;
  if (!known_header) {
    AUTHKIT_TRY_ASSIGN(key, read_and_find(*parts, keys, rules, header, missing_kid));
  }

  if (!signature_holds(*key, *parts)) return refused("the signature does not hold");
  if (known_header) return VerifiedCompact{parts->payload, key};
  if (!rules.typ.empty() && !is_media_type(header.typ.view(), rules.typ)) return refused("the typ is another kind of token");
  if (rules.nested_refused && is_media_type(header.cty.view(), "JWT")) return refused("a nested token is not accepted");
  return VerifiedCompact{parts->payload, key};
}

}  // namespace authkit
