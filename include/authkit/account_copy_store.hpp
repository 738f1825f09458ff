#pragma once

#include "authkit/account_store.hpp"

#include <memory>

namespace authkit {

/// How long a copy may be used at most; what the feed of revocations tells of a change lives longer.
constexpr Duration longest_copy_age{600'000};

/// Copies of records that any process read lately, for all of them: behind the cache of each and before the database. It may lose what it holds, and
/// nobody relies on what was dropped being gone: a process takes no copy older than the versions that the feed told it of, so a late put or a lost
/// drop misleads nobody who knows of the change. No copy carries a password hash.
///
/// Thread safety: any thread. Errors: none; while the store is away nothing is found.
class AccountCopyStore {
 public:
  virtual ~AccountCopyStore() = default;
  /// Null unless there is a copy of that version or a later one that is not too old. Must be quick, and never wait beyond the deadline.
  virtual std::shared_ptr<const Account> find(const UserId& id, std::uint64_t least_version, const Context& context) = 0;
  /// Must not wait; may be lost. `account` has no hash; `read_at`: before the database was asked.
  virtual void put(const Account& account, Time read_at) = 0;
  virtual void drop(const UserId& id) = 0;
};

}  // namespace authkit
