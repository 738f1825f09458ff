#include "core/try.hpp"
#include "token/key_material.hpp"

#include <openssl/pem.h>

#include <algorithm>
#include <array>

namespace authkit {
namespace {

constexpr std::size_t max_pem_bytes = 32 * 1024;

Error refused(const char* why) { return Error(Errc::key_invalid, why); }

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

struct Label {
  std::string_view begin, end;
  bool is_private;
};
constexpr std::array labels{
    Label{"-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", true},
    Label{"-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----", true},
    Label{"-----BEGIN EC PRIVATE KEY-----", "-----END EC PRIVATE KEY-----", true},
    Label{"-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----", false},
};

/// Exactly one block of a known kind, and nothing around it.
const Label* label_of(std::string_view pem) {
  const auto* row = std::find_if(labels.begin(), labels.end(), [&](const Label& label) { return pem.substr(0, label.begin.size()) == label.begin; });
  if (row == labels.end() || pem.size() < row->begin.size() + row->end.size()) return nullptr;
  return pem.find(row->end) == pem.size() - row->end.size() && pem.find("-----BEGIN", 1) == std::string_view::npos ? row : nullptr;
}

/// An encrypted key is refused; OpenSSL's own default would ask on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

}  // namespace

Result<Key> Key::from_pem(std::string_view text, Algorithm algorithm, KeyPart part) {
  const AlgorithmTraits& traits = traits_of(algorithm);
  if (traits.family == KeyFamily::hmac) return refused("PEM is never an HMAC secret");
  if (text.size() > max_pem_bytes) return refused("the PEM text is longer than 32 KiB");
  const std::string_view pem = trimmed(text);
  const Label* label = label_of(pem);
  if (label == nullptr) return refused("not one PEM block of a PRIVATE KEY, RSA PRIVATE KEY, EC PRIVATE KEY or PUBLIC KEY");
  if (part == KeyPart::public_part && label->is_private) return refused("a private key where a public one is meant");
  if (part == KeyPart::private_part && !label->is_private) return refused("a public key where a private one is meant");

  const ErrorMark mark;
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!bio) return Errc::out_of_memory;
  const PkeyPtr pkey(label->is_private ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr)
                                       : PEM_read_bio_PUBKEY(bio.get(), nullptr, no_passphrase, nullptr));
  if (!pkey) return refused("the PEM block cannot be read, or is encrypted");
  AUTHKIT_TRY_ASSIGN(const KeyParts parts, parts_of(pkey.get(), traits, label->is_private));
  if (label->is_private && parts.d.empty()) return refused("the key has no private half");
  return make_key(parts, algorithm, {});
}

}  // namespace authkit
