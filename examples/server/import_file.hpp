#pragma once

#include "authkit/account.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace authkit::server {

/// One line of a file of users.
struct ImportLine {
  std::size_t number = 0;  ///< from 1; of a CSV record the line it begins in
  Result<NewAccount> account;
};

/// Reads FILE.csv (RFC 4180, names of columns in the first line) or FILE.jsonl (one JSON object a line). Members: email, and password_hash or
/// password; username, roles (CSV: separated by blanks), profile, email_verified, created_at, status. Each line has its own outcome. Errors:
/// config_invalid where the file as a whole cannot be read.
Result<std::vector<ImportLine>> read_import(const std::string& path);

}  // namespace authkit::server
