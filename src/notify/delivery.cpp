#include "notify/delivery.hpp"

#include "core/in_transaction.hpp"
#include "core/try.hpp"

#include <algorithm>

namespace authkit {
namespace {

constexpr std::string_view topic = "mail";
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

/// One at a time: an attempt is counted where one is made, and a mail server that is down costs no message more than its own.
Result<std::vector<OutboxEntry>> Delivery::claim() const {
  const Time now = parts_.clock();
  return in_transaction(*parts_.work, {},
                        [&](Tx& tx) { return parts_.outbox->claim(tx, topic, parts_.owner, now, now + 2 * parts_.options.timeout, 1); });
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

Result<std::size_t> Delivery::run(Duration budget) const {
  const auto deadline = std::chrono::steady_clock::now() + budget;
  std::size_t delivered = 0;
  for (std::uint32_t i = 0; i < parts_.options.batch; ++i) {
    AUTHKIT_TRY_ASSIGN(const auto entries, claim());
    if (entries.empty()) break;
    const auto message = parts_.message_of(entries.front());
    // What it confirms is over: of no use to anybody.
    const bool moot = !message && (message.error().code == Errc::ticket_invalid || message.error().code == Errc::not_found);
    Result<void> outcome;
    if (!message && !moot) outcome = message.error();
    if (message) outcome = parts_.notifier(*message);
    AUTHKIT_TRY(settle(entries.front(), outcome));
    delivered += message && outcome ? 1 : 0;
    const bool others_fail_too = !outcome && is_worth_trying_again(outcome.error());
    if (others_fail_too || std::chrono::steady_clock::now() >= deadline) break;
  }
  return delivered;
}

}  // namespace authkit
