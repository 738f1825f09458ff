#pragma once

#include "authkit/limit.hpp"

#include "redis/script.hpp"

namespace authkit {

/// Counters in Redis, shared by all processes on it; they live in one slot of a cluster, since one take may need several. Redis forgets a counter by
/// itself, a minute after it is full again, so purge() has nothing to do.
///
/// Thread safety: any thread. Ownership: holds the client shared.
class RedisCounterStore : public CounterStore {
 public:
  RedisCounterStore(std::shared_ptr<redis::Client> client, std::string_view tenant);

  Result<LimitDecision> take(std::span<const LimitRequest> requests, Time now, const Context& context) override;
  Result<void> give_back(std::span<const LimitRequest> requests, Time now, const Context& context) override;
  Result<std::size_t> purge(Time now, std::size_t max) override;

 private:
  redis::Answer run(const redis::Script& script, std::span<const LimitRequest> requests, Time now, const Context& context) const;

  std::shared_ptr<redis::Client> client_;
  const std::string prefix_;
  const redis::Script take_, give_back_;
};

}  // namespace authkit
