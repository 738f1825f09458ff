#include "factor/recovery_codes.hpp"

#include "core/random.hpp"
#include "core/try.hpp"

#include <array>

namespace authkit::recovery_codes {
namespace {

constexpr std::size_t characters = 10;
constexpr std::string_view alphabet = "abcdefghijkmnpqrstuvwxyz23456789";  // no l, o, 0 and 1
static_assert(alphabet.size() == 32);

}  // namespace

Result<std::vector<std::string>> make() {
  std::vector<std::string> codes;
  while (codes.size() < count) {
    std::array<std::uint8_t, characters> bytes;
    AUTHKIT_TRY(random_bytes(bytes));
    std::string code;
    for (const std::uint8_t byte : bytes) {
      if (code.size() == characters / 2) code.push_back('-');
      code.push_back(alphabet[byte & 31U]);
    }
    codes.push_back(std::move(code));
  }
  return codes;
}

Digest256 digest(std::span<const std::uint8_t> key, std::string_view code) {
  std::string plain;
  for (const char c : code.substr(0, 64)) {
    if (c == '-' || c == ' ') continue;
    plain.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
  }
  return keyed_digest(key, {as_bytes("recovery code"), as_bytes(plain)});
}

}  // namespace authkit::recovery_codes
