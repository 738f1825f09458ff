#pragma once

#include "authkit/types.hpp"
#include "authkit/unit_of_work.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace authkit {

/// One security-relevant act (OWASP ASVS 16.3), written in the unit of work of the change it reports.
struct Event {
  std::string id;  ///< UUIDv7, given by the service
  Time time;
  std::string actor;    ///< user id text, "system", or empty = nobody yet
  std::string action;   ///< "user.registered", "session.created", "login.failed", ...
  std::string subject;  ///< user id text, or empty
  bool success = true;
  std::string address;
  std::string user_agent;
  std::string request_id;
  std::string data = "{}";  ///< JSON object; never a secret
  std::uint64_t seq = 0;    ///< given by the store
  std::string prev_hash;    ///< hex SHA-256 chain, filled by seal(); empty until then
  std::string hash;
};

struct EventFilter {
  std::string actor, action, subject, address;
  std::optional<bool> success;
  std::optional<Time> from, to;  ///< from <= time < to
};

struct EventPage {
  std::vector<Event> items;
  std::string next_cursor;  ///< empty on the last page
};

/// The append-only audit log. Thread safety: any thread; blocking.
class EventStore {
 public:
  virtual ~EventStore() = default;
  virtual Result<void> append(Tx& tx, const Event& event) = 0;
  /// Newest first, `limit` at most 200.
  virtual Result<EventPage> list(const EventFilter& filter, std::string_view cursor, std::size_t limit, const Context& context) = 0;
  /// Chains up to `max` events that are not chained yet: hash = SHA-256(prev_hash, canonical bytes of the event). How many.
  virtual Result<std::size_t> seal(Tx& tx, std::size_t max) = 0;
};

/// The bytes of an event that its hash covers: every field but seq, prev_hash and hash, each length-prefixed.
std::string canonical_bytes(const Event& event);

/// An event of now with the client's fields filled from `context` and a fresh id. Errors: Errc::random_unavailable.
Result<Event> make_event(std::string_view action, std::string_view actor, std::string_view subject, Time now, const Context& context);

}  // namespace authkit
