#include "ticket/tickets.hpp"

#include "core/base64url.hpp"
#include "core/random.hpp"
#include "core/try.hpp"

#include <algorithm>

namespace authkit {
namespace {

constexpr std::size_t mac_size = 16;
constexpr std::size_t code_digits = 8;
constexpr std::size_t open_tickets = 8;  // of one user and kind; mails are limited to fewer

using Mac = std::array<std::uint8_t, mac_size>;

Mac mac_of(const TicketId& id, TicketKind kind, std::span<const std::uint8_t> key) {
  const Digest256 digest = keyed_digest(key, {as_bytes("ticket"), as_bytes(to_text(kind)), id});
  Mac mac;
  std::copy_n(digest.begin(), mac.size(), mac.begin());
  return mac;
}

std::string digits_of(const Digest256& digest) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) number = number << 8U | digest[i];
  std::string digits(code_digits, '0');
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, number /= 10) *digit = static_cast<char>('0' + number % 10);
  return digits;
}

}  // namespace

Digest256 Tickets::digest(const TicketId& id) const { return keyed_digest(key_.bytes(), {as_bytes("ticket id"), id}); }

Digest256 Tickets::code_digest(const Digest256& stored, TicketKind kind) const {
  return keyed_digest(key_.bytes(), {as_bytes("ticket code"), as_bytes(to_text(kind)), stored});
}

std::optional<TicketId> Tickets::read(std::string_view text, TicketKind kind) const {
  std::array<std::uint8_t, sizeof(TicketId) + mac_size> bytes;
  if (text.size() != base64url::encoded_size(bytes.size()) || !base64url::decode_to(text, bytes.data())) return std::nullopt;
  TicketId id;
  std::copy_n(bytes.begin(), id.size(), id.begin());
  const std::span<const std::uint8_t> presented = std::span(bytes).subspan(id.size());
  return equal_constant_time(presented, mac_of(id, kind, key_.bytes())) ? std::optional(id) : std::nullopt;
}

Result<TicketId> Tickets::issue(Tx& tx, const Request& request) const {
  TicketId id;
  AUTHKIT_TRY(random_bytes(id));
  AUTHKIT_TRY(store_->put(tx, {digest(id), request.kind, request.user, request.payload, request.now, request.now + request.lifetime}));
  return id;
}

std::string Tickets::text_of(const TicketId& id, TicketKind kind) const {
  std::array<std::uint8_t, sizeof(TicketId) + mac_size> bytes;
  const Mac mac = mac_of(id, kind, key_.bytes());
  std::copy(mac.begin(), mac.end(), std::copy(id.begin(), id.end(), bytes.begin()));
  return base64url::encode(std::span<const std::uint8_t>(bytes));
}

std::string Tickets::code_of(const TicketId& id, TicketKind kind) const { return digits_of(code_digest(digest(id), kind)); }

Result<Ticket> Tickets::find(std::string_view text, TicketKind kind, Time now, const Context& context) const {
  const auto id = read(text, kind);
  if (!id) return Errc::ticket_invalid;
  return find(*id, kind, now, context);
}

Result<Ticket> Tickets::find(const TicketId& id, TicketKind kind, Time now, const Context& context) const {
  AUTHKIT_TRY_ASSIGN(auto ticket, store_->find(digest(id), kind, context));
  if (!ticket || now >= ticket->expires_at) return Errc::ticket_invalid;
  return *std::move(ticket);
}

Result<Ticket> Tickets::find_by_code(const UserId& user, TicketKind kind, std::string_view code, Time now, const Context& context) const {
  AUTHKIT_TRY_ASSIGN(auto tickets, store_->find_by_user(user, kind, open_tickets, context));
  std::optional<Ticket> found;
  for (Ticket& ticket : tickets) {
    const bool fits = equal_constant_time(as_bytes(digits_of(code_digest(ticket.digest, kind))), as_bytes(code));
    if (fits && now < ticket.expires_at) found = std::move(ticket);
  }
  if (!found) return Errc::ticket_invalid;
  return *std::move(found);
}

Result<void> Tickets::take(Tx& tx, const Ticket& ticket) const {
  AUTHKIT_TRY_ASSIGN(const auto taken, store_->take(tx, ticket.digest, ticket.kind));
  return taken ? Result<void>() : Result<void>(Errc::ticket_invalid);
}

}  // namespace authkit
