#include "ticker.hpp"

#include <pthread.h>

namespace authkit {

Ticker::Ticker(const char* name, Duration interval, std::function<void()> work) {
  thread_ = std::thread([this, name, interval, work = std::move(work)] {
    ::pthread_setname_np(::pthread_self(), name);
    run(interval, work);
  });
}

Ticker::~Ticker() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Ticker::run(Duration interval, const std::function<void()>& work) {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    lock.unlock();
    work();
    lock.lock();
    wake_.wait_for(lock, interval, [this] { return stop_; });
  }
}

}  // namespace authkit
