#include "auth_impl.hpp"
#include "core/in_transaction.hpp"

#include <algorithm>

namespace authkit {
namespace {

constexpr std::size_t batch = 500;
constexpr Duration follow_keys_every{5000}, seal_every{1000}, purge_every{30'000}, keep_delivered{30 * 24 * 3600'000LL}, setup_time{10 * 60'000};

/// Repeats `step`, which says how many it did, until it finds less than a batch or the deadline passed.
template <class Step>
Result<bool> in_batches(Jobs::Deadline deadline, Step step) {
  do {
    AUTHKIT_TRY_ASSIGN(const std::size_t count, step());
    if (count < batch) return false;
  } while (std::chrono::steady_clock::now() < deadline);
  return true;
}

Result<bool> done(Result<void> outcome) {
  if (!outcome) return std::move(outcome).error();
  return false;
}

}  // namespace

void Auth::Impl::add_jobs() {
  jobs.add("revocation.poll", config.revocation.poll_interval, [this](Jobs::Deadline) { return done(revocations->poll()); });
  // What the stream lost is not waited for.
  jobs.add("revocation.reread", config.revocation.poll_interval / 10,
           [this](Jobs::Deadline) { return done(revocations->wants_poll() ? revocations->poll() : Result<void>()); });
  jobs.add("keys.follow", follow_keys_every, [this](Jobs::Deadline) { return done(keys->follow(config.key_publish_time, retire_time())); });
  jobs.add("events.seal", seal_every, [this](Jobs::Deadline deadline) {
    return in_batches(deadline, [this] { return in_transaction(*stores.work, {}, [this](Tx& tx) { return stores.events->seal(tx, batch); }); });
  });
  const auto purge = [this](std::string_view name, auto& store) {
    jobs.add(name, purge_every, [this, &store](Jobs::Deadline deadline) {
      return in_batches(deadline, [&] { return in_transaction(*stores.work, {}, [&](Tx& tx) { return store.purge(tx, config.clock(), batch); }); });
    });
  };
  purge("sessions.purge", *stores.sessions);
  purge("revocations.purge", *stores.revocations);
  purge("tickets.purge", *stores.tickets);
  jobs.add("factors.purge", purge_every, [this](Jobs::Deadline deadline) {
    return in_batches(deadline, [this] {
      return in_transaction(*stores.work, {}, [this](Tx& tx) { return stores.factors->purge(tx, config.clock() - setup_time, batch); });
    });
  });
  jobs.add("outbox.purge", purge_every, [this](Jobs::Deadline deadline) {
    return in_batches(deadline, [this] {
      return in_transaction(*stores.work, {}, [this](Tx& tx) { return stores.outbox->purge(tx, config.clock() - keep_delivered, batch); });
    });
  });
  jobs.add("accounts.remove", purge_every,
           [this](Jobs::Deadline deadline) { return in_batches(deadline, [this] { return accounts->remove_closed(batch); }); });
  jobs.add("counters.purge", purge_every,
           [this](Jobs::Deadline deadline) { return in_batches(deadline, [this] { return stores.counters->purge(config.clock(), batch); }); });
}

}  // namespace authkit
