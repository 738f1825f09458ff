#pragma once

#include "authkit/event.hpp"

#include "core/memory_work.hpp"
#include "event/chain.hpp"

#include <deque>

namespace authkit {

/// The newest `max_events` events in this process' memory, gone with it: for tests and small embedded uses. An audit log that has to last
/// belongs in a database. Thread safety: any thread.
class MemoryEventStore : public EventStore {
 public:
  explicit MemoryEventStore(std::shared_ptr<MemoryWork> work, std::size_t max_events = 10'000) : work_(std::move(work)), max_events_(max_events) {}

  Result<void> append(Tx& tx, const Event& event) override;
  Result<EventPage> list(const EventFilter& filter, std::string_view cursor, std::size_t limit, const Context& context) override;
  Result<std::size_t> seal(Tx& tx, std::size_t max) override;

 private:
  std::deque<Event>::iterator at(std::uint64_t seq);

  std::shared_ptr<MemoryWork> work_;
  std::size_t max_events_;
  std::deque<Event> events_;  ///< seq without gaps
  std::uint64_t last_seq_ = 0;
  std::uint64_t sealed_seq_ = 0;
  std::string tip_{chain_start};  ///< hash of sealed_seq_
};

}  // namespace authkit
