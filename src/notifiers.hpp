#pragma once

#include "authkit/config.hpp"

namespace authkit {

/// How `config` says that users are told: its own `notify`, or what `mail.url` names; empty where it says nothing.
/// Errors: config_invalid for the URL, the templates, or an address that no mail can come from.
Result<Notifier> open_notifier(const Config& config);

}  // namespace authkit
