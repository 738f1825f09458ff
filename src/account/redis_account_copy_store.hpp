#pragma once

#include "authkit/account_copy_store.hpp"

#include "core/secret.hpp"
#include "redis/client.hpp"

#include <memory>
#include <string>

namespace authkit {

/// Copies in Redis, each under its user's id and gone by itself. They are sealed, so whoever reads that Redis learns nothing of the users, and
/// whoever writes there makes nobody an administrator.
///
/// Thread safety: any thread. Ownership: holds the client shared.
class RedisAccountCopyStore : public AccountCopyStore {
 public:
  /// `key`: 32 secret bytes, the same in all processes.
  RedisAccountCopyStore(std::shared_ptr<redis::Client> client, const std::string& tenant, std::span<const std::uint8_t> key, Duration max_age,
                        Clock clock);

  /// Waits 50 ms at most.
  std::shared_ptr<const Account> find(const UserId& id, std::uint64_t least_version, const Context& context) override;
  void put(const Account& account, Time read_at) override;
  void drop(const UserId& id) override;

 private:
  std::string key_of(const UserId& id) const { return prefix_ + to_text(id); }
  redis::Deadline soon() const;

  const std::shared_ptr<redis::Client> client_;
  const std::string prefix_;
  const Secret key_;
  const Duration max_age_;
  const Clock clock_;
};

}  // namespace authkit
