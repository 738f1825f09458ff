#pragma once

#include "authkit/session_store.hpp"

#include "redis/script.hpp"

#include <memory>
#include <string>

namespace authkit {

/// Sessions in Redis: a hash each, and a sorted set of its sessions a user, in another slot of a cluster. Both end by themselves, so purge() has
/// nothing to do.
///
/// Redis cannot join a unit of work. What a unit changes is done just before it commits, so that an end is never missing after a commit; a rotation
/// is done at once, since its outcome decides, and taken back when the unit is dropped. Reads in a unit see what was there before it.
///
/// Thread safety: any thread. Ownership: holds the client shared.
class RedisSessionStore : public SessionStore {
 public:
  RedisSessionStore(std::shared_ptr<redis::Client> client, std::string tenant);

  Result<void> insert(Tx& tx, const SessionRecord& record) override;
  Result<std::optional<SessionRecord>> find(const SessionId& id, const Context& context) override;
  Result<bool> touch(Tx& tx, const SessionId& id, Time now, Time idle_expires_at) override;
  Result<std::optional<SessionRecord>> rotate(Tx& tx, const SessionId& id, const std::array<std::uint8_t, 32>& secret_digest,
                                              std::uint32_t generation, Time now, Time idle_expires_at) override;
  Result<bool> erase(Tx& tx, const SessionId& id) override;
  Result<void> erase_known(Tx& tx, const SessionId& id) override;
  Result<std::vector<SessionRecord>> find_by_user(const UserId& user, Time now, std::size_t max, const Context& context) override;
  Result<std::vector<SessionId>> erase_by_user(Tx& tx, const UserId& user, const SessionId& keep) override;
  Result<bool> set_epoch(Tx& tx, const SessionId& id, std::uint64_t epoch) override;
  Result<std::size_t> purge(Tx& tx, Time now, std::size_t max) override;

 private:
  std::string key_of(const SessionId& id) const;
  std::string index_of(const UserId& user) const;
  Result<redis::Reply> run(const redis::Script& script, std::string key, const std::vector<std::string>& arguments) const;
  Result<std::vector<SessionId>> ids_of(const UserId& user, redis::Deadline deadline) const;
  Result<std::optional<SessionRecord>> read(const SessionId& id, redis::Deadline deadline) const;
  Result<void> write(const SessionRecord& record) const;
  Result<void> remove(const SessionId& id, const UserId& user) const;

  std::shared_ptr<redis::Client> client_;
  const std::string tenant_;
  const redis::Script insert_, index_, update_, rotate_, take_back_;
};

}  // namespace authkit
