#pragma once

#include "authkit/config.hpp"
#include "authkit/log.hpp"

#include "redis/client.hpp"

#include <memory>

namespace authkit {

/// What a deployment has of Redis: of config.redis one client for calls, one that only waits for revocations, and one that adds them where they are
/// kept there; and one of config.cache.
struct RedisBackend {
  std::shared_ptr<redis::Client> client, listener, keeper, cache;
};

/// Opens what config.redis.url and config.cache.url name; null where they name nothing. Where sessions or revocations are to be kept in Redis it must
/// answer now and keep what it is given: Errc::config_invalid with what to set there, or a warning with redis.allow_data_loss. Else a warning is all
/// there is.
Result<RedisBackend> open_redis(const Config& config, const Logger& log);

/// What is wrong with a Redis that sessions live in, or revocations that so many replicas must have, from its INFO text; empty = nothing.
std::string risk_of_loss(std::string_view info, std::uint32_t replicas = 0);

}  // namespace authkit
