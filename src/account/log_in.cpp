#include "account/flows.hpp"
#include "account/known_device.hpp"
#include "core/hex.hpp"
#include "core/random.hpp"

#include <optional>

namespace authkit {
namespace {

/// What attempts are counted by: the account itself however it is spelled, apart for a device that it knows; else the name that was tried.
/// The prefixes keep the kinds apart.
std::string limit_key(const std::optional<Account>& account, const std::optional<DeviceId>& device, const std::optional<std::string>& key,
                      std::string_view typed) {
  if (account) return "account " + to_text(account->id) + (device ? " device " + hex::encode(*device) : std::string());
  return key ? "login " + *key : "bytes " + std::string(typed);
}

Result<DeviceId> new_device() {
  DeviceId device;
  AUTHKIT_TRY(random_bytes(device));
  return device;
}

struct Verdict {
  Result<Verified> verified;
  std::string_view reason;  ///< for the audit log only
};

/// One KDF run whatever the account is like, so that neither the time nor the answer tells the cases apart.
Verdict check_password(const Passwords& passwords, const std::optional<Account>& account, std::string_view password) {
  if (!account) return {passwords.verify_absent(password), "unknown"};
  if (account->password_hash.empty()) return {passwords.verify_absent(password), "no_password"};
  auto verified = passwords.verify(password, account->password_hash);
  if (!verified && verified.error().code == Errc::password_hash_invalid) return {passwords.verify_absent(password), "hash_invalid"};
  if (verified && account->status == AccountStatus::pending) return {Errc::email_not_verified, "pending"};
  if (verified && account->status != AccountStatus::active) return {Errc::invalid_credentials, "not_active"};
  return {std::move(verified), "password"};
}

}  // namespace

Result<Grant> Accounts::log_in(const Login& login, const Context& context) const {
  const auto key = canonical_login(login.login);
  std::optional<Account> account;
  if (key) {
    AUTHKIT_TRY_ASSIGN(account, impl_->accounts->find_by_login(*key, context));
  }
  const auto device = account ? known_device(login.device_token, account->id, impl_->tokens->keys().snapshot()->macs) : std::nullopt;
  // A place is taken before the hash runs. Attempts over the limit leave no event: the log must not grow at the pace of an attacker.
  AUTHKIT_TRY_ASSIGN(Attempt attempt, impl_->limiter->login(limit_key(account, device, key, login.login), context));

  const auto [verified, reason] = check_password(*impl_->passwords, account, login.password);
  const Errc refused = verified ? Errc{} : verified.error().code;
  if (refused == Errc::invalid_credentials || refused == Errc::email_not_verified) {
    const Impl::Note note{.action = "login.failed",
                          .subject = account ? account->id : UserId{},
                          .actor = {},
                          .success = false,
                          .data = R"({"reason":")" + std::string(reason) + R"("})"};
    // When this cannot be recorded, its error is the answer: a guess that leaves no trace must not learn whether it was right.
    AUTHKIT_TRY(in_transaction(*impl_->work, context, [&](Tx& tx) { return impl_->record(tx, note, impl_->clock(), context); }));
    if (refused == Errc::email_not_verified) attempt.forgive(context);
    return refused;
  }
  // Right, or never looked at: neither is a failed guess.
  if (!verified || account->totp_factors > 0) attempt.forgive(context);
  if (!verified) return verified.error();
  const bool needs_rehash = verified->needs_rehash;

  if (account->totp_factors > 0) return impl_->begin_second_step(*account, login, needs_rehash, context);
  const auto let_in = [&]() -> Result<Grant> {
    AUTHKIT_TRY(impl_->before("login", *account, context));
    return impl_->start_session(*account, login, needs_rehash, attempt, context);
  };
  auto grant = let_in();
  attempt.forgive(context);  // unless the session's unit of work did
  if (!grant) return grant;
  if (const auto known = device ? Result<DeviceId>(*device) : new_device())
    grant->device_token = device_token(*known, account->id, impl_->tokens->keys().snapshot()->macs.front());
  impl_->after("login", *account, context);
  return grant;
}

Result<Grant> Accounts::Impl::start_session(const Account& account, const Login& login, bool needs_rehash, Attempt& attempt,
                                            const Context& context) const {
  // A better hash is a convenience: where it cannot be made now, the next login tries again.
  const std::string better = needs_rehash ? passwords->hash(login.password).value_or(std::string()) : std::string();
  const Time now = clock();
  SessionRequest request;
  request.user = account.id;
  // The epoch the password was checked under: should it pass meanwhile, what is made here is refused.
  request.epoch = account.auth_epoch;
  request.transport = login.transport;
  request.client = login.device_name;

  auto grant = in_transaction(*work, context, [&](Tx& tx) -> Result<Grant> {
    if (!better.empty()) AUTHKIT_TRY(store_hash(tx, account, better, now));
    attempt.forgive_with(tx, context);
    return open_session(tx, account, request, now, context);
  });
  if (!grant) return grant.error().code == Errc::not_found ? Error(Errc::invalid_credentials) : grant.error();
  grant->account.last_login_at = now;
  return grant;
}

Result<Grant> Accounts::Impl::open_session(Tx& tx, const Account& account, const SessionRequest& request, Time now, const Context& context) const {
  AUTHKIT_TRY(accounts->set_last_login(tx, account.id, now));
  AUTHKIT_TRY_ASSIGN(auto session, sessions->create(tx, request, context));
  const Note note{.action = "session.created", .subject = account.id, .actor = to_text(account.id), .data = session_data(session.record.id)};
  AUTHKIT_TRY(record(tx, note, now, context));
  AUTHKIT_TRY(within("login", account, tx, context));
  IssuedToken access;
  if (request.transport == Transport::bearer) {
    AUTHKIT_TRY_ASSIGN(access, issue(account, session.record));
  }
  return make_grant(account, std::move(session), std::move(access));
}

Result<void> Accounts::Impl::store_hash(Tx& tx, Account account, const std::string& hash, Time now) const {
  account.password_hash = hash;
  auto stored = update(tx, account, now);
  // Changed by someone else in between: the next login tries again.
  return stored || stored.error().code != Errc::store_conflict ? stored : Result<void>();
}

}  // namespace authkit
