#include "notify/memory_outbox_store.hpp"

#include "core/storable.hpp"
#include "core/try.hpp"

#include <algorithm>

namespace authkit {

void MemoryOutboxStore::keep(MemoryTx& unit, const Row& row) {
  unit.on_rollback([this, row] { rows_.insert_or_assign(row.entry.id, row); });
}

MemoryOutboxStore::Row* MemoryOutboxStore::held(MemoryTx& unit, std::int64_t id, std::string_view owner) {
  const auto at = rows_.find(id);
  if (at == rows_.end() || at->second.owner != owner || at->second.done_at) return nullptr;
  keep(unit, at->second);
  return &at->second;
}

Result<void> MemoryOutboxStore::append(Tx& tx, const OutboxEntry& entry) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  AUTHKIT_TRY(require_storable({entry.event_id, entry.topic, entry.key, entry.payload}));
  const bool taken = std::any_of(rows_.begin(), rows_.end(), [&](const auto& row) {
    return row.second.entry.event_id == entry.event_id && row.second.entry.topic == entry.topic;
  });
  if (taken) return unit->fail({Errc::conflict, "the event has an entry of this topic"});
  const std::int64_t id = ++last_id_;
  unit->on_rollback([this, id] { rows_.erase(id); });
  Row row{entry, {}, {}, {}};
  row.entry.id = id;
  row.entry.attempts = 0;
  rows_.emplace(id, std::move(row));
  return {};
}

Result<std::vector<OutboxEntry>> MemoryOutboxStore::claim(Tx& tx, std::string_view topic, std::string_view owner, Time now, Time lease_until,
                                                          std::size_t max) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  std::vector<Row*> due;
  for (auto& [id, row] : rows_) {
    const bool free = !row.lease_until || *row.lease_until <= now;
    if (row.entry.topic == topic && !row.done_at && free && row.entry.next_at <= now) due.push_back(&row);
  }
  std::stable_sort(due.begin(), due.end(), [](const Row* a, const Row* b) { return a->entry.next_at < b->entry.next_at; });
  if (due.size() > max) due.resize(max);
  std::vector<OutboxEntry> claimed;
  for (Row* row : due) {
    keep(*unit, *row);
    row->owner = owner;
    row->lease_until = lease_until;
    ++row->entry.attempts;
    claimed.push_back(row->entry);
  }
  return claimed;
}

Result<bool> MemoryOutboxStore::settle(Tx& tx, std::int64_t id, std::string_view owner, Time now) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  Row* row = held(*unit, id, owner);
  if (row == nullptr) return false;
  row->done_at = now;
  row->entry.last_error.clear();
  return true;
}

Result<bool> MemoryOutboxStore::postpone(Tx& tx, std::int64_t id, std::string_view owner, std::optional<Time> next_at, std::string_view error,
                                         Time now) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  AUTHKIT_TRY(require_storable({error}));
  Row* row = held(*unit, id, owner);
  if (row == nullptr) return false;
  row->entry.last_error = error;
  row->owner.clear();
  row->lease_until.reset();
  if (next_at) {
    row->entry.next_at = *next_at;
  } else {
    row->done_at = now;
  }
  return true;
}

Result<OutboxStatus> MemoryOutboxStore::status(std::string_view topic, const Context&) {
  const std::lock_guard lock(work_->mutex());
  OutboxStatus status;
  for (const auto& [id, row] : rows_) {
    if (row.entry.topic != topic) continue;
    status.waiting += row.done_at ? 0 : 1;
    status.given_up += row.done_at && !row.entry.last_error.empty() ? 1 : 0;
  }
  return status;
}

Result<std::size_t> MemoryOutboxStore::purge(Tx& tx, Time before, std::size_t max) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  std::size_t removed = 0;
  for (auto at = rows_.begin(); at != rows_.end() && removed < max;) {
    const auto here = at++;
    if (!here->second.done_at || *here->second.done_at >= before) continue;
    keep(*unit, here->second);
    rows_.erase(here);
    ++removed;
  }
  return removed;
}

}  // namespace authkit
