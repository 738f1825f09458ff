#pragma once

#include "authkit/account.hpp"
#include "authkit/database.hpp"
#include "authkit/log.hpp"
#include "authkit/notify.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace authkit {

/// Redis beside the database: revocations reach other processes at once, limits are counted for all of them together, and sessions may live there.
struct RedisOptions {
  std::string url;  ///< "redis://user:password@host:port/0", "rediss://...", "unix:/path", "redis+cluster://h1,h2", "redis+sentinel://h1,h2/name";
                    ///< empty = no Redis
  std::string sessions = "database";     ///< where sessions live: "database" or "redis"
  std::string limits = "auto";           ///< where attempts are counted: "database", "redis", or "auto": in Redis where there is one
  std::string revocations = "database";  ///< where they are kept: "database", or "redis" where there is no database
  std::uint32_t replicas = 1;            ///< replicas that must have a revocation kept in Redis before it is confirmed
  std::uint32_t instances = 1;           ///< servers that share the limits: while Redis is down each admits its part
  bool allow_data_loss = false;          ///< opens although Redis may evict or forget what is kept there
};

/// A Redis that may lose what it holds, for copies of what the database is asked often; another one than RedisOptions::url, which must evict nothing.
struct CacheOptions {
  std::string url;            ///< as RedisOptions::url; empty = none
  Duration max_age{300'000};  ///< how old a copy may be that no change is known of, 10 minutes at most
};

/// Everything Auth::open takes. Fill the members, or set() them by name from a file, the environment or a command line: one table serves all.
///
/// Thread safety: one thread. Copyable.
struct Config {
  std::string service_name = "authkit";
  std::string tenant = "default";  ///< part of every key; one deployment uses one
  std::string master_key;          ///< 32 bytes in base64 (standard or url); seals the keys in the database
  std::string master_key_file;     ///< made (mode 0600) when missing; default: beside the SQLite database
  bool auto_migrate = true;
  DatabaseOptions database;
  RedisOptions redis;
  CacheOptions cache;
  PasswordOptions password;
  Algorithm token_algorithm = Algorithm::ES256;
  std::string token_secret;               ///< HMAC secret shared with other systems; only with an HS algorithm
  bool token_allow_short_secret = false;  ///< admits one shorter than the digest, of 16 bytes at least, for a migration
  TokenOptions token;
  SessionOptions session;
  RevocationOptions revocation;
  LimitOptions limit;
  AccountOptions account;
  MailOptions mail;
  Notifier notify;  ///< the host's own way to tell users; takes the place of `mail`
  Hooks hooks;
  Duration account_cache_age{5000};  ///< how old a cached account may be before it is read again
  std::size_t account_cache_size = 10'000;
  Duration key_publish_time{360'000};  ///< how long a next key is published before it signs: JWKS max-age + 60 s
  LogLevel log_level = LogLevel::info;
  LogSink log_sink;  ///< empty: JSON lines on standard error
  Clock clock = system_now;
  std::vector<std::string> notes;  ///< what was read and deliberately not used, one sentence each, without values; Auth::open logs them

  /// Sets one option by its name in options(). Errors: config_invalid naming the option and what it takes; nothing is changed then.
  Result<void> set(std::string_view name, std::string_view value);
  /// The value in the form set() takes; secrets read "***". Errors: config_invalid for an unknown name.
  Result<std::string> get(std::string_view name) const;

  /// Applies every option whose environment variable is set and not empty, else the first of its aliases, the variables of systems that
  /// authkit replaces. The name of an alias tells its unit (`..._MINUTES`). Errors: config_invalid naming the variable;
  /// nothing is changed then.
  Result<void> load_env();
  /// Defaults, then load_env().
  static Result<Config> from_env();
  /// Applies lines of `name = value`. `#` starts a comment at the start of a line and after a blank; a value in double quotes is taken as it
  /// is. A name may be given once. Errors: config_invalid with the line number; nothing is changed then.
  Result<void> load_file(const std::string& path);

  /// Checks every option's range and what no single option can see. Auth::open calls it.
  Result<void> validate() const;
};

/// One row of the option table.
struct Option {
  std::string_view name;     ///< "token.access_lifetime"
  std::string_view env;      ///< "AUTHKIT_TOKEN_ACCESS_LIFETIME"
  std::string_view aliases;  ///< further environment variables, comma-separated
  std::string_view takes;    ///< "duration", "URL", "one of ES256, ..."
  std::string_view help;     ///< one line
  bool secret = false;
};

/// All options in the order of the README.
const std::vector<Option>& options();

}  // namespace authkit
