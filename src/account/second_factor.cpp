#include "account/flows.hpp"
#include "core/json.hpp"
#include "core/random.hpp"
#include "factor/qr_code.hpp"
#include "factor/recovery_codes.hpp"
#include "factor/totp.hpp"

#include <algorithm>
#include <array>

namespace authkit {
namespace {

constexpr std::size_t max_factors = 5;
constexpr std::size_t max_label = 64;
constexpr Duration setup_time{10 * 60'000};

Error bad_label() {
  Error error{Errc::field_invalid};
  error.fields.push_back({"/label", "too_long", "at most 64 bytes"});
  return error;
}

}  // namespace

std::string Accounts::Impl::factor_name(const UserId& user, const FactorId& id) const {
  return std::string("factor ").append(to_text(user)).append(" ").append(to_text(id));
}

Result<std::optional<std::uint64_t>> Accounts::Impl::match_totp(const Factor& factor, std::string_view code, Time now) const {
  AUTHKIT_TRY_ASSIGN(const Secret secret, unseal(as_bytes(factor_key), factor_name(factor.user, factor.id), factor.sealed));
  return totp::match(secret.bytes(), code, now, factor.last_step);
}

Result<void> Accounts::Impl::use_second_factor(Tx& tx, Account& account, std::string_view method, std::string_view code, Time now,
                                               const Context& context) const {
  if (method == "recovery_code") {
    AUTHKIT_TRY_ASSIGN(const bool used, factors->use_recovery_code(tx, account.id, recovery_codes::digest(as_bytes(ticket_key), code), now));
    if (!used) return Errc::mfa_code_invalid;
    account.recovery_codes_left -= std::min<std::uint32_t>(account.recovery_codes_left, 1);
    AUTHKIT_TRY(record(tx, {.action = "recovery_code.used", .subject = account.id, .actor = to_text(account.id)}, now, context));
    return notify(tx, {.kind = "recovery_code_used", .user = account.id, .to = account.email}, now, context);
  }
  if (method != "totp") return Errc::mfa_code_invalid;
  AUTHKIT_TRY_ASSIGN(const auto known, factors->list(account.id, context));
  for (const Factor& factor : known) {
    if (!factor.confirmed_at) continue;
    AUTHKIT_TRY_ASSIGN(const auto step, match_totp(factor, code, now));
    if (!step) continue;
    AUTHKIT_TRY_ASSIGN(const bool used, factors->use_step(tx, account.id, factor.id, *step, std::nullopt));
    if (used) return {};
  }
  return Errc::mfa_code_invalid;
}

Result<std::vector<std::string>> Accounts::Impl::new_recovery_codes(Tx& tx, Account& account, Time now) const {
  AUTHKIT_TRY_ASSIGN(auto codes, recovery_codes::make());
  std::vector<Digest256> digests;
  for (const std::string& code : codes) digests.push_back(recovery_codes::digest(as_bytes(ticket_key), code));
  AUTHKIT_TRY(factors->set_recovery_codes(tx, account.id, digests, now));
  account.recovery_codes_left = static_cast<std::uint32_t>(codes.size());
  return codes;
}

Result<Grant> Accounts::Impl::store_factors(Tx& tx, Account& account, const Identity& identity, std::string_view action, std::string_view notice,
                                            Time now, const Context& context) const {
  account.updated_at = now;
  ++account.auth_epoch;
  AUTHKIT_TRY(update(tx, account, now));
  AUTHKIT_TRY(record(tx, {.action = action, .subject = account.id, .actor = to_text(account.id)}, now, context));
  AUTHKIT_TRY_ASSIGN(Grant grant, renew_session(tx, account, identity, true, now, context));
  AUTHKIT_TRY(tickets->erase_by_user(tx, account.id, TicketKind::log_in));
  AUTHKIT_TRY(notify(tx, {.kind = notice, .user = account.id, .to = account.email}, now, context));
  return grant;
}

Result<TotpEnrolment> Accounts::enroll_totp(const Identity& identity, std::string_view label, const Context& context) const {
  if (label.size() > max_label) return bad_label();
  AUTHKIT_TRY(impl_->require_recent_login(identity));
  AUTHKIT_TRY_ASSIGN(const Account account, impl_->current_account(identity, context));
  const Time now = impl_->clock();

  Factor factor;
  AUTHKIT_TRY_ASSIGN(factor.id, random_id<FactorId>());
  factor.user = account.id;
  factor.label = label;
  factor.created_at = now;
  std::array<std::uint8_t, totp::secret_size> bytes;
  AUTHKIT_TRY(random_bytes(bytes));
  const Secret secret(bytes);
  wipe(bytes.data(), bytes.size());
  AUTHKIT_TRY_ASSIGN(factor.sealed, seal(as_bytes(impl_->factor_key), impl_->factor_name(account.id, factor.id), secret.bytes()));

  const auto begun = in_transaction(*impl_->work, context, [&](Tx& tx) -> Result<void> {
    AUTHKIT_TRY_ASSIGN(const auto known, impl_->factors->list(account.id, context));
    const auto counts = [&](const Factor& one) { return one.confirmed_at || now - one.created_at < setup_time; };
    if (static_cast<std::size_t>(std::count_if(known.begin(), known.end(), counts)) >= max_factors) return Errc::factor_limit;
    AUTHKIT_TRY(impl_->factors->insert(tx, factor));
    return impl_->record(tx, {.action = "mfa.enrolment_begun", .subject = account.id, .actor = to_text(account.id)}, now, context);
  });
  if (!begun) return begun.error();
  TotpEnrolment enrolment;
  enrolment.factor = factor.id;
  enrolment.secret = totp::base32(secret.bytes());
  enrolment.otpauth_uri = totp::otpauth_uri(impl_->service_name, account.email, secret.bytes());
  enrolment.qr_svg = qr_svg(enrolment.otpauth_uri);
  enrolment.expires_at = now + setup_time;
  return enrolment;
}

Result<TotpConfirmed> Accounts::confirm_totp(const Identity& identity, const FactorId& id, std::string_view code, const Context& context) const {
  AUTHKIT_TRY_ASSIGN(const Account account, impl_->current_account(identity, context));
  const Time now = impl_->clock();
  AUTHKIT_TRY_ASSIGN(const auto known, impl_->factors->list(account.id, context));
  const auto factor = std::find_if(known.begin(), known.end(), [&](const Factor& one) { return one.id == id; });
  if (factor == known.end() || factor->confirmed_at || now - factor->created_at >= setup_time) return Errc::not_found;
  AUTHKIT_TRY_ASSIGN(Attempt attempt, impl_->limiter->code(account.id, context));
  AUTHKIT_TRY_ASSIGN(const auto step, impl_->match_totp(*factor, code, now));
  if (!step) return Errc::mfa_setup_code_invalid;
  attempt.forgive(context);

  return in_transaction(*impl_->work, context, [&](Tx& tx) -> Result<TotpConfirmed> {
    AUTHKIT_TRY_ASSIGN(Account changed, impl_->current_account(identity, context));
    AUTHKIT_TRY_ASSIGN(const bool used, impl_->factors->use_step(tx, changed.id, id, *step, now));
    if (!used) return Errc::mfa_setup_code_invalid;
    ++changed.totp_factors;
    TotpConfirmed confirmed;
    if (changed.recovery_codes_left == 0) {
      AUTHKIT_TRY_ASSIGN(confirmed.recovery_codes, impl_->new_recovery_codes(tx, changed, now));
    }
    AUTHKIT_TRY_ASSIGN(confirmed.grant, impl_->store_factors(tx, changed, identity, "mfa.enabled", "mfa_enabled", now, context));
    return confirmed;
  });
}

Result<Grant> Accounts::remove_totp(const Identity& identity, const FactorId& id, const Context& context) const {
  AUTHKIT_TRY(impl_->require_recent_login(identity));
  const Time now = impl_->clock();
  return in_transaction(*impl_->work, context, [&](Tx& tx) -> Result<Grant> {
    AUTHKIT_TRY_ASSIGN(Account changed, impl_->current_account(identity, context));
    AUTHKIT_TRY_ASSIGN(const auto known, impl_->factors->list(changed.id, context));
    const bool confirmed = std::any_of(known.begin(), known.end(), [&](const Factor& one) { return one.id == id && one.confirmed_at; });
    if (!confirmed) return Errc::not_found;
    AUTHKIT_TRY(impl_->factors->erase(tx, changed.id, id));
    changed.totp_factors -= std::min<std::uint32_t>(changed.totp_factors, 1);
    if (changed.totp_factors == 0) {
      AUTHKIT_TRY(impl_->factors->set_recovery_codes(tx, changed.id, {}, now));
      changed.recovery_codes_left = 0;
    }
    return impl_->store_factors(tx, changed, identity, "mfa.disabled", "mfa_disabled", now, context);
  });
}

Result<std::vector<std::string>> Accounts::renew_recovery_codes(const Identity& identity, const Context& context) const {
  AUTHKIT_TRY(impl_->require_recent_login(identity));
  const Time now = impl_->clock();
  return in_transaction(*impl_->work, context, [&](Tx& tx) -> Result<std::vector<std::string>> {
    AUTHKIT_TRY_ASSIGN(Account changed, impl_->current_account(identity, context));
    if (changed.totp_factors == 0) return Errc::not_found;
    AUTHKIT_TRY_ASSIGN(auto codes, impl_->new_recovery_codes(tx, changed, now));
    changed.updated_at = now;
    AUTHKIT_TRY(impl_->update(tx, changed, now));
    AUTHKIT_TRY(impl_->record(tx, {.action = "mfa.recovery_codes_renewed", .subject = changed.id, .actor = to_text(changed.id)}, now, context));
    return codes;
  });
}

Result<std::vector<Factor>> Accounts::factors(const UserId& user, const Context& context) const {
  AUTHKIT_TRY_ASSIGN(auto known, impl_->factors->list(user, context));
  std::erase_if(known, [](const Factor& one) { return !one.confirmed_at; });
  for (Factor& one : known) one.sealed.clear();
  return known;
}

Result<void> Accounts::reset_mfa(const UserId& user, std::string_view actor, const Context& context) const {
  const Time now = impl_->clock();
  return in_transaction(*impl_->work, context, [&](Tx& tx) -> Result<void> {
    AUTHKIT_TRY_ASSIGN(auto account, impl_->accounts->find(user, context));
    if (!account || account->status == AccountStatus::deleted) return Errc::not_found;
    AUTHKIT_TRY(impl_->factors->erase_all(tx, user));
    AUTHKIT_TRY(impl_->factors->set_recovery_codes(tx, user, {}, now));
    account->totp_factors = account->recovery_codes_left = 0;
    account->updated_at = now;
    ++account->auth_epoch;
    AUTHKIT_TRY(impl_->update(tx, *account, now));
    AUTHKIT_TRY(impl_->end_all_sessions(tx, *account, now));
    AUTHKIT_TRY(impl_->tickets->erase_by_user(tx, user, TicketKind::log_in));
    AUTHKIT_TRY(impl_->record(tx, {.action = "mfa.reset", .subject = user, .actor = std::string(actor)}, now, context));
    return impl_->notify(tx, {.kind = "mfa_disabled", .user = user, .to = account->email}, now, context);
  });
}

}  // namespace authkit
