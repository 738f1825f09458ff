#pragma once

#include "authkit/key.hpp"

#include "db/sql_database.hpp"

namespace authkit {

/// Sealed keys in table authkit_key. Thread safety: any thread.
class SqlKeyStore : public KeyStore {
 public:
  SqlKeyStore(std::shared_ptr<SqlDatabase> database, std::string tenant);

  Result<std::vector<StoredKey>> list(const Context& context) override;
  Result<bool> insert(Tx& tx, const StoredKey& key) override;
  Result<bool> set_state(Tx& tx, std::string_view id, KeyState from, KeyState to, Time now) override;
  Result<std::size_t> purge(Tx& tx, Time before) override;

 private:
  std::shared_ptr<SqlDatabase> database_;
  std::string tenant_;
  const std::string list_, insert_, set_state_, purge_;
};

}  // namespace authkit
