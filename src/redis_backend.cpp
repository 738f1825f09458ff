#include "redis_backend.hpp"

#include "core/try.hpp"

#include <fmt/format.h>

#include <charconv>

namespace authkit {
namespace {

/// A start waits for what it cannot do without, and not for the rest.
constexpr std::chrono::seconds time_to_open{5}, time_to_look{1};

/// The value of "name:value" on a line of its own; empty when it is not there.
std::string_view field(std::string_view info, std::string_view name) {
  for (std::size_t at = 0; at < info.size();) {
    const std::size_t end = std::min(info.find('\n', at), info.size());
    std::string_view line = info.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == ':') return line.substr(name.size() + 1);
    at = end + 1;
  }
  return {};
}

Result<std::string> info_of(redis::Client& client, std::chrono::seconds patience) {
  const std::string_view info[] = {"INFO"};
  AUTHKIT_TRY_ASSIGN(const redis::Reply reply, client.call({info, 0, true}, std::chrono::steady_clock::now() + patience).to_result());
  const auto* text = reply.text();
  return text != nullptr ? *text : std::string();
}

}  // namespace

std::string risk_of_loss(std::string_view info, std::uint32_t replicas) {
  const std::string_view policy = field(info, "maxmemory_policy");
  if (!policy.empty() && policy != "noeviction")
    return fmt::format("Redis may evict what is kept there (maxmemory-policy {}): set maxmemory-policy noeviction, and let caches use another Redis",
                       policy);
  if (field(info, "aof_enabled") == "0") return "Redis forgets the last seconds, or all, when it restarts: set appendonly yes";
  if (std::uint32_t connected = 0; replicas > 0) {
    const std::string_view count = field(info, "connected_slaves");
    std::from_chars(count.data(), count.data() + count.size(), connected);
    if (connected < replicas)
      return fmt::format("Redis has {} replicas where redis.replicas wants {}, so a failover would forget revocations that were confirmed", connected,
                         replicas);
  }
  return {};
}

Result<RedisBackend> open_redis(const Config& config, const Logger& log) {
  RedisBackend backend;
  if (!config.cache.url.empty()) {
    AUTHKIT_TRY_ASSIGN(backend.cache, redis::Client::open(config.cache.url));
  }
  if (config.redis.url.empty()) return backend;
  AUTHKIT_TRY_ASSIGN(backend.client, redis::Client::open(config.redis.url));
  redis::ClientOptions waiting;
  waiting.link.waits = true;
  AUTHKIT_TRY_ASSIGN(backend.listener, redis::Client::open(config.redis.url, std::move(waiting)));

  const bool holds_revocations = config.redis.revocations == "redis", holds = config.redis.sessions == "redis" || holds_revocations;
  if (holds_revocations) {
    redis::ClientOptions keeping;
    keeping.link.waits = config.redis.replicas > 0;
    AUTHKIT_TRY_ASSIGN(backend.keeper, redis::Client::open(config.redis.url, std::move(keeping)));
  }
  const auto info = info_of(*backend.client, holds ? time_to_open : time_to_look);
  if (!info) {
    if (holds)
      return Error{Errc::store_unavailable,
                   "redis.url: Redis does not answer, and sessions or revocations are kept there: " + info.error().message()};
    log.write(LogLevel::warning, "Redis does not answer yet", {{"error", info.error().message()}});
    return backend;
  }
  const std::string risk = risk_of_loss(*info, holds_revocations ? config.redis.replicas : 0);
  if (risk.empty()) return backend;
  if (holds && !config.redis.allow_data_loss) return Error{Errc::config_invalid, "redis.url: " + risk + "; or redis.allow_data_loss = true"};
  // Otherwise revocations and counters lose nothing that the database does not know.
  if (holds) log.write(LogLevel::warning, "what is kept in Redis may be lost", {{"reason", risk}});
  return backend;
}

}  // namespace authkit
