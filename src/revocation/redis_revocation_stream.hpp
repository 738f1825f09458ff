#pragma once

#include "authkit/revocation.hpp"

#include "redis/client.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// How entries lie in Redis: in the stream `authkit:{rev:TENANT}`, each 33 bytes in its field `r`: kind, id, value and not_after, both numbers
/// big-endian. Beside the stream lies its epoch, a random text: another epoch, or none, means that Redis lost what it had.
namespace authkit {

std::string stream_key_of(std::string_view tenant);
std::string epoch_key_of(std::string_view stream);

using StreamRecord = std::array<char, 33>;
StreamRecord to_record(const RevocationEntry& entry) noexcept;

struct StreamItem {
  std::string id;                        ///< "milliseconds-number"
  std::optional<RevocationEntry> entry;  ///< nothing for what is none of ours
};
/// Of what XRANGE answers, or XREAD of one stream.
std::vector<StreamItem> stream_items(const redis::Reply& reply);

/// Carries entries in a stream of Redis, kept as long as they may matter.
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
