#pragma once

#include "authkit/event.hpp"

#include "db/sql_database.hpp"

#include <mutex>

namespace authkit {

/// The audit log in table authkit_event. Thread safety: any thread.
class SqlEventStore : public EventStore {
 public:
  SqlEventStore(std::shared_ptr<SqlDatabase> database, std::string tenant);

  Result<void> append(Tx& tx, const Event& event) override;
  Result<EventPage> list(const EventFilter& filter, std::string_view cursor, std::size_t limit, const Context& context) override;
  Result<std::size_t> seal(Tx& tx, std::size_t max) override;

 private:
  std::string chain_tip(SqlSession& session, std::uint64_t first) const;
  std::uint64_t last_decided(SqlSession& session);

  std::shared_ptr<SqlDatabase> database_;
  std::string tenant_;
  const std::string append_, unsealed_, tip_, seal_;

  /// Up to `seq` the log is complete once no unit runs that began before `xmax`.
  struct Barrier {
    std::uint64_t seq = 0;
    std::string xmax;
  };
  std::mutex mutex_;
  Barrier barrier_;
  std::uint64_t decided_ = 0;  ///< nothing at or before this number is still to come
};

}  // namespace authkit
