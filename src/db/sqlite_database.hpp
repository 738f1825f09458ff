#pragma once

#include "db/sql_database.hpp"
#include "db/wal_flush.hpp"

namespace authkit {

/// One SQLite file in WAL mode: one connection writes, `readers` connections read, and none waits for the other kind. Other processes may use
/// the same file. Owns no threads.
class SqliteDatabase final : public SqlDatabase {
 public:
  /// Makes the file when it is missing. Errors: Errc::config_invalid, Errc::store_unavailable.
  static Result<std::shared_ptr<SqliteDatabase>> open(const DatabaseOptions& options);

  SqliteDatabase(const DatabaseOptions& options, const std::string& path);

  const Dialect& dialect() const noexcept override { return sqlite_dialect; }
  std::string redacted_url() const override { return url_; }
  DatabaseStatus status() const override;
  bool reads_inside() const noexcept override { return true; }

  std::uint64_t flushes() const { return flush_.flushes(); }  ///< how often a commit asked the disk; many commits may share one

 protected:
  Result<SqlLease> lease(const Errand& errand) override;
  Result<void> make_durable() override;
  Duration patience() const noexcept override { return patience_; }

 private:
  std::string url_;
  Duration patience_;
  bool survives_power_loss_;
  WalFlush flush_;
  std::shared_ptr<SqlPool> writer_;
  std::shared_ptr<SqlPool> readers_;
};

}  // namespace authkit
