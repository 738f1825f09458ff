#pragma once

#include "authkit/ticket_store.hpp"

#include "db/sql_database.hpp"

namespace authkit {

/// Tickets in table authkit_ticket. Thread safety: any thread.
class SqlTicketStore : public TicketStore {
 public:
  SqlTicketStore(std::shared_ptr<SqlDatabase> database, std::string tenant);

  Result<void> put(Tx& tx, const Ticket& ticket) override;
  Result<std::optional<Ticket>> find(const std::array<std::uint8_t, 32>& digest, TicketKind kind, const Context& context) override;
  Result<std::vector<Ticket>> find_by_user(const UserId& user, TicketKind kind, std::size_t max, const Context& context) override;
  Result<std::optional<Ticket>> take(Tx& tx, const std::array<std::uint8_t, 32>& digest, TicketKind kind) override;
  Result<std::size_t> erase_by_user(Tx& tx, const UserId& user, TicketKind kind) override;
  Result<std::size_t> purge(Tx& tx, Time now, std::size_t max) override;

 private:
  std::shared_ptr<SqlDatabase> database_;
  std::string tenant_;
  const std::string put_, find_, find_by_user_, take_, erase_by_user_, purge_;
};

}  // namespace authkit
