#pragma once

#include "authkit/config.hpp"

#include "core/secret.hpp"

#include <string>

namespace authkit {

/// The 32 bytes that seal all other keys: `config.master_key`, else what `config.master_key_file` or else `default_file` holds (made when it is
/// missing), else, where `ephemeral`, random ones.
///
/// A file is read only when it is a regular one of this user with no rights for others, or one of root that at most its group may read.
/// Processes that start at once agree on one new key. Errors: Errc::config_invalid, Errc::random_unavailable.
Result<Secret> load_master_key(const Config& config, const std::string& default_file, bool ephemeral);

}  // namespace authkit
