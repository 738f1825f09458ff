#include "jobs.hpp"

#include <new>
#include <string>

namespace authkit {
namespace {

Result<bool> guarded(const Jobs::Work& work, Jobs::Deadline deadline) {
  try {
    return work(deadline);
  } catch (const std::bad_alloc&) {
    return Errc::out_of_memory;
  } catch (...) {  // a store of the host's own; what it says may hold anything
    return Error(Errc::internal, "it threw an exception");
  }
}

}  // namespace

Duration Jobs::jittered(Duration every) {
  return Duration{every.count() - std::uniform_int_distribution<std::int64_t>(0, every.count() / 5)(random_)};
}

Result<void> Jobs::run_job(Job& job, Time now, Deadline deadline) {
  const bool clock_went_back = job.due > now + job.every;
  if (now < job.due && !clock_went_back) return {};
  job.due = now + jittered(job.every);
  auto done = guarded(job.work, deadline);
  if (!done) {
    Error error = std::move(done).error();
    error.detail = std::string(job.name) + ": " + (error.detail.empty() ? std::string(info(error.code).title) : error.detail);
    return error;
  }
  if (*done) job.due = now;
  return {};
}

Result<void> Jobs::run(Duration budget) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock || jobs_.empty()) return {};
  const Deadline deadline = std::chrono::steady_clock::now() + budget;
  const Time now = clock_();
  Result<void> outcome;
  for (std::size_t i = 0; i < jobs_.size(); ++i) {
    Job& job = jobs_[(first_ + i) % jobs_.size()];
    auto done = run_job(job, now, deadline);
    if (!done && outcome) outcome = std::move(done);
    if (std::chrono::steady_clock::now() < deadline) continue;
    first_ = (first_ + i + 1) % jobs_.size();
    return outcome;
  }
  first_ = 0;
  return outcome;
}

}  // namespace authkit
