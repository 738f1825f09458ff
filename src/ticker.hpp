#pragma once

#include "authkit/types.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace authkit {

/// A thread that does the same work again and again, at once and then every `interval`, until it is destroyed. Destroying it waits for the
/// work under way.
class Ticker {
 public:
  /// `name`: up to 15 bytes, as the system shows it.
  Ticker(const char* name, Duration interval, std::function<void()> work);
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;
  ~Ticker();

 private:
  void run(Duration interval, const std::function<void()>& work);

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace authkit
