#pragma once

#include "core/breaker.hpp"
#include "redis/link.hpp"

#include <functional>

namespace authkit::redis {

/// One server: its connection, whether it is worth calling, and the probes that find out (PING, every second, every 200 ms while it is not).
///
/// Thread safety: any thread. Ownership: destroy it when the I/O thread has stopped.
class Node : private LinkEvents {
 public:
  /// `lost` is called on the I/O thread when the connection broke or could not be made.
  Node(IoThread& thread, Endpoint endpoint, const Target& target, const LinkOptions& options, std::function<void()> lost);

  void start();
  /// Ends the call at once, as not_sent, when the server is known to be down.
  void submit(std::shared_ptr<LinkCall> call);
  /// How a call that was submitted here ended.
  void record(const Answer& answer);
  /// One retry, while there are not too many of them.
  bool take_retry();
  /// The connection leads to a server that is not the right one any more; heard once a second at most.
  void reconnect();
  /// The I/O thread. Whatever waits ends as not_sent, or ambiguous, and what comes as not_sent for that reason.
  void close(Reason reason);

  bool is_up() const;
  const Endpoint& endpoint() const noexcept { return link_.endpoint(); }

 private:
  class Probe;
  void link_ready() override;
  void link_lost(bool hung) override;
  void beat();
  void probe();
  void probed(bool good);

  IoThread& thread_;
  const bool probes_;  ///< whether there are any
  std::function<void()> lost_;
  mutable std::mutex mutex_;
  Breaker breaker_;
  RetryBudget retries_;
  bool probing_ = false, closed_ = false;  ///< the I/O thread only
  unsigned beats_ = 0;
  Deadline next_reconnect_{};
  Link link_;
};

}  // namespace authkit::redis
