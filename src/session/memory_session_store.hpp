#pragma once

#include "authkit/session_store.hpp"

#include "core/memory_work.hpp"

#include <set>
#include <string>
#include <unordered_map>

namespace authkit {

/// Sessions in this process' memory, gone with it; about 350 bytes each. Thread safety: any thread.
class MemorySessionStore : public SessionStore {
 public:
  explicit MemorySessionStore(std::shared_ptr<MemoryWork> work) : work_(std::move(work)) {}

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
  /// A record without its id, the five texts packed into one: a third of the memory.
  struct Row {
    UserId user;
    std::array<std::uint8_t, 32> secret_digest;
    Time rotated_at, created_at, last_seen, idle_expires_at, absolute_expires_at, auth_time;
    std::uint64_t epoch;
    std::string texts;
    std::uint32_t generation;
    Transport transport;

    Time expires_at() const { return std::min(idle_expires_at, absolute_expires_at); }
  };
  using Entry = std::pair<const SessionId, Row>;

  /// By user, newest first.
  struct ByUser {
    using is_transparent = void;
    bool operator()(const Entry* a, const Entry* b) const;
    bool operator()(const Entry* a, const UserId& b) const { return a->second.user < b; }
    bool operator()(const UserId& a, const Entry* b) const { return a < b->second.user; }
  };
  struct ByExpiry {
    bool operator()(const Entry* a, const Entry* b) const;
  };

  static Row pack(const SessionRecord& record);
  static SessionRecord unpack(const Entry& entry);
  std::optional<SessionRecord> get(const SessionId& id) const;
  void replace(MemoryTx& unit, const SessionId& id, std::optional<SessionRecord> after);
  void put(const SessionId& id, const std::optional<SessionRecord>& record);

  std::shared_ptr<MemoryWork> work_;
  std::unordered_map<SessionId, Row> sessions_;
  std::set<const Entry*, ByUser> by_user_;
  std::set<const Entry*, ByExpiry> by_expiry_;
};

}  // namespace authkit
