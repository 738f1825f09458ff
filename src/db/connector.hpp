#pragma once

#include "authkit/result.hpp"

#include "db/sql_session.hpp"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace authkit {

/// Makes connections on a thread of its own, since making one may block for seconds whatever the caller's deadline says. A connection that comes
/// too late for its caller serves the next.
///
/// Thread safety: any thread. Ownership: the destructor joins the thread, which may take as long as one attempt to connect.
class Connector {
 public:
  using Open = std::function<Result<std::unique_ptr<SqlSession>>()>;
  explicit Connector(Open open);
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;
  ~Connector();

  /// Errors: Errc::store_unavailable after the deadline, and those of opening: one failed attempt answers all who wait.
  Result<std::unique_ptr<SqlSession>> connect(Deadline deadline);

 private:
  void work();

  Open open_;
  std::mutex mutex_;
  std::condition_variable wanted_, made_;
  std::vector<std::unique_ptr<SqlSession>> ready_;
  std::size_t waiting_ = 0;
  std::uint64_t failures_ = 0;
  Error last_failure_{Errc::store_unavailable};
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace authkit
