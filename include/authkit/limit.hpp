#pragma once

#include "authkit/types.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace authkit {

/// `burst` at once, then one every `period / burst` (GCRA, the leaky bucket as a meter).
struct LimitRule {
  std::uint32_t burst = 5;
  Duration period{15 * 60'000};
};

struct LimitDecision {
  bool allowed = true;
  Duration retry_after{0};  ///< when the next one would be allowed; only with allowed = false
};

/// One counter to take from.
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
  /// Removes up to `max` counters that are full again at `now`; how many.
  virtual Result<std::size_t> purge(Time now, std::size_t max) = 0;
};

struct LimitOptions {
  LimitRule login_pair{5, Duration{15 * 60'000}};         ///< per (identifier, address prefix)
  LimitRule login_identifier{50, Duration{15 * 60'000}};  ///< per identifier, whatever the address
  LimitRule login_address{100, Duration{15 * 60'000}};    ///< per address prefix, whatever the identifier
  LimitRule sign_up_address{3, Duration{3600'000}};       ///< per address prefix
};

/// An attempt that was admitted. Settle it: an attempt that is neither failed nor forgiven counts as failed.
class Attempt {
 public:
  Attempt() = default;
  Attempt(Attempt&&) noexcept = default;
  Attempt& operator=(Attempt&&) noexcept = default;
  /// It succeeded: it does not count.
  void forgive(const Context& context);

 private:
  friend class Limiter;
  std::shared_ptr<CounterStore> store_;
  std::vector<LimitRequest> taken_;
  Time taken_at_;
};

/// Limits on guessing (OWASP ASVS 6.3.1). A place is reserved before the password is hashed and given back on success, so parallel
/// guesses cannot beat the count. Keys hold keyed digests, never an address or a login.
///
/// Thread safety: any number of threads. Errors: Errc::rate_limited with retry_after; a failing store is Errc::store_unavailable (closed, not open).
class Limiter {
 public:
  Limiter(LimitOptions options, std::shared_ptr<CounterStore> store, std::string_view digest_key, Clock clock);

  /// `login_key`: the account's canonical name, the same however the user spelled it.
  Result<Attempt> login(std::string_view login_key, const Context& context) const;
  Result<Attempt> sign_up(const Context& context) const;

  CounterStore& store() const noexcept { return *store_; }

 private:
  Result<Attempt> admit(std::vector<LimitRequest> requests, const Context& context) const;
  LimitOptions options_;
  std::shared_ptr<CounterStore> store_;
  std::string digest_key_;
  Clock clock_;
};

/// What limits count as one client: an IPv4 address, the /64 of an IPv6 address; IPv4-mapped IPv6 is IPv4. Unreadable text is itself.
std::string address_prefix(std::string_view address);

}  // namespace authkit
