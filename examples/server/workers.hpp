#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

namespace authkit::server {

/// One request that waits for a thread. Exactly one of the two is called, once.
struct Job {
  std::function<void()> run;
  std::function<void()> refuse;  ///< it had to make room: answer at once that the service is overloaded. Called on any thread, must be quick
};

struct PoolOptions {
  std::size_t threads = 1;
  std::size_t queue_length = 64;  ///< jobs that wait; one more finds the queue full
  int niceness = 0;               ///< above 0 the threads give way to others (Linux: per thread, needs no privilege)
};

/// Threads behind a bounded queue that is fair between clients: they take turns, so one that sends a thousand requests waits for itself.
/// A full queue makes room for a client that has less in it than another: the newest job of the one with the most is refused.
///
/// Thread safety: any number of threads. Ownership: the threads; destroying it runs what was accepted, then joins.
class Pool {
 public:
  explicit Pool(PoolOptions options);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();

  /// Queues `job` for `client` (an address prefix). False, and nothing is called, when the queue is full and this client has its share.
  bool submit(std::string_view client, Job job);
  std::size_t waiting() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace authkit::server
