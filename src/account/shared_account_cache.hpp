#pragma once

#include "authkit/account_store.hpp"

#include "core/secret.hpp"
#include "redis/client.hpp"

#include <memory>
#include <string>

namespace authkit {

/// How long a record in the shared cache may be used at most; what the feed tells of a change lives longer.
constexpr Duration longest_shared_age{600'000};

/// Records that any process read lately, in a Redis that may lose them: behind the cache of each process and before the database. What lies there is
/// sealed, so whoever reads that Redis learns nothing of the users, and whoever writes there makes nobody an administrator. It carries no password
/// hash.
///
/// It is never told to be consistent. A process judges what it finds by the version that the feed of revocations told it of, so a record that a late
/// fill or a lost deletion left there is used by nobody who knows of the change.
///
/// Thread safety: any thread. Errors: none; while Redis is away nothing is found.
class SharedAccountCache {
 public:
  /// `key`: 32 secret bytes, the same in all processes.
  SharedAccountCache(std::shared_ptr<redis::Client> client, const std::string& tenant, std::span<const std::uint8_t> key, Duration max_age,
                     Clock clock);

  /// Null unless there is a record of that version or a later one, read at most max_age ago. Waits 50 ms at most, and not beyond the deadline.
  std::shared_ptr<const Account> find(const UserId& id, std::uint64_t least_version, const Context& context) const;
  /// Do not wait, and may be lost. `read_at`: before the store was asked.
  void put(const Account& account, Time read_at) const;
  void drop(const UserId& id) const;

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
