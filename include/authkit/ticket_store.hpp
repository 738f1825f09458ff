#pragma once

#include "authkit/types.hpp"
#include "authkit/unit_of_work.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace authkit {

/// What a ticket allows, once.
enum class TicketKind : std::uint8_t { verify_email, reset_password, change_email, log_in };

std::string_view to_text(TicketKind kind) noexcept;
std::optional<TicketKind> parse_ticket_kind(std::string_view text) noexcept;

/// A one-time permission, as stored: the text that a user presents is not in it.
struct Ticket {
  std::array<std::uint8_t, 32> digest{};  ///< keyed BLAKE2b-256 of the ticket's id
  TicketKind kind = TicketKind::verify_email;
  UserId user;
  std::string payload = "{}";  ///< JSON object: what it applies to (an address, a first login step)
  Time created_at;
  Time expires_at;
};

/// Where tickets live. Thread safety: any thread; blocking. find*() read the primary. Expiry is judged by the service.
class TicketStore {
 public:
  virtual ~TicketStore() = default;
  virtual Result<void> put(Tx& tx, const Ticket& ticket) = 0;
  virtual Result<std::optional<Ticket>> find(const std::array<std::uint8_t, 32>& digest, TicketKind kind, const Context& context) = 0;
  /// The user's newest tickets of that kind, newest first, at most `max`.
  virtual Result<std::vector<Ticket>> find_by_user(const UserId& user, TicketKind kind, std::size_t max, const Context& context) = 0;
  /// Removes and gives it in one atomic step: of several that take one ticket one gets it.
  virtual Result<std::optional<Ticket>> take(Tx& tx, const std::array<std::uint8_t, 32>& digest, TicketKind kind) = 0;
  /// Removes all of the user's tickets of that kind; how many.
  virtual Result<std::size_t> erase_by_user(Tx& tx, const UserId& user, TicketKind kind) = 0;
  /// Removes up to `max` tickets expired at `now`; how many.
  virtual Result<std::size_t> purge(Tx& tx, Time now, std::size_t max) = 0;
};

}  // namespace authkit
