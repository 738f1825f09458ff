#include "password/derivation.hpp"
#include "password/phc.hpp"

/// What ASP.NET Core Identity stores: base64 of a byte that names the layout (0: version 2, 1: version 3), parameters, salt and tag.
namespace authkit::password {
namespace {

constexpr std::size_t salt_size_2 = 16, tag_size_2 = 32, tag_size_3 = 32;
constexpr std::uint32_t rounds_2 = 1000;

std::uint32_t take_word(std::string_view& rest) noexcept {
  std::uint32_t word = 0;
  for (const char c : rest.substr(0, 4)) word = word << 8 | static_cast<unsigned char>(c);
  rest.remove_prefix(4);
  return word;
}

std::optional<Derivation> parse(std::string_view encoded) {
  const auto bytes = phc::from_base64(encoded);
  if (!bytes || bytes->empty()) return std::nullopt;
  std::string_view rest = *bytes;
  const char layout = rest.front();
  rest.remove_prefix(1);
  Derivation stored;
  std::size_t salt_size = salt_size_2;
  if (layout == 0) {
    if (rest.size() != salt_size_2 + tag_size_2) return std::nullopt;
    stored.digest = digest_named("sha1");
    stored.rounds = rounds_2;
  } else {
    if (rest.size() < 12) return std::nullopt;
    const std::uint32_t function = take_word(rest);
    stored.digest = function == 0 ? digest_named("sha1") : function == 1 ? digest_named("sha256") : function == 2 ? digest_named("sha512") : nullptr;
    stored.rounds = take_word(rest);
    salt_size = take_word(rest);
    if (stored.digest == nullptr || rest.size() < tag_size_3 || salt_size != rest.size() - tag_size_3) return std::nullopt;
  }
  stored.salt = rest.substr(0, salt_size);
  stored.tag = rest.substr(salt_size);
  return stored;
}

/// The first byte in base64, and nothing that other forms have.
bool understands(std::string_view encoded) {
  if (encoded.size() < 2 || encoded[0] != 'A' || encoded.find_first_of("$:{") != encoded.npos) return false;
  return (encoded[1] >= 'A' && encoded[1] <= 'Z') || (encoded[1] >= 'a' && encoded[1] <= 'f');
}

}  // namespace

constinit const Scheme aspnet_scheme = derived_scheme<parse>("aspnet", understands);

}  // namespace authkit::password
