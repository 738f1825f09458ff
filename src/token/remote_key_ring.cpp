#include "token/remote_key_ring.hpp"

#include "core/try.hpp"
#include "token/algorithm.hpp"
#include "token/key_ring.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <new>

namespace authkit {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

Error unavailable(std::string detail) { return Error(Errc::keys_unavailable, std::move(detail)); }
Error invalid(const char* what) { return Error(Errc::config_invalid, what); }

Result<void> check(const RemoteKeyOptions& options) {
  const auto is_hmac = [](Algorithm algorithm) { return traits_of(algorithm).family == KeyFamily::hmac; };
  if (options.algorithms.empty()) return invalid("remote keys: name the algorithms that are accepted");
  if (std::any_of(options.algorithms.begin(), options.algorithms.end(), is_hmac)) return invalid("remote keys: HMAC keys are not public");
  for (auto at = options.algorithms.begin(); at != options.algorithms.end(); ++at)
    if (std::find(options.algorithms.begin(), at, *at) != at) return invalid("remote keys: an algorithm is named twice");
  if (options.cooldown < Duration{100}) return invalid("remote keys: cooldown takes at least 100 ms");
  if (options.max_age < options.cooldown) return invalid("remote keys: max_age takes at least cooldown");
  if (options.max_stale <= options.max_age) return invalid("remote keys: max_stale takes more than max_age");
  if (options.timeout <= Duration{0} || options.connect_timeout <= Duration{0}) return invalid("remote keys: a timeout must be more than nothing");
  return {};
}

/// All keys of the set that are for one of the algorithms. Errors: Errc::key_invalid, when there is none.
Result<std::vector<Key>> usable_keys(std::string_view set, const std::vector<Algorithm>& algorithms) {
  std::vector<Key> keys;
  for (const Algorithm algorithm : algorithms) {
    AUTHKIT_TRY_ASSIGN(std::vector<Key> more, parse_jwks(set, algorithm, KeyPart::public_part));
    std::move(more.begin(), more.end(), std::back_inserter(keys));
  }
  if (keys.empty()) return Error(Errc::key_invalid, "the JWK Set has no key that is usable");
  return keys;
}

/// The state is read and written under the lock, the fetch runs outside of it, by whoever set `fetching_`.
class FetchedKeyRing final : public RemoteKeyRing {
 public:
  FetchedKeyRing(RemoteKeyOptions options, Clock clock) : options_(std::move(options)), clock_(std::move(clock)) {}

  std::shared_ptr<const Snapshot> snapshot() const override { return is_fresh_enough(clock_()) ? holder_.get() : nothing_; }

  Result<void> refresh(const Context& context) override {
    std::unique_lock lock(mutex_);
    if (fetching_) {
      if (!wait_for_the_other(lock, context.deadline)) return unavailable("the key set is still being fetched");
      return outcome();
    }
    if (!is_due(clock_())) return is_fresh_enough(clock_()) ? Result<void>() : outcome();
    return fetch(lock);
  }

  Result<void> rotate(Duration, Duration, const Context&) override {
    return Error(Errc::config_invalid, "these keys are another service's: rotate them there");
  }

  bool miss(std::string_view kid) noexcept override {
    try {
      return look_for(kid);
    } catch (...) {  // out of memory: the token is refused, as it was going to be
      return false;
    }
  }

  RemoteKeyStatus status() const override {
    const std::lock_guard lock(mutex_);
    const bool available = is_fresh_enough(clock_());
    return {.fetched_at = fetched_at_.load(),
            .tried_at = tried_at_,
            .keys = available ? holder_.get()->verify.size() : 0,
            .available = available,
            .last_error = last_error_};
  }

 private:
  /// A clock that went back makes nothing too old.
  bool is_fresh_enough(Time now) const {
    const Time fetched = fetched_at_;
    return fetched != Time{} && now - fetched < options_.max_stale;
  }

