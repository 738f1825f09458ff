#include "authkit/json.hpp"

#include "account/flows.hpp"
#include "core/json.hpp"
#include "core/printable.hpp"

#include <fmt/format.h>

namespace authkit {
namespace {

/// What a first step leaves for the second.
struct FirstStep {
  Transport transport;
  std::string client;
  std::uint64_t epoch;
};

std::string write(const Login& login, const Account& account) {
  return fmt::format(R"({{"cookie":{},"client":{},"epoch":"{}"}})", login.transport == Transport::cookie ? 1 : 0,
                     json_quote(printable(login.device_name, 128)), account.auth_epoch);
}

std::optional<FirstStep> read(std::string_view payload) {
  const auto parsed = json::parse(payload);
  if (!parsed) return std::nullopt;
  const json::Value* cookie = parsed->find("cookie");
  const json::Value* client = parsed->find("client");
  const json::Value* epoch = parsed->find("epoch");
  if (cookie == nullptr || client == nullptr || epoch == nullptr) return std::nullopt;
  return FirstStep{cookie->integer() == 1 ? Transport::cookie : Transport::bearer, client->text, std::strtoull(epoch->text.c_str(), nullptr, 10)};
}

}  // namespace

Error Accounts::Impl::begin_second_step(const Account& account, const Login& login, bool needs_rehash, const Context& context) const {
  const std::string better = needs_rehash ? passwords->hash(login.password).value_or(std::string()) : std::string();
  const Time now = clock();
  const auto ticket = in_transaction(*work, context, [&](Tx& tx) -> Result<TicketId> {
    if (!better.empty()) AUTHKIT_TRY(store_hash(tx, account, better, now));
    return ticket_office.issue(
        tx, {.kind = TicketKind::log_in, .user = account.id, .payload = write(login, account), .now = now, .lifetime = options.login_step_lifetime});
  });
  if (!ticket) return ticket.error();
  Error due{Errc::mfa_required};
  due.members = fmt::format(R"({{"mfa_token":{},"methods":["totp","recovery_code"],"expires_in":{}}})",
                            json_quote(ticket_office.text_of(*ticket, TicketKind::log_in)),
                            std::chrono::floor<std::chrono::seconds>(options.login_step_lifetime).count());
  return due;
}

Result<Grant> Accounts::verify_mfa(const SecondFactor& factor, const Context& context) const {
  const Time now = impl_->clock();
  const auto ticket = impl_->ticket_office.find(factor.mfa_token, TicketKind::log_in, now, context);
  if (!ticket) return ticket.error().code == Errc::ticket_invalid ? Error(Errc::mfa_token_expired) : ticket.error();
  const auto step = read(ticket->payload);
  const auto current = [&]() -> Result<Account> {
    AUTHKIT_TRY_ASSIGN(auto account, impl_->accounts->find(ticket->user, context));
    if (!account || account->status != AccountStatus::active || !step || account->auth_epoch != step->epoch) return Errc::mfa_token_expired;
    return *std::move(account);
  };
  AUTHKIT_TRY_ASSIGN(const Account account, current());
  // Counted over all logins of the account: several first steps give no further guesses (CVE-2024-32868).
  AUTHKIT_TRY_ASSIGN(Attempt attempt, impl_->limiter->code(account.id, context));
  AUTHKIT_TRY(impl_->before("login", account, context));

  SessionRequest request;
  request.user = account.id;
  request.epoch = account.auth_epoch;
  request.transport = step->transport;
  request.client = step->client;
  request.amr = "pwd otp";
  auto grant = in_transaction(*impl_->work, context, [&](Tx& tx) -> Result<Grant> {
    AUTHKIT_TRY_ASSIGN(Account changed, current());
    const auto taken = impl_->ticket_office.take(tx, *ticket);
    if (!taken) return taken.error().code == Errc::ticket_invalid ? Error(Errc::mfa_token_expired) : taken.error();
    const std::uint32_t codes_left = changed.recovery_codes_left;
    AUTHKIT_TRY(impl_->use_second_factor(tx, changed, factor.method, factor.code, now, context));
    if (changed.recovery_codes_left != codes_left) AUTHKIT_TRY(impl_->update(tx, changed, now));
    return impl_->open_session(tx, changed, request, now, context);
  });
  if (!grant && grant.error().code == Errc::mfa_code_invalid) {
    const Impl::Note note{.action = "login.failed", .subject = account.id, .actor = {}, .success = false, .data = R"({"reason":"code"})"};
    AUTHKIT_TRY(in_transaction(*impl_->work, context, [&](Tx& tx) { return impl_->record(tx, note, now, context); }));
    return grant;
  }
  attempt.forgive(context);
  if (!grant) return grant.error().code == Errc::not_found ? Error(Errc::mfa_token_expired) : grant.error();
  grant->account.last_login_at = now;
  impl_->after("login", grant->account, context);
  return grant;
}

}  // namespace authkit
