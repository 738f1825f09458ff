#include "authkit/factor_store.hpp"

#include "core/base64url.hpp"

namespace authkit {

std::string to_text(const FactorId& id) { return base64url::encode(id.bytes); }

std::optional<FactorId> parse_factor_id(std::string_view text) noexcept {
  FactorId id;
  if (text.size() != base64url::encoded_size(id.bytes.size()) || !base64url::decode_to(text, id.bytes.data())) return std::nullopt;
  return id;
}

}  // namespace authkit
