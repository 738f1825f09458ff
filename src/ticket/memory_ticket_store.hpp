#pragma once

#include "authkit/ticket_store.hpp"

#include "core/memory_work.hpp"

#include <map>

namespace authkit {

/// Tickets in this process' memory, gone with it. Thread safety: any thread.
class MemoryTicketStore : public TicketStore {
 public:
  explicit MemoryTicketStore(std::shared_ptr<MemoryWork> work) : work_(std::move(work)) {}

  Result<void> put(Tx& tx, const Ticket& ticket) override;
  Result<std::optional<Ticket>> find(const std::array<std::uint8_t, 32>& digest, TicketKind kind, const Context& context) override;
  Result<std::vector<Ticket>> find_by_user(const UserId& user, TicketKind kind, std::size_t max, const Context& context) override;
  Result<std::optional<Ticket>> take(Tx& tx, const std::array<std::uint8_t, 32>& digest, TicketKind kind) override;
  Result<std::size_t> erase_by_user(Tx& tx, const UserId& user, TicketKind kind) override;
  Result<std::size_t> purge(Tx& tx, Time now, std::size_t max) override;

 private:
  using Digest = std::array<std::uint8_t, 32>;

  void remove(MemoryTx& unit, std::map<Digest, Ticket>::iterator at);
  template <class Selects>
  std::size_t remove_if(MemoryTx& unit, std::size_t max, Selects selects);

  std::shared_ptr<MemoryWork> work_;
  std::map<Digest, Ticket> tickets_;
};

}  // namespace authkit
