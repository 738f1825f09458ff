#pragma once

#include "authkit/types.hpp"
#include "authkit/unit_of_work.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace authkit {

/// `burst` at once, then one every `period / burst` (GCRA, the leaky bucket as a meter). A burst of 0 allows nothing, a period of 0 everything.
struct LimitRule {
  std::uint32_t burst = 5;
  Duration period{15 * 60'000};
};

struct LimitDecision {
  bool allowed = true;
  Duration retry_after{0};  ///< when the next one would be allowed; only with allowed = false
};

/// One counter to take from. The keys of one call are distinct.
struct LimitRequest {
  std::string key;
  LimitRule rule;
};

/// Where counters live. Thread safety: any thread. take() is one atomic step and one round trip.
class CounterStore {
 public:
  virtual ~CounterStore() = default;
  /// Takes one from every counter, or from none when any of them is exhausted; retry_after is then the longest wait among them.
  virtual Result<LimitDecision> take(std::span<const LimitRequest> requests, Time now, const Context& context) = 0;
  /// Gives back what one take() of the same requests took: the attempt turned out not to count.
  virtual Result<void> give_back(std::span<const LimitRequest> requests, Time now, const Context& context) = 0;
  /// The same once `tx` commits, and as part of it where the counters can join it. The store must outlive `tx`.
  virtual Result<void> give_back_with(Tx& tx, std::span<const LimitRequest> requests, Time now, const Context& context);
  /// Removes up to `max` counters that are full again at `now`; how many.
  virtual Result<std::size_t> purge(Time now, std::size_t max) = 0;
};

struct LimitOptions {
  LimitRule login_pair{5, Duration{15 * 60'000}};         ///< per (identifier, address prefix)
  LimitRule login_identifier{50, Duration{15 * 60'000}};  ///< per identifier, whatever the address
  LimitRule login_address{100, Duration{15 * 60'000}};    ///< per address prefix, whatever the identifier
  LimitRule sign_up_address{3, Duration{3600'000}};       ///< per address prefix
  LimitRule mail_identifier{3, Duration{3600'000}};       ///< mails of one kind that anybody may have sent to one address
  LimitRule mail_address{20, Duration{3600'000}};         ///< such mails that one address prefix may have sent
  LimitRule code{5, Duration{15 * 60'000}};               ///< wrong codes and current passwords of one account, over all its sessions
};

class Attempt;

/// Limits on guessing (OWASP ASVS 6.3.1). A place is reserved before the password is hashed and given back on success, so parallel
/// guesses cannot beat the count. Keys hold keyed digests, never an address or a login. A change of a rule starts new counters.
/// Without an address (an embedded caller that knows none) only the rules about the identifier hold, else all callers would share one bucket.
///
/// Thread safety: any number of threads. Ownership: holds its store shared; attempts hold what they need.
/// Errors: Errc::rate_limited with retry_after, the same for known and unknown identifiers; a failing store is Errc::store_unavailable
/// (closed, not open).
class Limiter {
 public:
  /// `digest_key`: 16 to 64 secret bytes, the same in all instances on one store.
  Limiter(LimitOptions options, std::shared_ptr<CounterStore> store, std::string_view digest_key, Clock clock);

  /// `login_key`: the account's canonical name, the same however the user spelled it.
  Result<Attempt> login(std::string_view login_key, const Context& context) const;
  Result<Attempt> sign_up(const Context& context) const;
  /// A mail of `kind` to the canonical address. Counts every one: forgive() is for those that were not sent.
  Result<Attempt> mail(std::string_view kind, std::string_view email_key, const Context& context) const;
  /// A guess at a code or a current password of the account.
  Result<Attempt> code(const UserId& account, const Context& context) const;

  CounterStore& store() const noexcept;

 private:
  friend class Attempt;
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// An attempt that was admitted. Settle it: an attempt that is not forgiven counts as failed.
///
/// Thread safety: one thread at a time.
class Attempt {
 public:
  Attempt() = default;
  Attempt(Attempt&&) noexcept = default;
  Attempt& operator=(Attempt&&) noexcept = default;
  /// It succeeded: it does not count. Once only; when the store fails it counts after all.
  void forgive(const Context& context);
  /// The same if `tx`, which it must outlive, commits; else it is still to be settled.
  void forgive_with(Tx& tx, const Context& context);

 private:
  friend class Limiter;
  std::shared_ptr<Limiter::Impl> limiter_;
  std::vector<LimitRequest> taken_;
};

/// What limits count as one client: an IPv4 address, the /64 of an IPv6 address; IPv4-mapped IPv6 is IPv4. Unreadable text is itself.
std::string address_prefix(std::string_view address);

}  // namespace authkit
