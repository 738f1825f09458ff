#include "event/memory_event_store.hpp"

#include "core/storable.hpp"
#include "core/try.hpp"

#include <algorithm>
#include <charconv>

namespace authkit {
namespace {

bool selects(const EventFilter& filter, const Event& event) {
  const auto fits = [](const std::string& wanted, const std::string& is) { return wanted.empty() || wanted == is; };
  if (!fits(filter.actor, event.actor) || !fits(filter.action, event.action)) return false;
  if (!fits(filter.subject, event.subject) || !fits(filter.address, event.address)) return false;
  if (filter.success && event.success != *filter.success) return false;
  return (!filter.from || event.time >= *filter.from) && (!filter.to || event.time < *filter.to);
}

}  // namespace

Result<void> MemoryEventStore::append(Tx& tx, const Event& event) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  AUTHKIT_TRY(require_storable({event.id, event.actor, event.action, event.subject, event.address, event.user_agent, event.request_id, event.data}));
  unit->on_rollback([this, seq = last_seq_] {
    while (last_seq_ > seq) {
      events_.pop_back();
      --last_seq_;
    }
  });
  events_.push_back(event);
  events_.back().seq = ++last_seq_;
  events_.back().prev_hash.clear();
  events_.back().hash.clear();
  while (events_.size() > max_events_) {
    unit->on_rollback([this, oldest = events_.front()] { events_.push_front(oldest); });
    events_.pop_front();
  }
  return {};
}

Result<EventPage> MemoryEventStore::list(const EventFilter& filter, std::string_view cursor, std::size_t limit, const Context&) {
  std::uint64_t before = ~std::uint64_t{0};
  if (!cursor.empty()) {
    const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), before);
    if (error != std::errc() || end != cursor.data() + cursor.size()) return Error{Errc::invalid_argument, "the cursor is none"};
  }
  const std::lock_guard lock(work_->mutex());
  const std::size_t size = std::clamp<std::size_t>(limit, 1, 200);
  EventPage page;
  for (auto event = events_.rbegin(); event != events_.rend(); ++event) {
    if (event->seq >= before || !selects(filter, *event)) continue;
    if (page.items.size() == size) {
      page.next_cursor = std::to_string(page.items.back().seq);
      break;
    }
    page.items.push_back(*event);
  }
  return page;
}

Result<std::size_t> MemoryEventStore::seal(Tx& tx, std::size_t max) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  const std::uint64_t oldest = last_seq_ - events_.size() + 1;
  const std::uint64_t first = std::max(sealed_seq_ + 1, oldest);
  const std::uint64_t last = first + std::min<std::uint64_t>(max, last_seq_ + 1 - first) - 1;
  unit->on_rollback([this, first, last, sealed = sealed_seq_, tip = tip_] {
    for (std::uint64_t seq = first; seq <= last; ++seq) {
      at(seq)->prev_hash.clear();
      at(seq)->hash.clear();
    }
    sealed_seq_ = sealed;
    tip_ = tip;
  });
  for (std::uint64_t seq = first; seq <= last; ++seq) {
    seal_event(*at(seq), tip_);
    tip_ = at(seq)->hash;
    sealed_seq_ = seq;
  }
  return static_cast<std::size_t>(last + 1 - first);
}

std::deque<Event>::iterator MemoryEventStore::at(std::uint64_t seq) {
  return events_.begin() + static_cast<std::ptrdiff_t>(seq - (last_seq_ - events_.size() + 1));
}

}  // namespace authkit
