#include "account/flows.hpp"
#include "core/json.hpp"
#include "core/random.hpp"

#include <algorithm>
#include <set>

namespace authkit {
namespace {

constexpr std::size_t max_profile = 16 * 1024;
constexpr std::size_t max_roles = 64;
constexpr std::size_t max_role = 64;

/// Roles travel in tokens and are compared byte by byte: plain ASCII words, so that each has one spelling.
bool valid_role(std::string_view role) {
  return !role.empty() && role.size() <= max_role &&
         std::all_of(role.begin(), role.end(), [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\'; });
}

}  // namespace

Result<std::string> checked_profile(std::string_view profile) {
  if (profile.size() > max_profile) return Error{Errc::profile_invalid, "the profile is larger than 16 KiB"};
  auto parsed = json::parse(profile);
  if (!parsed) return Error{Errc::profile_invalid, std::move(parsed).error().detail};
  if (parsed->kind != json::Kind::object) return Error{Errc::profile_invalid, "the profile must be a JSON object"};
  if (!json::find_nul(*parsed, 1).empty()) return Error{Errc::profile_invalid, "the profile must not hold U+0000"};
  return json::write(*parsed);
}

Result<void> check_roles(const std::vector<std::string>& roles) {
  if (roles.size() <= max_roles && std::all_of(roles.begin(), roles.end(), valid_role)) return {};
  Error error{Errc::field_invalid};
  error.fields.push_back({"/roles", "invalid", "at most 64 roles of 1 to 64 printable ASCII characters without blanks, quotes and backslashes"});
  return error;
}

bool is_ours(const Error& error) {
  const ErrorKind kind = info(error.code).kind;
  return kind == ErrorKind::limit || kind == ErrorKind::backend || kind == ErrorKind::internal;
}

bool Accounts::Impl::verifies_first() const noexcept {
  if (options.email_verification == EmailVerification::automatic) return can_notify;
  return options.email_verification == EmailVerification::required;
}

Result<Account> Accounts::Impl::draft(const Registration& registration, Time now) const {
  Account account;
  AUTHKIT_TRY_ASSIGN(account.email_key, canonical_email(registration.email));
  if (!registration.username.empty()) {
    AUTHKIT_TRY_ASSIGN(account.username_key, canonical_username(registration.username));
  }
  AUTHKIT_TRY_ASSIGN(account.profile, checked_profile(registration.profile));
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
    const bool asks = flow == "register" && options.email_verification != EmailVerification::off;
    if (asks) AUTHKIT_TRY(send_verification(tx, account, "{}", account.created_at, context));
    return within(flow, account, tx, context);
  });
}

Result<Account> Accounts::sign_up(const Registration& registration, const Context& context) const {
  if (!impl_->options.sign_up) return Errc::signup_disabled;
  AUTHKIT_TRY_ASSIGN(Account account, impl_->draft(registration, impl_->clock()));
  AUTHKIT_TRY(check_policy(impl_->options.policy, registration.password, impl_->words_of(account)));
  AUTHKIT_TRY_ASSIGN(Attempt attempt, impl_->limiter->sign_up(context));

  const Result<void> stored = [&]() -> Result<void> {
    AUTHKIT_TRY(impl_->breached.check(registration.password));
    // Before anything tells whether the address is taken: both cases cost a hash.
    AUTHKIT_TRY_ASSIGN(account.password_hash, impl_->passwords->hash(registration.password));
    AUTHKIT_TRY(impl_->before("register", account, context));
    if (impl_->verifies_first()) return impl_->sign_up_unverified(account, context);
    return impl_->insert("register", account, {.action = "user.registered", .subject = account.id, .actor = to_text(account.id)}, context);
  }();
  if (!stored) {
    if (is_ours(stored.error())) attempt.forgive(context);
    return stored.error();
  }
  if (impl_->verifies_first()) {
    Account told;
    told.email = registration.email;
    told.status = AccountStatus::pending;
    return told;
  }
  impl_->after("register", account, context);
  return without_hash(std::move(account));
}

Result<Account> Accounts::Impl::draft_of(const NewAccount& wanted, Time now) const {
  AUTHKIT_TRY(check_roles(wanted.roles));
  AUTHKIT_TRY_ASSIGN(Account account, draft(wanted, now));
  if (wanted.password_hash.empty()) {
    AUTHKIT_TRY(check_policy(options.policy, wanted.password, words_of(account)));
  } else if (!wanted.password_hash.starts_with('!')) {
    AUTHKIT_TRY(passwords->check(wanted.password_hash));
  }
  if (wanted.status == AccountStatus::deleted) return Error{Errc::invalid_argument, "a new account is pending, active or disabled"};
  account.status = wanted.status;
  account.password_hash = wanted.password_hash;
  account.roles = wanted.roles;
  if (wanted.created_at) account.created_at = account.updated_at = account.password_changed_at = *wanted.created_at;
  if (wanted.email_verified) account.email_verified_at = now;
  return account;
}

Result<void> Accounts::check(const NewAccount& account) const {
  AUTHKIT_TRY(impl_->draft_of(account, impl_->clock()));
  return {};
}

Result<Account> Accounts::create(const NewAccount& wanted, const Context& context) const {
  AUTHKIT_TRY_ASSIGN(Account account, impl_->draft_of(wanted, impl_->clock()));
  if (account.password_hash.empty()) {
    AUTHKIT_TRY(impl_->breached.check(wanted.password));
    AUTHKIT_TRY_ASSIGN(account.password_hash, impl_->passwords->hash(wanted.password));
  }
  AUTHKIT_TRY(impl_->insert("create", account, {.action = "user.created", .subject = account.id, .actor = "system"}, context));
  return without_hash(std::move(account));
}

Result<std::vector<Result<void>>> Accounts::create_many(const std::vector<NewAccount>& wanted, const Context& context) const {
  std::vector<Result<Account>> drafts;
  for (const NewAccount& one : wanted) {
    auto account = impl_->draft_of(one, impl_->clock());
    if (account && account->password_hash.empty()) {
      auto hash = impl_->passwords->hash(one.password);
      if (!hash) return hash.error();
      account->password_hash = *std::move(hash);
    }
    drafts.push_back(std::move(account));
  }
  return in_transaction(*impl_->work, context, [&](Tx& tx) -> Result<std::vector<Result<void>>> {
    std::vector<Result<void>> outcomes;
    std::set<std::string, std::less<>> taken;  // by those before it in this call
    for (const Result<Account>& account : drafts) {
      if (!account) {
        outcomes.push_back(account.error());
        continue;
      }
      AUTHKIT_TRY_ASSIGN(const auto free, impl_->require_free(*account, taken, context));
      outcomes.push_back(free);
      if (!free) continue;
      AUTHKIT_TRY(impl_->accounts->insert(tx, *account));
      AUTHKIT_TRY(impl_->record(tx, {.action = "user.created", .subject = account->id, .actor = "system"}, impl_->clock(), context));
      AUTHKIT_TRY(impl_->within("create", *account, tx, context));
    }
    return outcomes;
  });
}

Result<Result<void>> Accounts::Impl::require_free(const Account& account, std::set<std::string, std::less<>>& taken, const Context& context) const {
  using Outcome = Result<void>;
  AUTHKIT_TRY_ASSIGN(const auto by_email, accounts->find_by_login(account.email_key, context));
  if ((by_email && by_email->email_key == account.email_key) || !taken.insert(account.email_key).second) return Outcome(Errc::email_taken);
  if (account.username_key.empty()) return Outcome();
  AUTHKIT_TRY_ASSIGN(const auto by_name, accounts->find_by_login(account.username_key, context));
  if ((by_name && by_name->username_key == account.username_key) || !taken.insert(account.username_key).second) return Outcome(Errc::username_taken);
  return Outcome();
}

}  // namespace authkit
