#include "authkit/ticket_store.hpp"

#include <algorithm>
#include <iterator>

namespace authkit {
namespace {

constexpr std::string_view names[] = {"verify_email", "reset_password", "change_email", "log_in"};

}  // namespace

std::string_view to_text(TicketKind kind) noexcept { return names[static_cast<std::size_t>(kind)]; }

std::optional<TicketKind> parse_ticket_kind(std::string_view text) noexcept {
  const auto* name = std::find(std::begin(names), std::end(names), text);
  if (name == std::end(names)) return std::nullopt;
  return static_cast<TicketKind>(name - names);
}

}  // namespace authkit
