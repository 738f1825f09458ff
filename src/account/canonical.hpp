#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace authkit {

/// What find_by_login() looks for: an e-mail address where there is an '@', else a user name. Nothing for what can be neither.
std::optional<std::string> canonical_login(std::string_view login);

}  // namespace authkit
