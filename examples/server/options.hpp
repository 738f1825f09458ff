#pragma once

#include "authkit/config.hpp"

#include "address.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace authkit::server {

/// What the server takes beside authkit's own Config.
struct ServerOptions {
  std::string listen = "127.0.0.1:8000";
  std::string public_url;                  ///< as browsers see the server; its origin is allowed
  std::vector<std::string> cors_origins;   ///< "https://app.example"; compared exactly
  std::vector<std::string> allowed_hosts;  ///< empty = any; ".example.com" also takes every name below it
  Networks trusted_proxies;
  std::uint32_t threads = 1;          ///< I/O threads
  std::uint32_t worker_threads = 16;  ///< for routes that wait for a store: those that commit at once share a flush of the disk
  std::uint32_t hashing_threads = 0;  ///< for routes that hash a password; 0 = number of cores
  std::uint32_t queue_length = 128;   ///< requests that may wait for each kind of thread
  std::uint32_t max_connections = 20'000;
  Duration request_deadline{10'000};  ///< from the first byte of a request to its last
  Duration idle_deadline{60'000};     ///< between two requests
  Duration drain_time{10'000};        ///< for what is under way when the server is told to stop
  bool access_log = true;

  /// Errors: config_invalid naming the option and what it takes; nothing is changed then.
  Result<void> set(std::string_view name, std::string_view value);
  /// Exact match with cors_origins or the origin of public_url.
  bool allows_origin(std::string_view origin) const;
};

/// All options of the server, in the order of its README.
const std::vector<Option>& server_options();

/// Both kinds of options together, as the command line sets them.
struct Settings {
  Config config;
  ServerOptions server;

  /// One option of either table by its name.
  Result<void> set(std::string_view name, std::string_view value);
  /// Lines of `name = value`; `#` begins a comment. Errors: config_invalid with the line number.
  Result<void> load_file(const std::string& path);
  /// Every option whose environment variable is set and not empty.
  Result<void> load_environment();
};

}  // namespace authkit::server
