#include "notify/delivery.hpp"

#include "core/in_transaction.hpp"
#include "core/try.hpp"

#include <algorithm>

namespace authkit {
namespace {

constexpr std::string_view topic = "mail";
constexpr std::size_t round = 10;  // claimed together: a lease must outlast them
constexpr Duration longest_delay{15 * 60'000};

bool is_worth_trying_again(const Error& error) {
  const ErrorKind kind = info(error.code).kind;
  return kind == ErrorKind::backend || kind == ErrorKind::limit || kind == ErrorKind::internal;
}

Duration delay_after(std::uint32_t attempts, Duration first) {
  Duration delay = first;
  for (std::uint32_t i = 1; i < attempts && delay < longest_delay; ++i) delay *= 2;
  return std::min(delay, longest_delay);
}

}  // namespace

Result<std::vector<OutboxEntry>> Delivery::claim() const {
  const Time now = parts_.clock();
  const std::size_t max = std::min<std::size_t>(round, parts_.options.batch);
  const Time until = now + static_cast<std::int64_t>(max + 1) * parts_.options.timeout;
  return in_transaction(*parts_.work, {}, [&](Tx& tx) { return parts_.outbox->claim(tx, topic, parts_.owner, now, until, max); });
}

Result<void> Delivery::settle(const OutboxEntry& entry, const Result<void>& outcome) const {
  const Time now = parts_.clock();
  return in_transaction(*parts_.work, {}, [&](Tx& tx) -> Result<void> {
    if (outcome) {
      AUTHKIT_TRY(parts_.outbox->settle(tx, entry.id, parts_.owner, now));
      return {};
    }
    const bool again = is_worth_trying_again(outcome.error()) && entry.attempts < parts_.options.attempts;
    const auto next = again ? std::optional(now + delay_after(entry.attempts, parts_.options.retry_delay)) : std::nullopt;
    AUTHKIT_TRY(parts_.outbox->postpone(tx, entry.id, parts_.owner, next, outcome.error().message().substr(0, 500), now));
    return {};
  });
}

Result<void> Delivery::release(const OutboxEntry& entry) const {
  const Time now = parts_.clock();
  return in_transaction(*parts_.work, {}, [&](Tx& tx) -> Result<void> {
    AUTHKIT_TRY(parts_.outbox->postpone(tx, entry.id, parts_.owner, now + parts_.options.retry_delay, entry.last_error, now));
    return {};
  });
}

Result<std::size_t> Delivery::run(Duration budget) const {
  const auto deadline = std::chrono::steady_clock::now() + budget;
  std::size_t delivered = 0;
  bool hopeless = false;
  do {
    AUTHKIT_TRY_ASSIGN(const auto entries, claim());
    if (entries.empty()) return delivered;
    for (const OutboxEntry& entry : entries) {
      if (hopeless || std::chrono::steady_clock::now() >= deadline) {
        AUTHKIT_TRY(release(entry));
        continue;
      }
      auto message = parts_.message_of(entry);
      // What it confirms is over: of no use to anybody.
      const bool moot = !message && (message.error().code == Errc::ticket_invalid || message.error().code == Errc::not_found);
      Result<void> outcome;
      if (!message && !moot) outcome = message.error();
      if (message) outcome = parts_.notifier(*message);
      AUTHKIT_TRY(settle(entry, outcome));
      delivered += message && outcome ? 1 : 0;
      hopeless = !outcome && is_worth_trying_again(outcome.error());
    }
  } while (!hopeless && std::chrono::steady_clock::now() < deadline);
  return delivered;
}

}  // namespace authkit
