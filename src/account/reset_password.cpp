#include "authkit/json.hpp"

#include "account/flows.hpp"
#include "core/json.hpp"

namespace authkit {
namespace {

/// Whether the ticket was sent to the address that the account has now.
bool is_for(const Ticket& ticket, const Account& account) {
  const auto payload = json::parse(ticket.payload);
  const json::Value* key = payload ? payload->find("email_key") : nullptr;
  return ticket.user == account.id && key != nullptr && key->text == account.email_key;
}

bool may_reset(const Account& account) { return account.status == AccountStatus::active || account.status == AccountStatus::pending; }

}  // namespace

Result<void> Accounts::request_password_reset(std::string_view email, const Context& context) const {
  AUTHKIT_TRY(impl_->require_delivery());
  AUTHKIT_TRY_ASSIGN(const std::string key, canonical_email(email));
  AUTHKIT_TRY(impl_->limiter->mail("reset_password", key, context));
  const Time now = impl_->clock();
  return in_transaction(*impl_->work, context, [&](Tx& tx) -> Result<void> {
    AUTHKIT_TRY_ASSIGN(const auto account, impl_->accounts->find_by_login(key, context));
    const bool known = account && account->email_key == key && may_reset(*account);
    const Impl::Note note{.action = "password.reset_requested", .subject = known ? account->id : UserId{}, .actor = {}, .success = known};
    AUTHKIT_TRY(impl_->record(tx, note, now, context));
    if (!known) return {};
    // The newest one counts: what was sent before may be in other hands.
    AUTHKIT_TRY(impl_->tickets->erase_by_user(tx, account->id, TicketKind::reset_password));
    AUTHKIT_TRY_ASSIGN(const TicketId ticket, impl_->ticket_office.issue(tx, {.kind = TicketKind::reset_password,
                                                                              .user = account->id,
                                                                              .payload = R"({"email_key":)" + json_quote(key) + "}",
                                                                              .now = now,
                                                                              .lifetime = impl_->options.reset_lifetime}));
    // To the address as stored, whatever was typed (CVE-2019-19844).
    return impl_->notify(
        tx, {.kind = "reset_password", .user = account->id, .to = account->email, .ticket = ticket, .ticket_kind = TicketKind::reset_password}, now,
        context);
  });
}

Result<void> Accounts::reset_password(const PasswordReset& reset, const Context& context) const {
  const Time now = impl_->clock();
  AUTHKIT_TRY_ASSIGN(const Ticket ticket, impl_->ticket_office.find(reset.token, TicketKind::reset_password, now, context));
  AUTHKIT_TRY_ASSIGN(const auto account, impl_->accounts->find(ticket.user, context));
  if (!account || !may_reset(*account) || !is_for(ticket, *account)) return Errc::ticket_invalid;
  AUTHKIT_TRY(impl_->check_new_password(*account, reset.new_password));
  // What was set up before the owner came, by whoever it was, does not bind the owner.
  const bool first_proof = !account->email_verified_at.has_value();
  const bool second_factor = account->totp_factors > 0 && !first_proof;
  if (second_factor && reset.mfa_code.empty()) return Error{Errc::mfa_required, "send mfa_method and mfa_code along"};
  Attempt attempt;
  if (second_factor) {
    AUTHKIT_TRY_ASSIGN(attempt, impl_->limiter->code(account->id, context));
  }
  AUTHKIT_TRY(impl_->before("reset_password", *account, context));
  AUTHKIT_TRY_ASSIGN(const std::string hash, impl_->passwords->hash(reset.new_password));

  const Impl::Note note{.action = "password.reset", .subject = account->id, .actor = to_text(account->id)};
  const auto done = in_transaction(*impl_->work, context, [&](Tx& tx) -> Result<Account> {
    AUTHKIT_TRY_ASSIGN(auto changed, impl_->accounts->find(ticket.user, context));
    if (!changed || !may_reset(*changed) || !is_for(ticket, *changed)) return Errc::ticket_invalid;
    AUTHKIT_TRY(impl_->ticket_office.take(tx, ticket));
    if (second_factor) AUTHKIT_TRY(impl_->use_second_factor(tx, *changed, reset.mfa_method, reset.mfa_code, now, context));
    if (first_proof) {
      AUTHKIT_TRY(impl_->factors->erase_all(tx, changed->id));
      AUTHKIT_TRY(impl_->factors->set_recovery_codes(tx, changed->id, {}, now));
      changed->totp_factors = changed->recovery_codes_left = 0;
      changed->email_verified_at = now;
      changed->status = AccountStatus::active;
    }
    impl_->replace_password(*changed, hash, now);
    changed->updated_at = now;
    ++changed->auth_epoch;
    AUTHKIT_TRY(impl_->update(tx, *changed, now));
    AUTHKIT_TRY(impl_->end_all_sessions(tx, *changed, now));
    AUTHKIT_TRY(impl_->tickets->erase_by_user(tx, changed->id, TicketKind::reset_password));
    AUTHKIT_TRY(impl_->tickets->erase_by_user(tx, changed->id, TicketKind::log_in));
    if (first_proof) AUTHKIT_TRY(impl_->tickets->erase_by_user(tx, changed->id, TicketKind::verify_email));
    AUTHKIT_TRY(impl_->record(tx, note, now, context));
    AUTHKIT_TRY(impl_->notify(tx, {.kind = "password_changed", .user = changed->id, .to = changed->email}, now, context));
    AUTHKIT_TRY(impl_->within("reset_password", *changed, tx, context));
    return *std::move(changed);
  });
  if (done || is_ours(done.error())) attempt.forgive(context);
  if (!done) return done.error();
  impl_->after("reset_password", *done, context);
  return {};
}

}  // namespace authkit
