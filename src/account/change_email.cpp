#include "authkit/json.hpp"

#include "account/flows.hpp"
#include "core/json.hpp"

#include <fmt/format.h>

namespace authkit {
namespace {

std::string text_of(const json::Value& object, std::string_view name) {
  const json::Value* member = object.find(name);
  return member == nullptr ? std::string() : member->text;
}

}  // namespace

Result<void> Accounts::request_email_change(const Identity& identity, std::string_view new_email, const Context& context) const {
  AUTHKIT_TRY(impl_->require_delivery());
  AUTHKIT_TRY_ASSIGN(const std::string key, canonical_email(new_email));
  AUTHKIT_TRY(impl_->require_recent_login(identity));
  AUTHKIT_TRY_ASSIGN(const Account account, impl_->current_account(identity, context));
  AUTHKIT_TRY(impl_->limiter->mail("change_email", key, context));
  const Time now = impl_->clock();
  const Impl::Note note{.action = "email.change_requested", .subject = account.id, .actor = to_text(account.id)};
  return in_transaction(*impl_->work, context, [&](Tx& tx) -> Result<void> {
    AUTHKIT_TRY(impl_->record(tx, note, now, context));
    AUTHKIT_TRY(impl_->tickets->erase_by_user(tx, account.id, TicketKind::change_email));
    AUTHKIT_TRY_ASSIGN(const auto holder, impl_->accounts->find_by_login(key, context));
    // Who asks must not learn that the address is known here; its owner may.
    if (holder && holder->email_key == key && holder->id != account.id)
      return impl_->notify(tx, {.kind = "account_exists", .user = holder->id, .to = holder->email}, now, context);
    // The ticket carries the address: two changes at once cannot cross (CVE-2026-32700).
    AUTHKIT_TRY_ASSIGN(const TicketId ticket,
                       impl_->ticket_office.issue(tx, {.kind = TicketKind::change_email,
                                                       .user = account.id,
                                                       .payload = fmt::format(R"({{"email":{},"email_key":{},"from":{}}})", json_quote(new_email),
                                                                              json_quote(key), json_quote(account.email_key)),
                                                       .now = now,
                                                       .lifetime = impl_->options.verification_lifetime}));
    return impl_->notify(
        tx, {.kind = "change_email", .user = account.id, .to = std::string(new_email), .ticket = ticket, .ticket_kind = TicketKind::change_email},
        now, context);
  });
}

Result<void> Accounts::confirm_email_change(std::string_view token, const Context& context) const {
  const Time now = impl_->clock();
  AUTHKIT_TRY_ASSIGN(const Ticket ticket, impl_->ticket_office.find(token, TicketKind::change_email, now, context));
  const auto payload = json::parse(ticket.payload);
  AUTHKIT_TRY_ASSIGN(const auto account, impl_->accounts->find(ticket.user, context));
  if (!payload || !account) return Errc::ticket_invalid;
  AUTHKIT_TRY(impl_->before("change_email", *account, context));
  const Impl::Note note{.action = "email.changed", .subject = account->id, .actor = to_text(account->id)};
  const auto done = in_transaction(*impl_->work, context, [&](Tx& tx) -> Result<Account> {
    AUTHKIT_TRY_ASSIGN(auto changed, impl_->accounts->find(ticket.user, context));
    if (!changed || changed->status != AccountStatus::active || changed->email_key != text_of(*payload, "from")) return Errc::ticket_invalid;
    AUTHKIT_TRY(impl_->ticket_office.take(tx, ticket));
    const std::string old_email = changed->email;
    changed->email = text_of(*payload, "email");
    changed->email_key = text_of(*payload, "email_key");
    changed->email_verified_at = changed->updated_at = now;
    AUTHKIT_TRY(impl_->update(tx, *changed, now));
    // What was sent to the old address opens nothing any more.
    for (const TicketKind kind : {TicketKind::verify_email, TicketKind::reset_password})
      AUTHKIT_TRY(impl_->tickets->erase_by_user(tx, changed->id, kind));
    AUTHKIT_TRY(impl_->record(tx, note, now, context));
    AUTHKIT_TRY(impl_->notify(tx, {.kind = "email_changed", .user = changed->id, .to = old_email}, now, context));
    AUTHKIT_TRY(impl_->within("change_email", *changed, tx, context));
    return *std::move(changed);
  });
  if (!done) return done.error();
  impl_->after("change_email", *done, context);
  return {};
}

}  // namespace authkit
