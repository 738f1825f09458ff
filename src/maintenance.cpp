#include "authkit/auth.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <pthread.h>
#include <thread>
#include <utility>

namespace authkit {
namespace {

constexpr std::chrono::seconds report_every{60};

/// Logs the first failure, then at most one a minute with the count of those since. Success says nothing: most calls have nothing to do.
class Reports {
 public:
  explicit Reports(const Logger& log) : log_(log) {}

  void take(const Result<void>& outcome) {
    if (outcome) return;
    ++failures_;
    const auto now = std::chrono::steady_clock::now();
    if (now < quiet_until_) return;
    quiet_until_ = now + report_every;
    log_.write(LogLevel::warning, "maintenance failed",
               {{"error", outcome.error().message()}, {"failures", static_cast<std::int64_t>(std::exchange(failures_, 0))}});
  }

 private:
  const Logger& log_;
  std::chrono::steady_clock::time_point quiet_until_{};
  std::size_t failures_ = 0;
};

}  // namespace

struct Maintenance::Impl {
  std::mutex mutex;
  std::condition_variable wake;
  bool stop = false;
  std::thread thread;

  void run(Auth& auth, Duration interval) {
    ::pthread_setname_np(::pthread_self(), "authkit-maint");
    Reports reports(auth.log());
    std::unique_lock lock(mutex);
    while (!stop) {
      lock.unlock();
      reports.take(auth.maintain());
      lock.lock();
      wake.wait_for(lock, interval, [this] { return stop; });
    }
  }
};

Maintenance::Maintenance(Auth& auth, Duration interval) : impl_(std::make_unique<Impl>()) {
  impl_->thread = std::thread([impl = impl_.get(), &auth, interval] { impl->run(auth, interval); });
}

Maintenance::~Maintenance() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stop = true;
  }
  impl_->wake.notify_all();
  impl_->thread.join();
}

}  // namespace authkit
