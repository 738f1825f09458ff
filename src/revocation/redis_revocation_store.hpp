#pragma once

#include "authkit/revocation.hpp"

#include "redis/script.hpp"

#include <memory>
#include <string>

namespace authkit {

/// The feed in Redis alone (redis_revocation_stream.hpp), for deployments without a database. What it promises is less than what a database does:
///
/// - An entry is confirmed when Redis has it and `replicas` of its replicas do. What all of them lose is lost.
/// - A loss is noticed when the epoch is gone or another one, the stream is gone, or it ends before what was read. From then on every access token
///   issued before is refused: whoever notices writes that into the new stream, with the end of the running second, and returns no sooner.
/// - Redis cannot join a unit of work: an entry is added just before the unit commits, so a unit that fails then has refused something all the same.
///
/// Thread safety: any thread. Ownership: holds the client shared; with `replicas` it serves nothing else, since it waits in Redis.
class RedisRevocationStore : public RevocationStore {
 public:
  /// `retention`: how long an entry matters at most.
  RedisRevocationStore(std::shared_ptr<redis::Client> client, std::string_view tenant, std::uint32_t replicas, Duration retention, Clock clock);

  Result<void> add(Tx& tx, const RevocationEntry& entry) override;
  Result<RevocationBatch> since(const std::string& cursor, std::size_t max, const Context& context) override;
  Result<std::size_t> purge(Tx& tx, Time now, std::size_t max) override;

 private:
  Result<void> append(const RevocationEntry& entry) const;

  const std::shared_ptr<redis::Client> client_;
  const std::string stream_, epoch_;
  const std::uint32_t replicas_;
  const Duration retention_;
  const Clock clock_;
  const redis::Script read_;
};

}  // namespace authkit
