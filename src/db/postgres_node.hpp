#pragma once

#include "db/call_watchdog.hpp"
#include "db/connector.hpp"
#include "db/postgres_probe.hpp"
#include "db/sql_pool.hpp"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace authkit {

/// One PostgreSQL server: a pool of connections to it, and a thread (`authkit-probe`) that asks it how it is, over a connection of its own: every 200
/// ms while it is used or in doubt, else every second.
///
/// Thread safety: any thread. Ownership: the destructor joins the threads, which may take as long as one attempt to connect.
class PostgresNode {
 public:
  struct Listener {
    std::function<void(Result<Probe>)> probed;      ///< on the prober's thread
    std::function<void(bool in_time)> unreachable;  ///< a connection could not be made; false: the caller's time was up
  };
  /// `several`: there are other nodes, so that it matters which server a connection leads to. `patience`: how long a call may take, and so a probe.
  PostgresNode(const std::string& conninfo, std::uint32_t connections, Duration patience, bool several, const std::shared_ptr<CallWatchdog>& watchdog,
               Listener listener);
  PostgresNode(const PostgresNode&) = delete;
  PostgresNode& operator=(const PostgresNode&) = delete;
  ~PostgresNode();

  SqlPool& pool() noexcept { return *pool_; }
  /// One more probe, after one that may be under way.
  void probe_now();
  /// Somebody calls it: probe it often.
  void use() noexcept { used_.store(true, std::memory_order_relaxed); }

 private:
  void work();
  Result<Probe> probe();

  const Duration time_to_answer_;
  std::function<Result<std::unique_ptr<SqlSession>>()> open_;
  Listener listener_;
  std::shared_ptr<SqlPool> pool_;
  std::unique_ptr<SqlSession> session_;  ///< of the prober
  std::atomic<bool> used_{true};
  std::mutex mutex_;
  std::condition_variable wanted_;
  bool asked_ = true;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace authkit
