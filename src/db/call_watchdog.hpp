#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace authkit {

using Deadline = std::chrono::steady_clock::time_point;

/// Ends calls that no other deadline ends: a server that was stopped, or lost with its machine, leaves its clients waiting in a read. One named
/// thread shuts the socket down when the deadline of the call passes, and the call fails at once.
///
/// Thread safety: any thread. Ownership: outlives its calls; the destructor joins the thread.
class CallWatchdog {
 public:
  /// One connection. The socket must stay open until this goes.
  class Call {
   public:
    Call(CallWatchdog& watchdog, int socket);
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call();

    /// From now on, until `deadline`; Deadline::max() = no bound.
    void set_deadline(Deadline deadline) noexcept;
    /// Whether the socket was shut down: the connection is of no more use.
    bool ended() const noexcept;

   private:
    friend class CallWatchdog;
    CallWatchdog& watchdog_;
    const int socket_;
    Deadline deadline_ = Deadline::max();
    bool ended_ = false;
  };

  CallWatchdog();
  CallWatchdog(const CallWatchdog&) = delete;
  CallWatchdog& operator=(const CallWatchdog&) = delete;
  ~CallWatchdog();

 private:
  void watch();
  Deadline end_late_calls();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Call*> calls_;
  Deadline next_ = Deadline::max();  ///< when the thread looks again
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace authkit
