#include "core/breaker.hpp"

#include <algorithm>

namespace authkit {
namespace {

constexpr std::uint32_t fewest_calls = 20;
constexpr std::uint8_t probes_after_failures = 3, probes_after_a_hang = 1, bad_probes = 2;
constexpr std::uint32_t one_retry = 10, full_budget = 100;  // in tenths

}  // namespace

Breaker::Bucket& Breaker::bucket(SteadyTime now) noexcept {
  const std::int64_t second = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  Bucket& bucket = buckets_[static_cast<std::size_t>(second % static_cast<std::int64_t>(buckets_.size()))];
  if (bucket.second != second) bucket = {second, 0, 0};
  return bucket;
}

void Breaker::succeeded(SteadyTime now) noexcept { ++bucket(now).calls; }

void Breaker::failed(SteadyTime now) noexcept {
  Bucket& current = bucket(now);
  ++current.calls;
  ++current.failures;
  const std::int64_t oldest = current.second - static_cast<std::int64_t>(buckets_.size());
  std::uint32_t calls = 0, failures = 0;
  for (const Bucket& one : buckets_) {
    if (one.second <= oldest) continue;
    calls += one.calls;
    failures += one.failures;
  }
  if (calls >= fewest_calls && failures * 2 >= calls) open(probes_after_failures);
}

void Breaker::hung() noexcept { open(probes_after_a_hang); }

void Breaker::open(std::uint8_t probes_needed) noexcept {
  probes_needed_ = state_ == State::open ? std::max(probes_needed_, probes_needed) : probes_needed;
  state_ = State::open;
  probes_good_ = 0;
}

void Breaker::probe_succeeded() noexcept {
  probes_bad_ = 0;
  if (state_ == State::closed || ++probes_good_ < probes_needed_) return;
  state_ = State::closed;
  buckets_ = {};  // what was counted before says nothing of the server that answers now
}

void Breaker::probe_failed() noexcept {
  probes_good_ = 0;
  if (probes_bad_ < bad_probes) ++probes_bad_;
  if (probes_bad_ == bad_probes && state_ == State::closed) open(probes_after_a_hang);
}

void RetryBudget::succeeded() noexcept { tenths_ = std::min(tenths_ + 1, full_budget); }

bool RetryBudget::take() noexcept {
  if (tenths_ < one_retry) return false;
  tenths_ -= one_retry;
  return true;
}

}  // namespace authkit
