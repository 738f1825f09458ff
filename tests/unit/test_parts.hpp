#pragma once

#include "authkit/key.hpp"

#include "core/memory_work.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

// Parts that tests put in the place of real ones: a clock that is set by hand, keys that are given, a database that fails on demand.
namespace authkit::test {

class ManualClock {
 public:
  Time now() const { return Time(Duration(now_.load())); }
  void advance(Duration by) { now_ += by.count(); }
  void set(Time to) { now_ = to.time_since_epoch().count(); }

 private:
  std::atomic<std::int64_t> now_{1'750'000'000'000};
};

inline Clock clock_of(std::shared_ptr<ManualClock> clock) {
  return [clock = std::move(clock)] { return clock->now(); };
}

inline MacKey mac_key(std::uint8_t seed) {
  MacKey key;
  key.id.fill(seed);
  key.secret.fill(static_cast<std::uint8_t>(seed ^ 0x5a));
  return key;
}

/// A ring whose keys the test sets.
class TestRing : public KeyRing {
 public:
  explicit TestRing(Snapshot keys) { set(std::move(keys)); }
  void set(Snapshot keys) {
    const std::lock_guard lock(mutex_);
    keys_ = std::make_shared<const Snapshot>(std::move(keys));
  }
  std::shared_ptr<const Snapshot> snapshot() const override {
    const std::lock_guard lock(mutex_);
    return keys_;
  }
  Result<void> refresh(const Context&) override { return {}; }
  Result<void> rotate(Duration, Duration, const Context&) override { return {}; }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Snapshot> keys_;
};

/// Units of work that fail on demand: at their begin, or at their commit after everything was done.
class FlakyWork : public MemoryWork {
 public:
  std::atomic<int> failing_begins{0};
  std::atomic<int> failing_commits{0};
  std::atomic<int> conflicts{0};
  std::atomic<int> begun{0};

  Result<std::unique_ptr<Tx>> begin(const Context& context) override {
    if (take(failing_begins)) return Errc::store_unavailable;
    ++begun;
    if (take(failing_commits)) return std::unique_ptr<Tx>(std::make_unique<LosingTx>(*this, Errc::store_unavailable));
    if (take(conflicts)) return std::unique_ptr<Tx>(std::make_unique<LosingTx>(*this, Errc::store_conflict));
    return MemoryWork::begin(context);
  }

 private:
  class LosingTx : public MemoryTx {
   public:
    LosingTx(MemoryWork& work, Errc error) : MemoryTx(work), error_(error) {}

   protected:
    Result<void> do_commit() override { return error_; }

   private:
    Errc error_;
  };

  static bool take(std::atomic<int>& left) {
    int value = left.load();
    while (value > 0) {
      if (left.compare_exchange_weak(value, value - 1)) return true;
    }
    return false;
  }
};

}  // namespace authkit::test