  bool cooled_down(Time now) const { return tried_at_ == Time{} || now < tried_at_ || now - tried_at_ >= options_.cooldown; }

  bool is_due(Time now) const {
    const Time fetched = fetched_at_;
    const bool is_old = fetched == Time{} || now < fetched || now - fetched >= options_.max_age;
    return (is_old || wanted_) && cooled_down(now);
  }

  bool holds(std::string_view kid) const {
    const auto held = holder_.get();
    return std::any_of(held->verify.begin(), held->verify.end(), [&](const Key& key) { return key.id() == kid; });
  }

  /// A `kid` that is held by now came with a fetch of another thread, or its key is for another algorithm; looking again tells.
  bool look_for(std::string_view kid) {
    if (kid.empty()) return false;
    std::unique_lock lock(mutex_);
    if (holds(kid) && is_fresh_enough(clock_())) return true;
    if (!options_.fetch_on_unknown_kid) {
      wanted_ = true;
      return false;
    }
    if (fetching_) return wait_for_the_other(lock, {}) && last_error_.empty();
    if (!cooled_down(clock_())) {
      wanted_ = true;
      return false;
    }
    return fetch(lock).has_value();
  }

  /// False when the time was over first.
  bool wait_for_the_other(std::unique_lock<std::mutex>& lock, std::optional<SteadyTime> deadline) {
    const SteadyTime own = std::chrono::steady_clock::now() + options_.timeout;
    return done_.wait_until(lock, deadline ? std::min(*deadline, own) : own, [this] { return !fetching_; });
  }

  Result<void> outcome() const {
    if (last_error_.empty()) return {};
    return unavailable(last_error_);
  }

  Result<void> fetch(std::unique_lock<std::mutex>& lock) {
    tried_at_ = clock_();
    fetching_ = true;
    wanted_ = false;
    lock.unlock();
    auto keys = fetch_keys();
    lock.lock();
    fetching_ = false;
    done_.notify_all();
    last_error_ = keys ? std::string() : std::move(keys).error().message();
    if (keys) adopt(*std::move(keys));
    return outcome();
  }

  Result<std::vector<Key>> fetch_keys() noexcept {
    try {
      AUTHKIT_TRY_ASSIGN(const std::string set, options_.fetch(options_.url));
      return usable_keys(set, options_.algorithms);
    } catch (const std::bad_alloc&) {
      return Errc::out_of_memory;
    } catch (...) {  // a function of the host's own
      return Errc::internal;
    }
  }

  void adopt(std::vector<Key> keys) {
    auto next = std::make_shared<Snapshot>();
    next->verify = std::move(keys);
    holder_.set(std::move(next));
    fetched_at_ = tried_at_;
  }

  static std::shared_ptr<const Snapshot> make_nothing() {
    auto nothing = std::make_shared<Snapshot>();
    nothing->unavailable = true;
    return nothing;
  }

  const RemoteKeyOptions options_;
  const Clock clock_;
  const std::shared_ptr<const Snapshot> nothing_ = make_nothing();
  SnapshotHolder holder_;
  std::atomic<Time> fetched_at_{Time{}};  // when the set that is held was asked for

  mutable std::mutex mutex_;
  std::condition_variable done_;
  bool fetching_ = false;
  bool wanted_ = false;  // an unknown kid was seen since the last fetch
  Time tried_at_{};
  std::string last_error_;
};

}  // namespace

Result<std::shared_ptr<RemoteKeyRing>> make_remote_key_ring(RemoteKeyOptions options, Clock clock) {
  AUTHKIT_TRY(check(options));
  if (!options.fetch || !clock) return Error(Errc::invalid_argument, "a remote key ring needs a way to fetch and a clock");
  return std::shared_ptr<RemoteKeyRing>(std::make_shared<FetchedKeyRing>(std::move(options), std::move(clock)));
}

}  // namespace authkit
