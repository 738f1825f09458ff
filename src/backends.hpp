#pragma once

#include "authkit/auth.hpp"

#include <memory>
#include <string>

namespace authkit {

namespace redis {
class Client;
}

/// All stores of one deployment, on one unit of work.
struct Backend {
  Stores stores;
  std::shared_ptr<Database> database;        ///< null with memory stores and with a unit of work of the host's own
  std::string master_key_file;               ///< where the master key lives unless the configuration says; empty = nowhere
  bool forgets = false;                      ///< nothing outlives the process, so neither needs the master key to
  std::shared_ptr<RevocationStream> stream;  ///< null without Redis
  std::shared_ptr<redis::Client> cache;      ///< null without config.cache
};

/// Opens what `config.database` and `config.redis` name, or completes the host's own stores. Does not migrate.
/// Errors: Errc::config_invalid for a URL of no known or built backend and for incomplete own stores; Errc::store_unavailable.
Result<Backend> open_backend(const Config& config, Stores own, const Logger& log);

}  // namespace authkit
