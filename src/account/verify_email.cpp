#include "authkit/json.hpp"

#include "account/flows.hpp"
#include "core/json.hpp"

#include <fmt/format.h>

namespace authkit {
namespace {

constexpr TicketKind kind = TicketKind::verify_email;

std::string text_of(const json::Value& object, std::string_view name) {
  const json::Value* member = object.find(name);
  return member == nullptr ? std::string() : member->text;
}

bool can_verify(const Account& account) {
  return !account.email_verified_at && (account.status == AccountStatus::pending || account.status == AccountStatus::active);
}

}  // namespace

/// `choices`: what a sign-up chose, as a JSON object. It counts once that sign-up's own ticket comes back, so that nobody who signs up another's
/// address first chooses the password of the account (pre-hijacking).
Result<void> Accounts::Impl::send_verification(Tx& tx, const Account& account, const std::string& choices, Time now, const Context& context) const {
  if (!can_notify) return {};
  AUTHKIT_TRY_ASSIGN(const TicketId ticket,
                     ticket_office.issue(tx, {.kind = kind,
                                              .user = account.id,
                                              .payload = fmt::format(R"({{"email_key":{},"choices":{}}})", json_quote(account.email_key), choices),
                                              .now = now,
                                              .lifetime = options.verification_lifetime}));
  return notify(tx, {.kind = "verify_email", .user = account.id, .to = account.email, .ticket = ticket, .ticket_kind = kind}, now, context);
}

Result<void> Accounts::Impl::sign_up_unverified(const Account& account, const Context& context) const {
  AUTHKIT_TRY(require_delivery());
  AUTHKIT_TRY(limiter->mail("verify_email", account.email_key, context));
  const Time now = account.created_at;
  const std::string choices = fmt::format(R"({{"password_hash":{},"profile":{}}})", json_quote(account.password_hash), json_quote(account.profile));
  Account pending = account;
  pending.status = AccountStatus::pending;
  return in_transaction(*work, context, [&](Tx& tx) -> Result<void> {
    AUTHKIT_TRY_ASSIGN(const auto known, accounts->find_by_login(account.email_key, context));
    if (!known || known->email_key != account.email_key) {
      auto inserted = accounts->insert(tx, pending);
      if (!inserted) return inserted.error().code == Errc::email_taken ? Error(Errc::store_conflict) : inserted.error();
      AUTHKIT_TRY(record(tx, {.action = "user.registered", .subject = account.id, .actor = to_text(account.id)}, now, context));
      AUTHKIT_TRY(send_verification(tx, pending, choices, now, context));
      return within("register", pending, tx, context);
    }
    AUTHKIT_TRY(record(tx, {.action = "user.registered", .subject = known->id, .actor = {}, .success = false}, now, context));
    if (known->status == AccountStatus::pending) return send_verification(tx, *known, choices, now, context);
    return notify(tx, {.kind = "account_exists", .user = known->id, .to = known->email}, now, context);
  });
}

Result<void> Accounts::Impl::verify(const Ticket& ticket, const Context& context) const {
  const auto payload = json::parse(ticket.payload);
  if (!payload) return Errc::ticket_invalid;
  const Time now = clock();
  const auto done = in_transaction(*work, context, [&](Tx& tx) -> Result<Account> {
    AUTHKIT_TRY_ASSIGN(auto account, accounts->find(ticket.user, context));
    if (!account || !can_verify(*account) || account->email_key != text_of(*payload, "email_key")) return Errc::ticket_invalid;
    AUTHKIT_TRY(ticket_office.take(tx, ticket));
    const json::Value* choices = payload->find("choices");
    if (account->status == AccountStatus::pending && choices != nullptr) {
      if (const std::string hash = text_of(*choices, "password_hash"); !hash.empty()) account->password_hash = hash;
      if (const std::string profile = text_of(*choices, "profile"); !profile.empty()) account->profile = profile;
    }
    account->status = AccountStatus::active;
    account->email_verified_at = account->updated_at = now;
    AUTHKIT_TRY(update(tx, *account, now));
    AUTHKIT_TRY(tickets->erase_by_user(tx, account->id, kind));
    AUTHKIT_TRY(record(tx, {.action = "email.verified", .subject = account->id, .actor = to_text(account->id)}, now, context));
    AUTHKIT_TRY(within("verify_email", *account, tx, context));
    return *std::move(account);
  });
  if (!done) return done.error();
  after("verify_email", *done, context);
  return {};
}

Result<void> Accounts::verify_email(std::string_view token, const Context& context) const {
  AUTHKIT_TRY_ASSIGN(const Ticket ticket, impl_->ticket_office.find(token, kind, impl_->clock(), context));
  return impl_->verify(ticket, context);
}

Result<void> Accounts::verify_email(std::string_view email, std::string_view code, const Context& context) const {
  const auto key = canonical_email(email);
  if (!key) return Errc::ticket_invalid;
  AUTHKIT_TRY_ASSIGN(const auto account, impl_->accounts->find_by_login(*key, context));
  // Guesses about an address without an account are counted alike.
  const UserId counted = account ? account->id : UserId{hash128(as_bytes(*key))};
  AUTHKIT_TRY_ASSIGN(Attempt attempt, impl_->limiter->code(counted, context));
  if (!account || account->email_key != *key) return Errc::ticket_invalid;
  auto ticket = impl_->ticket_office.find_by_code(account->id, kind, code, impl_->clock(), context);
  if (!ticket) {
    if (is_ours(ticket.error())) attempt.forgive(context);
    return ticket.error();
  }
  attempt.forgive(context);
  return impl_->verify(*ticket, context);
}

Result<void> Accounts::resend_verification(std::string_view email, const Context& context) const {
  AUTHKIT_TRY(impl_->require_delivery());
  AUTHKIT_TRY_ASSIGN(const std::string key, canonical_email(email));
  AUTHKIT_TRY(impl_->limiter->mail("verify_email", key, context));
  const Time now = impl_->clock();
  return in_transaction(*impl_->work, context, [&](Tx& tx) -> Result<void> {
    AUTHKIT_TRY_ASSIGN(const auto account, impl_->accounts->find_by_login(key, context));
    const bool due = account && account->email_key == key && can_verify(*account);
    AUTHKIT_TRY(impl_->record(tx, {.action = "email.verification_requested", .subject = due ? account->id : UserId{}, .actor = {}, .success = due},
                              now, context));
    if (!due) return {};
    AUTHKIT_TRY_ASSIGN(const auto newest, impl_->tickets->find_by_user(account->id, kind, 1, context));
    const auto payload = newest.empty() ? json::parse("{}") : json::parse(newest.front().payload);
    const json::Value* choices = payload ? payload->find("choices") : nullptr;
    return impl_->send_verification(tx, *account, choices == nullptr ? "{}" : json::write(*choices), now, context);
  });
}

}  // namespace authkit
