#include "authkit/password.hpp"

#include "core/text.hpp"

namespace authkit {

Result<void> check_policy(const PasswordPolicy& policy, std::string_view password, const std::vector<std::string>&) {
  if (password.size() > Passwords::max_bytes) return Error(Errc::weak_password, "use at most 1024 bytes");
  if (password.find('\0') != std::string_view::npos) return Error(Errc::weak_password, "leave out the NUL character");
  const auto length = count_code_points(password);
  if (!length) return Error(Errc::weak_password, "use text in UTF-8");
  if (*length < policy.min_length) return Error(Errc::weak_password, "use at least " + std::to_string(policy.min_length) + " characters");
  return {};
}

}  // namespace authkit
