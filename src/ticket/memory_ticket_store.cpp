#include "ticket/memory_ticket_store.hpp"

#include "core/storable.hpp"
#include "core/try.hpp"

#include <algorithm>
#include <limits>

namespace authkit {

void MemoryTicketStore::remove(MemoryTx& unit, std::map<Digest, Ticket>::iterator at) {
  unit.on_rollback([this, ticket = at->second] { tickets_.insert_or_assign(ticket.digest, ticket); });
  tickets_.erase(at);
}

template <class Selects>
std::size_t MemoryTicketStore::remove_if(MemoryTx& unit, std::size_t max, Selects selects) {
  std::size_t count = 0;
  for (auto at = tickets_.begin(); at != tickets_.end() && count < max;) {
    const auto here = at++;
    if (!selects(here->second)) continue;
    remove(unit, here);
    ++count;
  }
  return count;
}

Result<void> MemoryTicketStore::put(Tx& tx, const Ticket& ticket) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  AUTHKIT_TRY(require_storable({ticket.payload}));
  if (tickets_.contains(ticket.digest)) return unit->fail({Errc::conflict, "a ticket of this digest exists"});
  unit->on_rollback([this, digest = ticket.digest] { tickets_.erase(digest); });
  tickets_.emplace(ticket.digest, ticket);
  return {};
}

Result<std::optional<Ticket>> MemoryTicketStore::find(const Digest& digest, TicketKind kind, const Context&) {
  const std::lock_guard lock(work_->mutex());
  const auto at = tickets_.find(digest);
  return at == tickets_.end() || at->second.kind != kind ? std::nullopt : std::optional(at->second);
}

Result<std::vector<Ticket>> MemoryTicketStore::find_by_user(const UserId& user, TicketKind kind, std::size_t max, const Context&) {
  const std::lock_guard lock(work_->mutex());
  std::vector<Ticket> found;
  for (const auto& [digest, ticket] : tickets_) {
    if (ticket.user == user && ticket.kind == kind) found.push_back(ticket);
  }
  std::sort(found.begin(), found.end(), [](const Ticket& a, const Ticket& b) { return a.created_at > b.created_at; });
  if (found.size() > max) found.resize(max);
  return found;
}

Result<std::optional<Ticket>> MemoryTicketStore::take(Tx& tx, const Digest& digest, TicketKind kind) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  const auto at = tickets_.find(digest);
  if (at == tickets_.end() || at->second.kind != kind) return std::optional<Ticket>();
  std::optional<Ticket> taken(at->second);
  remove(*unit, at);
  return taken;
}

Result<std::size_t> MemoryTicketStore::erase_by_user(Tx& tx, const UserId& user, TicketKind kind) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  return remove_if(*unit, std::numeric_limits<std::size_t>::max(), [&](const Ticket& ticket) { return ticket.user == user && ticket.kind == kind; });
}

Result<std::size_t> MemoryTicketStore::purge(Tx& tx, Time now, std::size_t max) {
  AUTHKIT_TRY_ASSIGN(MemoryTx * unit, MemoryTx::of(tx, *work_));
  return remove_if(*unit, max, [&](const Ticket& ticket) { return ticket.expires_at <= now; });
}

}  // namespace authkit
