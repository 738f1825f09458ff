#include "authkit/account_store.hpp"

#include <array>

namespace authkit {
namespace {

constexpr std::array<std::string_view, 4> names{"pending", "active", "disabled", "deleted"};

}  // namespace

std::string_view to_text(AccountStatus status) noexcept { return names[static_cast<std::size_t>(status)]; }

std::optional<AccountStatus> parse_account_status(std::string_view text) noexcept {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == text) return static_cast<AccountStatus>(i);
  }
  return std::nullopt;
}

}  // namespace authkit
