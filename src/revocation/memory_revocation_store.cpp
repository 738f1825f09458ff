#include "revocation/memory_revocation_store.hpp"

#include "core/try.hpp"

#include <algorithm>
#include <charconv>

namespace authkit {
namespace {

/// Clocks of two instances may differ by less: an entry stays this long after nothing should need it.
constexpr Duration margin{60'000};

Result<std::uint64_t> parse_cursor(const std::string& cursor) {
  if (cursor.empty()) return std::uint64_t{0};
  std::uint64_t seq = 0;
  const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), seq);
  if (error != std::errc() || end != cursor.data() + cursor.size()) return Error{Errc::invalid_argument, "the cursor is none"};
  return seq;
}

}  // namespace

Result<void> MemoryRevocationStore::add(Tx& tx, const RevocationEntry& entry) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  const std::uint64_t seq = ++last_seq_;
  unit->on_rollback([this, seq] { drop(seq); });
  put(seq, entry);
  return {};
}

Result<RevocationBatch> MemoryRevocationStore::since(const std::string& cursor, std::size_t max, const Context&) {
  AUTHKIT_TRY_ASSIGN(std::uint64_t seen, parse_cursor(cursor));
  const std::lock_guard lock(work_->mutex());
  const std::size_t size = std::max<std::size_t>(max, 1);
  RevocationBatch batch;
  auto at = feed_.upper_bound(seen);
  for (; at != feed_.end() && batch.entries.size() < size; ++at) {
    batch.entries.push_back(at->second);
    seen = at->first;
  }
  batch.cursor = std::to_string(seen);
  batch.more = at != feed_.end();
  return batch;
}

Result<std::size_t> MemoryRevocationStore::purge(Tx& tx, Time now, std::size_t max) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  std::size_t removed = 0;
  for (; removed < max && !by_end_.empty() && by_end_.begin()->first < now - margin; ++removed) {
    const std::uint64_t seq = by_end_.begin()->second;
    unit->on_rollback([this, seq, entry = feed_.at(seq)] { put(seq, entry); });
    drop(seq);
  }
  return removed;
}

void MemoryRevocationStore::put(std::uint64_t seq, const RevocationEntry& entry) {
  feed_.insert_or_assign(seq, entry);
  by_end_.emplace(entry.not_after, seq);
}

void MemoryRevocationStore::drop(std::uint64_t seq) {
  const auto at = feed_.find(seq);
  if (at == feed_.end()) return;
  by_end_.erase({at->second.not_after, seq});
  feed_.erase(at);
}

}  // namespace authkit
