#pragma once

#include "authkit/notify.hpp"
#include "authkit/outbox_store.hpp"

#include <functional>
#include <memory>
#include <string>

namespace authkit {

/// Takes messages out of the outbox and hands them to the notifier, outside of any transaction, at least once each. Several processes may do so at
/// once: each entry is leased to one.
///
/// Thread safety: any number of threads. Ownership: holds its parts.
class Delivery {
 public:
  struct Parts {
    std::shared_ptr<UnitOfWork> work;
    std::shared_ptr<OutboxStore> outbox;
    Notifier notifier;
    std::function<Result<Message>(const OutboxEntry&)> message_of;
    Clock clock;
    MailOptions options;
    std::string owner;  ///< a name that no other process has
  };
  explicit Delivery(Parts parts) : parts_(std::move(parts)) {}

  /// What is due, until `budget` is over, `batch` were tried, or one could not be delivered for a reason that others would meet too; how many were
  /// delivered. It returns within the budget plus one message. Errors: of the store.
  Result<std::size_t> run(Duration budget) const;

 private:
  Result<std::vector<OutboxEntry>> claim() const;
  Result<void> settle(const OutboxEntry& entry, const Result<void>& outcome) const;

  Parts parts_;
};

}  // namespace authkit
