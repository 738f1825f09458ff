#pragma once

#include "authkit/session_store.hpp"

#include "db/sql_database.hpp"

namespace authkit {

/// Sessions in table authkit_session. Thread safety: any thread.
class SqlSessionStore : public SessionStore {
 public:
  SqlSessionStore(std::shared_ptr<SqlDatabase> database, std::string tenant);

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
  std::shared_ptr<SqlDatabase> database_;
  std::string tenant_;
  const std::string insert_, find_, touch_, rotate_, erase_, find_by_user_, erase_by_user_, set_epoch_, purge_;
};

}  // namespace authkit
