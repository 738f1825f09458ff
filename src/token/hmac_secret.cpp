#include "core/base64url.hpp"
#include "core/hex.hpp"
#include "token/key_material.hpp"

#include <array>

namespace authkit {
namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// A DER SEQUENCE of exactly this size that starts with a SEQUENCE or an INTEGER: SubjectPublicKeyInfo, PKCS#1, PKCS#8, SEC1, X.509.
/// Of random secrets one in about eight million looks so.
bool is_der_key(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (bytes.size() < 8 || at(0) != 0x30) return false;
  std::size_t head = 2, size = at(1);
  if (size == 0x81) {
    head = 3;
    size = at(2);
  } else if (size == 0x82) {
    head = 4;
    size = std::size_t{at(2)} << 8 | at(3);
  } else if (size > 0x7f) {
    return false;
  }
  return bytes.size() == head + size && (at(head) == 0x30 || at(head) == 0x02);
}

bool is_curve_point(std::string_view bytes) {
  for (const Algorithm algorithm : {Algorithm::ES256, Algorithm::ES384, Algorithm::ES512}) {
    const std::size_t size = traits_of(algorithm).field_size;
    if (bytes.size() != 1 + 2 * size || bytes.front() != '\x04') continue;
    KeyParts parts;
    parts.x = bytes.substr(1, size);
    parts.y = bytes.substr(1 + size);
    return make_ec_material(parts, algorithm).has_value();
  }
  return false;
}

bool is_key_bytes(std::string_view bytes) { return is_der_key(bytes) || is_curve_point(bytes); }

std::string without_blanks(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') out.push_back(c);
  return out;
}

}  // namespace

std::string_view key_in_disguise(std::string_view secret) {
  // Anywhere in the text: a space before the armour was enough to pass a check of the beginning (CVE-2026-34950).
  if (contains(secret, "-----BEGIN") || contains(secret, "---- BEGIN")) return "a key in PEM";
  if (contains(secret, "\"kty\"")) return "a JWK";
  static constexpr std::array<std::string_view, 8> ssh{"ssh-rsa",         "ssh-ed25519",          "ssh-dss",         "ecdsa-sha2-nistp",
                                                       "AAAAB3NzaC1yc2E", "AAAAC3NzaC1lZDI1NTE5", "AAAAB3NzaC1kc3M", "AAAAE2VjZHNhLXNoYTIt"};
  for (const std::string_view mark : ssh)
    if (contains(secret, mark)) return "an OpenSSH key";
  if (is_key_bytes(secret)) return "a key in DER, or a curve point";

  const std::string text = without_blanks(secret);
  if (const auto bytes = base64url::decode_lenient(text); bytes && is_key_bytes(*bytes)) return "a key in base64";
  std::string bytes(text.size() / 2, '\0');
  if (hex::decode(text, {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()}) && is_key_bytes(bytes)) return "a key in hexadecimal";
  return {};
}

}  // namespace authkit
