#include "limit/local_share_counter_store.hpp"

#include "core/try.hpp"

#include <algorithm>

namespace authkit {
namespace {

/// Where counting can go on without it, waiting for it is not worth more.
constexpr Duration time_for_shared{100};

/// `context` with that much time at most.
Context hurried(const Context& context) {
  Context hurried = context;
  const auto end = std::chrono::steady_clock::now() + time_for_shared;
  if (!hurried.deadline || *hurried.deadline > end) hurried.deadline = end;
  return hurried;
}

bool is_out_of_reach(const Error& error) noexcept { return error.code == Errc::store_unavailable || error.code == Errc::store_conflict; }

}  // namespace

std::vector<LimitRequest> LocalShareCounterStore::share_of(std::span<const LimitRequest> requests) const {
  std::vector<LimitRequest> shares(requests.begin(), requests.end());
  for (LimitRequest& share : shares) {
    if (share.rule.burst > 0) share.rule.burst = std::max(share.rule.burst / servers_, 1U);
  }
  return shares;
}

Result<LimitDecision> LocalShareCounterStore::take(std::span<const LimitRequest> requests, Time now, const Context& context) {
  auto decision = shared_->take(requests, now, hurried(context));
  if (decision || !is_out_of_reach(decision.error())) return decision;
  return own_.take(share_of(requests), now, context);
}

/// What was taken here while the shared counters were away may be given back there: that forgives an attempt nobody counted, once.
Result<void> LocalShareCounterStore::give_back(std::span<const LimitRequest> requests, Time now, const Context& context) {
  auto done = shared_->give_back(requests, now, hurried(context));
  if (done || !is_out_of_reach(done.error())) return done;
  return own_.give_back(share_of(requests), now, context);
}

Result<std::size_t> LocalShareCounterStore::purge(Time now, std::size_t max) {
  AUTHKIT_TRY_ASSIGN(const std::size_t own, own_.purge(now, max));
  auto shared = shared_->purge(now, max);
  if (!shared) return is_out_of_reach(shared.error()) ? Result<std::size_t>(own) : shared;
  return std::max(own, *shared);
}

}  // namespace authkit
