#pragma once

#include "authkit/ticket_store.hpp"

#include "core/digest.hpp"
#include "core/secret.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace authkit {

using TicketId = std::array<std::uint8_t, 16>;

/// One-time tickets and the text that stands for one: `id | MAC` in base64url. The store holds a digest of the id, the outbox the id; the text can be
/// made from the id only by who holds the key, so neither table opens anything.
///
/// Thread safety: any number of threads. Ownership: holds the store shared.
class Tickets {
 public:
  /// `key`: 32 secret bytes, the same in all instances.
  Tickets(std::shared_ptr<TicketStore> store, std::string_view key) : store_(std::move(store)), key_(as_bytes(key)) {}

  struct Request {
    TicketKind kind;
    UserId user;
    std::string payload = "{}";
    Time now;
    Duration lifetime;
  };
  /// Makes a ticket; its id. Errors: random_unavailable, those of the store.
  Result<TicketId> issue(Tx& tx, const Request& request) const;

  /// The text that a user presents.
  std::string text_of(const TicketId& id, TicketKind kind) const;
  /// Eight digits that stand for it where the user is known by other means; guesses must be counted.
  std::string code_of(const TicketId& id, TicketKind kind) const;

  /// The ticket behind a text, not expired at `now`. A forgery is refused without I/O. Errors: ticket_invalid.
  Result<Ticket> find(std::string_view text, TicketKind kind, Time now, const Context& context) const;
  /// The same by id, for a message about it.
  Result<Ticket> find(const TicketId& id, TicketKind kind, Time now, const Context& context) const;
  /// The ticket of that user that those digits stand for. Errors: ticket_invalid.
  Result<Ticket> find_by_code(const UserId& user, TicketKind kind, std::string_view code, Time now, const Context& context) const;
  /// Uses up what find() gave. Errors: ticket_invalid when somebody else did.
  Result<void> take(Tx& tx, const Ticket& ticket) const;

  TicketStore& store() const noexcept { return *store_; }

 private:
  Digest256 digest(const TicketId& id) const;
  Digest256 code_digest(const Digest256& stored, TicketKind kind) const;
  std::optional<TicketId> read(std::string_view text, TicketKind kind) const;

  std::shared_ptr<TicketStore> store_;
  Secret key_;
};

}  // namespace authkit
