#pragma once

#include "authkit/types.hpp"
#include "authkit/unit_of_work.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace authkit {

/// Something to tell the world, written in the unit of work of the change it tells of, delivered afterwards at least once.
struct OutboxEntry {
  std::int64_t id = 0;          ///< given by the store
  std::string event_id;         ///< of the event it belongs to; one entry an event and topic
  std::string topic;            ///< "mail"
  std::string key;              ///< user id text
  std::string payload = "{}";   ///< JSON object; never a secret
  std::uint32_t attempts = 0;   ///< that have begun
  Time next_at;                 ///< not delivered before
  std::string last_error = {};  ///< of the last attempt that failed
};

/// What waits in a topic.
struct OutboxStatus {
  std::size_t waiting = 0;
  std::size_t given_up = 0;  ///< kept for purge() to remove
};

/// Where entries wait. Thread safety: any thread; blocking.
class OutboxStore {
 public:
  virtual ~OutboxStore() = default;
  virtual Result<void> append(Tx& tx, const OutboxEntry& entry) = 0;
  /// Up to `max` entries that are due at `now`, oldest first, leased to `owner` until `lease_until`: nobody else gets them before, and who dies with
  /// them loses nothing. Counts an attempt each.
  virtual Result<std::vector<OutboxEntry>> claim(Tx& tx, std::string_view topic, std::string_view owner, Time now, Time lease_until,
                                                 std::size_t max) = 0;
  /// Delivered. False where the lease has passed to another owner.
  virtual Result<bool> settle(Tx& tx, std::int64_t id, std::string_view owner, Time now) = 0;
  /// Not delivered: due again at `next_at`; without one it is given up. `error` holds no secret.
  virtual Result<bool> postpone(Tx& tx, std::int64_t id, std::string_view owner, std::optional<Time> next_at, std::string_view error, Time now) = 0;
  virtual Result<OutboxStatus> status(std::string_view topic, const Context& context) = 0;
  /// Removes up to `max` entries that were delivered or given up before `before`; how many.
  virtual Result<std::size_t> purge(Tx& tx, Time before, std::size_t max) = 0;
};

}  // namespace authkit
