#include "authkit/password.hpp"

#include "core/secret.hpp"
#include "core/try.hpp"
#include "net/https.hpp"

#include <openssl/evp.h>

#include <array>

namespace authkit {
namespace {

constexpr std::size_t prefix_size = 5;               // what the service learns: one of a million ranges
constexpr std::size_t max_answer = 4 * 1024 * 1024;  // a range holds about a thousand

/// Upper-case hex of SHA-1, the form of the range services. No security rests on the hash.
Result<std::string> sha1_hex(std::string_view password) {
  std::array<unsigned char, 20> digest{};
  std::size_t size = digest.size();
  if (EVP_Q_digest(nullptr, "SHA1", nullptr, password.data(), password.size(), digest.data(), &size) != 1)
    return Error{Errc::internal, "SHA-1 is not available"};
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string hex;
  for (const unsigned char byte : digest) hex.append(1, digits[byte >> 4U]).append(1, digits[byte & 15U]);
  wipe(digest.data(), digest.size());
  return hex;
}

/// Whether a line "SUFFIX:COUNT" names it; a count of 0 is padding.
bool lists(std::string_view answer, std::string_view suffix) {
  while (!answer.empty()) {
    const std::size_t end = std::min(answer.find('\n'), answer.size());
    std::string_view line = answer.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() > suffix.size() + 1 && line[suffix.size()] == ':' && line.substr(0, suffix.size()) == suffix)
      return line.substr(suffix.size() + 1) != "0";
    answer.remove_prefix(std::min(end + 1, answer.size()));
  }
  return false;
}

}  // namespace

Result<void> BreachedPasswords::check(std::string_view password) const {
  if (options_.url.empty()) return {};
  AUTHKIT_TRY_ASSIGN(std::string hash, sha1_hex(password));
  const Wiper wiper(hash);
  const auto answer = net::get({.url = options_.url + hash.substr(0, prefix_size),
                                .ca_file = options_.ca_file,
                                .accept = "text/plain",
                                .connect_timeout = options_.timeout,
                                .timeout = options_.timeout,
                                .max_bytes = max_answer});
  if (!answer) {
    if (options_.fail_open) return {};
    return Error{Errc::peer_unavailable, "whether the password is known from a breach could not be asked"};
  }
  if (!lists(*answer, std::string_view(hash).substr(prefix_size))) return {};
  return Error{Errc::password_breached, "choose another one: this password is known to attackers"};
}

}  // namespace authkit
