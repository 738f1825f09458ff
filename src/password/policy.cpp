#include "authkit/password.hpp"

#include "core/secret.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <zxcvbn.h>

namespace authkit {
namespace {

constexpr std::size_t strict_length = 15;  // NIST SP 800-63B section 3.1.1.2, where the password is all there is
constexpr std::size_t judged_bytes = 100;  // the estimate takes quadratic time, and what is this long is judged by its beginning
constexpr double enough_bits = 26.575;     // 10^8 guesses: score 3 of 4

bool is_guessable(std::string_view password, const std::vector<std::string>& words) {
  std::string judged(password.substr(0, judged_bytes));
  const Wiper wiper(judged);
  std::vector<const char*> known;
  for (const std::string& word : words)
    if (word.size() > 2) known.push_back(word.c_str());
  known.push_back(nullptr);
  return ZxcvbnMatch(judged.c_str(), known.data(), nullptr) < enough_bits;
}

}  // namespace

Result<void> check_policy(const PasswordPolicy& policy, std::string_view password, const std::vector<std::string>& words) {
  if (password.size() > Passwords::max_bytes) return Error(Errc::weak_password, "use at most 1024 bytes");
  if (password.find('\0') != std::string_view::npos) return Error(Errc::weak_password, "leave out the NUL character");
  const auto length = count_code_points(password);
  if (!length) return Error(Errc::weak_password, "use text in UTF-8");
  const std::size_t least = policy.level == PolicyLevel::strict ? std::max(policy.min_length, strict_length) : policy.min_length;
  if (*length < least) return Error(Errc::weak_password, "use at least " + std::to_string(least) + " characters");
  if (policy.level != PolicyLevel::lenient && is_guessable(password, words))
    return Error(Errc::weak_password, "use something harder to guess: several unrelated words, and neither your name nor this service's");
  return {};
}

}  // namespace authkit
