#pragma once

#include "authkit/types.hpp"

#include <functional>
#include <memory>

namespace authkit::redis {

/// The thread ("authkit-redis") that all sockets and timers of a client live on.
///
/// Thread safety: any thread. Ownership: what is posted may be dropped unrun by stop(); the destructor stops and joins, so never from the thread
/// itself.
class IoThread {
 public:
  IoThread();
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;
  ~IoThread();

  void post(std::function<void()> work);
  /// Runs `work` on the thread after `delay`, unless it stops before.
  void after(Duration delay, std::function<void()> work);
  /// Joins the thread. Nothing runs afterwards.
  void stop();

  struct Impl;
  Impl& impl() noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace authkit::redis
