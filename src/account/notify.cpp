#include "authkit/json.hpp"

#include "account/flows.hpp"
#include "core/base64url.hpp"
#include "core/json.hpp"
#include "core/random.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace authkit {
namespace {

constexpr std::string_view topic = "mail";

struct Page {
  std::string_view kind;
  std::string_view path;  ///< behind account.link_url
  bool has_code;
};
constexpr Page pages[] = {
    {"verify_email", "/verify-email", true},
    {"reset_password", "/reset-password", false},
    {"change_email", "/change-email", false},
};

std::string text_of(const json::Value& object, std::string_view name) {
  const json::Value* member = object.find(name);
  return member != nullptr && member->kind == json::Kind::text ? member->text : std::string();
}

}  // namespace

Result<void> Accounts::Impl::require_delivery() const {
  if (can_notify) return {};
  return Error{Errc::peer_unavailable, "no way to reach users is configured: set mail.url or Config::notify"};
}

Result<void> Accounts::Impl::notify(Tx& tx, const Notice& notice, Time now, const Context& context) const {
  if (!can_notify) return {};
  AUTHKIT_TRY_ASSIGN(const UserId id, new_user_id(now));  // as unique as an event's id
  OutboxEntry entry;
  entry.event_id = to_text(id);
  entry.topic = topic;
  entry.key = to_text(notice.user);
  entry.next_at = now;
  entry.payload = fmt::format(R"({{"kind":{},"to":{},"address":{},"data":{})", json_quote(notice.kind), json_quote(notice.to),
                              json_quote(context.address), notice.data);
  if (notice.ticket)
    entry.payload += fmt::format(R"(,"ticket":"{}","ticket_kind":"{}")", base64url::encode(std::span<const std::uint8_t>(*notice.ticket)),
                                 to_text(notice.ticket_kind));
  entry.payload += "}";
  return outbox->append(tx, entry);
}

Result<Message> Accounts::message_of(const OutboxEntry& entry, const Context& context) const {
  const auto payload = json::parse(entry.payload);
  const auto user = parse_user_id(entry.key);
  if (!payload || payload->kind != json::Kind::object || !user) return Error{Errc::internal, "an outbox entry is none that this program wrote"};
  Message message;
  message.id = entry.event_id;
  message.kind = text_of(*payload, "kind");
  message.user = *user;
  message.to = text_of(*payload, "to");
  if (const auto id = parse_user_id(entry.event_id)) {  // a UUIDv7 begins with its time
    std::uint64_t time = 0;
    for (std::size_t i = 0; i < 6; ++i) time = time << 8U | id->bytes[i];
    message.created_at = Time{Duration{static_cast<std::int64_t>(time)}};
  }
  std::string data = R"({"client_address":)" + json_quote(text_of(*payload, "address"));
  if (const json::Value* more = payload->find("data"); more != nullptr && more->kind == json::Kind::object && !more->members.empty())
    data.append(",").append(json::write(*more), 1, std::string::npos);
  else
    data.append("}");
  message.data = std::move(data);

  const auto kind = parse_ticket_kind(text_of(*payload, "ticket_kind"));
  if (!kind) return message;
  TicketId id;
  const std::string ticket_text = text_of(*payload, "ticket");
  if (ticket_text.size() != base64url::encoded_size(id.size()) || !base64url::decode_to(ticket_text, id.data())) return Errc::ticket_invalid;
  AUTHKIT_TRY_ASSIGN(const Ticket ticket, impl_->ticket_office.find(id, *kind, impl_->clock(), context));
  message.token = impl_->ticket_office.text_of(id, *kind);
  message.expires_at = ticket.expires_at;
  const auto* page = std::find_if(std::begin(pages), std::end(pages), [&](const Page& one) { return one.kind == message.kind; });
  if (page == std::end(pages)) return message;
  if (page->has_code) message.code = impl_->ticket_office.code_of(id, *kind);
  // In the fragment, which browsers send to no server and in no Referer.
  if (!impl_->options.link_url.empty()) message.link = fmt::format("{}{}#token={}", impl_->options.link_url, page->path, message.token);
  return message;
}

}  // namespace authkit
