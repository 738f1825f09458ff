#include "db/connector.hpp"

#include <pthread.h>

namespace authkit {

Connector::Connector(Open open) : open_(std::move(open)), thread_([this] { work(); }) {
  pthread_setname_np(thread_.native_handle(), "authkit-connect");
}

Connector::~Connector() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wanted_.notify_one();
  }
  thread_.join();
}

Result<std::unique_ptr<SqlSession>> Connector::connect(Deadline deadline) {
  std::unique_lock lock(mutex_);
  const std::uint64_t failed_before = failures_;
  ++waiting_;
  wanted_.notify_one();
  const bool answered = made_.wait_until(lock, deadline, [&] { return !ready_.empty() || failures_ != failed_before; });
  --waiting_;
  if (!ready_.empty()) {
    auto session = std::move(ready_.back());
    ready_.pop_back();
    return session;
  }
  if (answered) return last_failure_;
  Error late{Errc::store_unavailable, "no database connection could be made in time"};
  late.retry_after = std::chrono::seconds(1);
  return late;
}

void Connector::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wanted_.wait(lock, [&] { return stopping_ || waiting_ > ready_.size(); });
    if (stopping_) return;
    lock.unlock();
    auto opened = open_();
    lock.lock();
    if (opened) {
      ready_.push_back(*std::move(opened));
      made_.notify_one();
    } else {
      ++failures_;
      last_failure_ = std::move(opened).error();
      made_.notify_all();
    }
  }
}

}  // namespace authkit
