#pragma once

#include "authkit/result.hpp"

#include <string>
#include <string_view>

namespace authkit {

/// The absolute path in "sqlite:auth.db", "sqlite:/abs/path.db" or "sqlite:///abs/path.db". Errors: Errc::config_invalid for what cannot name a
/// file that several connections share.
Result<std::string> sqlite_path(std::string_view url);

/// Makes the file with mode 0600, which SQLite gives to its log files too, or leaves it as it is; its path without symbolic links, as SQLite
/// names its log files by that. Errors: Errc::store_unavailable.
Result<std::string> create_private_file(const std::string& path);

}  // namespace authkit
