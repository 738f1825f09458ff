#include "account/flows.hpp"

#include <algorithm>

namespace authkit {

std::vector<std::string> Accounts::Impl::words_of(const Account& account) const {
  const std::size_t at = std::min(account.email.find('@'), account.email.size());
  std::vector<std::string> words{account.email, account.email.substr(0, at), service_name};
  if (at < account.email.size()) words.push_back(account.email.substr(at + 1));
  if (!account.username.empty()) words.push_back(account.username);
  return words;
}

Result<void> Accounts::Impl::check_new_password(const Account& account, std::string_view password) const {
  AUTHKIT_TRY(check_policy(options.policy, password, words_of(account)));
  AUTHKIT_TRY(breached.check(password));
  if (options.policy.history == 0) return {};

  std::vector<std::string> former = account.password_history;
  former.insert(former.begin(), account.password_hash);
  former.resize(std::min<std::size_t>(former.size(), options.policy.history));
  for (const std::string& hash : former) {
    if (hash.empty()) continue;
    const auto same = passwords->verify(password, hash);
    if (same) return Error{Errc::password_reused, "choose one that this account has not had before"};
    if (same.error().code == Errc::overloaded) return same.error();
  }
  return {};
}

void Accounts::Impl::replace_password(Account& account, std::string hash, Time now) const {
  if (options.policy.history > 0 && !account.password_hash.empty()) {
    account.password_history.insert(account.password_history.begin(), account.password_hash);
    // The one in force counts as well.
    account.password_history.resize(std::min<std::size_t>(account.password_history.size(), options.policy.history - 1));
  }
  if (options.policy.history == 0) account.password_history.clear();
  account.password_hash = std::move(hash);
  account.password_changed_at = now;
}

Result<void> Accounts::Impl::check_current_password(const Account& account, std::string_view password, const Context& context) const {
  AUTHKIT_TRY_ASSIGN(Attempt attempt, limiter->code(account.id, context));
  const auto verified = account.password_hash.empty() ? passwords->verify_absent(password) : passwords->verify(password, account.password_hash);
  if (!verified && (verified.error().code == Errc::invalid_credentials || verified.error().code == Errc::password_hash_invalid)) {
    const Note note{.action = "password.check_failed", .subject = account.id, .actor = to_text(account.id), .success = false};
    AUTHKIT_TRY(in_transaction(*work, context, [&](Tx& tx) { return record(tx, note, clock(), context); }));
    return Errc::current_password_invalid;
  }
  attempt.forgive(context);
  if (!verified) return verified.error();
  return {};
}

}  // namespace authkit
