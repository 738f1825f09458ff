#pragma once

#include "authkit/revocation.hpp"

#include "redis/client.hpp"

#include <memory>
#include <string>

namespace authkit {

/// Entries in a stream of Redis, `authkit:{rev:TENANT}`, kept as long as they may matter. An entry is 33 bytes in its field `r`: kind, id, value and
/// not_after, both numbers big-endian. Beside the stream lies its epoch, a random text: another epoch, or none, means that Redis lost what it had.
///
/// Thread safety: any thread. Ownership: holds both clients shared; the one that listens serves nothing else, since it waits in Redis.
class RedisRevocationStream : public RevocationStream {
 public:
  /// `retention`: how long a token lives at most.
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
  const std::string stream_, epoch_;
  const Duration retention_;
  const Clock clock_;
  std::shared_ptr<Counts> counts_;
  std::shared_ptr<Follower> follower_;
};

}  // namespace authkit
