#pragma once

#include "authkit/revocation.hpp"

#include "redis/client.hpp"

#include <memory>
#include <string>

namespace authkit {

/// Entries in a stream of Redis (redis_revocation_record.hpp), kept as long as they may matter.
///
/// Thread safety: any thread. Ownership: holds both clients shared; the one that listens serves nothing else, since it waits in Redis.
class RedisRevocationStream : public RevocationStream {
 public:
  /// `publisher`: null where RedisRevocationStore is the feed, which adds the entries itself. `retention`: how long an entry matters at most.
  RedisRevocationStream(std::shared_ptr<redis::Client> publisher, std::shared_ptr<redis::Client> listener, std::string_view tenant,
                        Duration retention, Clock clock);
  ~RedisRevocationStream() override;

  void publish(const RevocationEntry& entry) override;
  void listen(Listener listener) override;

  std::uint64_t published() const noexcept;  ///< acknowledged by Redis
  std::uint64_t failures() const noexcept;   ///< not, or not in time: others read those from the feed

 private:
  class Follower;
  struct Counts;

  std::shared_ptr<redis::Client> publisher_, listener_client_;
  const std::string stream_;
  const Duration retention_;
  const Clock clock_;
  std::shared_ptr<Counts> counts_;
  std::shared_ptr<Follower> follower_;
};

}  // namespace authkit
