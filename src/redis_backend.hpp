#pragma once

#include "authkit/config.hpp"
#include "authkit/log.hpp"

#include "redis/client.hpp"

#include <memory>

namespace authkit {

/// What a deployment has of Redis: one client for calls and one that only waits for revocations, of config.redis, and one of config.cache.
struct RedisBackend {
  std::shared_ptr<redis::Client> client, listener, cache;
};

/// Opens what config.redis.url and config.cache.url name; null where they name nothing. Where sessions are to live in Redis it must answer now and keep what it is
/// given: Errc::config_invalid with what to set there, or a warning with redis.allow_data_loss. Else a warning is all there is.
Result<RedisBackend> open_redis(const Config& config, const Logger& log);

/// What is wrong with a Redis that sessions live in, from its INFO text; empty = nothing.
std::string risk_of_loss(std::string_view info);

}  // namespace authkit
