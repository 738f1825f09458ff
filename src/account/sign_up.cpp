#include "account/flows.hpp"
#include "core/json.hpp"
#include "core/random.hpp"

#include <algorithm>

namespace authkit {
namespace {

constexpr std::size_t max_profile = 16 * 1024;
constexpr std::size_t max_roles = 64;
constexpr std::size_t max_role = 64;

Result<std::string> checked_profile(std::string_view profile) {
  if (profile.size() > max_profile) return Error{Errc::profile_invalid, "the profile is larger than 16 KiB"};
  auto parsed = json::parse(profile);
  if (!parsed) return Error{Errc::profile_invalid, std::move(parsed).error().detail};
  if (parsed->kind != json::Kind::object) return Error{Errc::profile_invalid, "the profile must be a JSON object"};
  if (!json::find_nul(*parsed, 1).empty()) return Error{Errc::profile_invalid, "the profile must not hold U+0000"};
  return json::write(*parsed);
}

/// Roles travel in tokens and are compared byte by byte: plain ASCII words, so that each has one spelling.
bool valid_role(std::string_view role) {
  return !role.empty() && role.size() <= max_role &&
         std::all_of(role.begin(), role.end(), [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\'; });
}

Result<void> check_roles(const std::vector<std::string>& roles) {
  if (roles.size() <= max_roles && std::all_of(roles.begin(), roles.end(), valid_role)) return {};
  Error error{Errc::field_invalid};
  error.fields.push_back({"/roles", "invalid", "at most 64 roles of 1 to 64 printable ASCII characters without blanks, quotes and backslashes"});
  return error;
}

/// Whether the attempt failed for reasons that are not the client's.
bool is_ours(const Error& error) {
  const ErrorKind kind = info(error.code).kind;
  return kind == ErrorKind::limit || kind == ErrorKind::backend || kind == ErrorKind::internal;
}

}  // namespace

Result<Account> Accounts::Impl::draft(const Registration& registration, Time now) const {
  Account account;
  AUTHKIT_TRY_ASSIGN(account.email_key, canonical_email(registration.email));
  if (!registration.username.empty()) {
    AUTHKIT_TRY_ASSIGN(account.username_key, canonical_username(registration.username));
  }
  AUTHKIT_TRY_ASSIGN(account.profile, checked_profile(registration.profile));
  AUTHKIT_TRY(check_policy(options.policy, registration.password));
  AUTHKIT_TRY_ASSIGN(account.id, new_user_id(now));
  account.email = registration.email;
  account.username = registration.username;
  account.created_at = account.updated_at = account.password_changed_at = now;
  return account;
}

Result<void> Accounts::Impl::insert(std::string_view flow, const Account& account, const Note& note, const Context& context) const {
  return in_transaction(*work, context, [&](Tx& tx) -> Result<void> {
    AUTHKIT_TRY(accounts->insert(tx, account));
    AUTHKIT_TRY(record(tx, note, account.created_at, context));
    return within(flow, account, tx, context);
  });
}

Result<Account> Accounts::sign_up(const Registration& registration, const Context& context) const {
  if (!impl_->options.sign_up) return Errc::signup_disabled;
  AUTHKIT_TRY_ASSIGN(Account account, impl_->draft(registration, impl_->clock()));
  AUTHKIT_TRY_ASSIGN(Attempt attempt, impl_->limiter->sign_up(context));

  const Result<void> stored = [&]() -> Result<void> {
    // Before anything tells whether the address is taken: both cases cost a hash.
    AUTHKIT_TRY_ASSIGN(account.password_hash, impl_->passwords->hash(registration.password));
    AUTHKIT_TRY(impl_->before("register", account, context));
    return impl_->insert("register", account, {.action = "user.registered", .subject = account.id, .actor = to_text(account.id)}, context);
  }();
  if (!stored) {
    if (is_ours(stored.error())) attempt.forgive(context);
    return stored.error();
  }
  impl_->after("register", account, context);
  return without_hash(std::move(account));
}

Result<Account> Accounts::create(const NewAccount& wanted, const Context& context) const {
  AUTHKIT_TRY(check_roles(wanted.roles));
  AUTHKIT_TRY_ASSIGN(Account account, impl_->draft(wanted, impl_->clock()));
  account.roles = wanted.roles;
  if (wanted.email_verified) account.email_verified_at = account.created_at;
  AUTHKIT_TRY_ASSIGN(account.password_hash, impl_->passwords->hash(wanted.password));
  AUTHKIT_TRY(impl_->insert("create", account, {.action = "user.created", .subject = account.id, .actor = "system"}, context));
  return without_hash(std::move(account));
}

}  // namespace authkit
