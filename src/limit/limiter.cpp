#include "authkit/limit.hpp"

#include "core/base64url.hpp"
#include "core/digest.hpp"
#include "core/try.hpp"
#include "limit/recent_refusals.hpp"

namespace authkit {
namespace {

std::string number(std::int64_t value) { return std::to_string(value); }

/// The same answer for every rule: which one struck would tell whether an identifier is known elsewhere.
Error limited(Duration retry_after) {
  Error error{Errc::rate_limited, "wait before the next attempt"};
  error.retry_after = retry_after;
  return error;
}

}  // namespace

struct Limiter::Impl {
  LimitOptions options;
  std::shared_ptr<CounterStore> store;
  std::string digest_key;
  Clock clock;
  RecentRefusals refusals;

  LimitRequest request(std::string_view name, const LimitRule& rule, std::string_view first, std::string_view second = {}) const {
    const std::string burst = number(rule.burst);
    const std::string period = number(rule.period.count());
    const auto digest = keyed_digest(as_bytes(digest_key), {as_bytes(name), as_bytes(burst), as_bytes(period), as_bytes(first), as_bytes(second)});
    return {base64url::encode(digest), rule};
  }

  /// The first request's key must imply the others', so that a refusal can be remembered under it.
  Result<void> admit(const std::vector<LimitRequest>& requests, const Context& context) {
    if (requests.empty()) return {};
    const std::string& key = requests.front().key;
    const Time now = clock();
    if (const Duration wait = refusals.wait(key, now); wait > Duration{0}) return limited(wait);

    const std::uint64_t seen = refusals.generation();
    const auto decision = store->take(requests, now, context);
    if (!decision) {
      Error error{Errc::store_unavailable, "the attempt could not be counted"};
      error.retry_after = decision.error().retry_after;
      return error;
    }
    if (decision->allowed) return {};
    refusals.remember(key, now, decision->retry_after, seen);
    return limited(decision->retry_after);
  }
};

Limiter::Limiter(LimitOptions options, std::shared_ptr<CounterStore> store, std::string_view digest_key, Clock clock)
    : impl_(new Impl{options, std::move(store), std::string(digest_key), std::move(clock), {}}) {}

Result<Attempt> Limiter::login(std::string_view login_key, const Context& context) const {
  const LimitOptions& rules = impl_->options;
  const std::string prefix = address_prefix(context.address);
  Attempt attempt;
  attempt.limiter_ = impl_;
  attempt.taken_.push_back(impl_->request("login_pair", rules.login_pair, login_key, prefix));
  attempt.taken_.push_back(impl_->request("login_identifier", rules.login_identifier, login_key));
  if (!prefix.empty()) attempt.taken_.push_back(impl_->request("login_address", rules.login_address, prefix));
  AUTHKIT_TRY(impl_->admit(attempt.taken_, context));
  return attempt;
}

Result<Attempt> Limiter::sign_up(const Context& context) const {
  const std::string prefix = address_prefix(context.address);
  Attempt attempt;
  attempt.limiter_ = impl_;
  if (!prefix.empty()) attempt.taken_.push_back(impl_->request("sign_up_address", impl_->options.sign_up_address, prefix));
  AUTHKIT_TRY(impl_->admit(attempt.taken_, context));
  return attempt;
}

Result<Attempt> Limiter::mail(std::string_view kind, std::string_view email_key, const Context& context) const {
  const LimitOptions& rules = impl_->options;
  const std::string prefix = address_prefix(context.address);
  Attempt attempt;
  attempt.limiter_ = impl_;
  const std::string identifier = std::string(kind).append(" ").append(email_key);
  attempt.taken_.push_back(impl_->request("mail_pair", rules.mail_identifier, identifier, prefix));
  attempt.taken_.push_back(impl_->request("mail_identifier", rules.mail_identifier, identifier));
  if (!prefix.empty()) attempt.taken_.push_back(impl_->request("mail_address", rules.mail_address, prefix));
  AUTHKIT_TRY(impl_->admit(attempt.taken_, context));
  return attempt;
}

Result<Attempt> Limiter::code(const UserId& account, const Context& context) const {
  Attempt attempt;
  attempt.limiter_ = impl_;
  attempt.taken_.push_back(impl_->request("code", impl_->options.code, to_text(account)));
  AUTHKIT_TRY(impl_->admit(attempt.taken_, context));
  return attempt;
}

CounterStore& Limiter::store() const noexcept { return *impl_->store; }

Result<void> CounterStore::give_back_with(Tx& tx, std::span<const LimitRequest> requests, Time now, const Context& context) {
  tx.on_commit([this, taken = std::vector(requests.begin(), requests.end()), now, context] { (void)give_back(taken, now, context); });
  return {};
}

void Attempt::forgive_with(Tx& tx, const Context& context) {
  if (taken_.empty()) return;
  (void)limiter_->store->give_back_with(tx, taken_, limiter_->clock(), context);  // where it fails, so does the unit
  tx.on_commit([this] {
    taken_.clear();
    limiter_->refusals.forget_all();
  });
}

void Attempt::forgive(const Context& context) {
  const auto taken = std::exchange(taken_, {});
  if (taken.empty()) return;
  (void)limiter_->store->give_back(taken, limiter_->clock(), context);
  limiter_->refusals.forget_all();
}

}  // namespace authkit
