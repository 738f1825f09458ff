#include "db/postgres_node.hpp"

#include "core/try.hpp"
#include "db/postgres_session.hpp"
#include "db/sql_error.hpp"

#include <algorithm>
#include <pthread.h>

namespace authkit {
namespace {

constexpr Duration often{200}, seldom{1000}, shortest_time_to_answer{500};

/// Connections that know which server they lead to.
Connector::Open identified(Connector::Open open, Duration time_to_answer) {
  return [open = std::move(open), time_to_answer]() -> Result<std::unique_ptr<SqlSession>> {
    AUTHKIT_TRY_ASSIGN(auto session, open());
    session->set_deadline(std::chrono::steady_clock::now() + time_to_answer);
    AUTHKIT_TRY(sql_guard([&] { session->set_server(server_of(*session)); }));
    return session;
  };
}

}  // namespace

PostgresNode::PostgresNode(const std::string& conninfo, std::uint32_t connections, Duration patience, bool several,
                           const std::shared_ptr<CallWatchdog>& watchdog, Listener listener)
    : time_to_answer_(std::max(patience, shortest_time_to_answer)),
      open_([conninfo, several, watchdog] { return open_postgres(conninfo, watchdog, several); }),
      listener_(std::move(listener)) {
  const auto connector = std::make_shared<Connector>(several ? identified(open_, time_to_answer_) : open_);
  pool_ = std::make_shared<SqlPool>(connections, [this, connector](Deadline deadline) {
    auto session = connector->connect(deadline);
    if (!session) listener_.unreachable(std::chrono::steady_clock::now() < deadline);
    return session;
  });
  thread_ = std::thread([this] { work(); });
  pthread_setname_np(thread_.native_handle(), "authkit-probe");
}

PostgresNode::~PostgresNode() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wanted_.notify_one();
  }
  thread_.join();
}

void PostgresNode::probe_now() {
  const std::lock_guard lock(mutex_);
  asked_ = true;
  wanted_.notify_one();
}

void PostgresNode::work() {
  bool good = false;
  std::unique_lock lock(mutex_);
  for (;;) {
    const bool in_use = used_.exchange(false, std::memory_order_relaxed);
    wanted_.wait_for(lock, in_use || !good ? often : seldom, [this] { return stopping_ || asked_; });
    if (stopping_) return;
    asked_ = false;
    lock.unlock();
    auto found = probe();
    good = found.has_value();
    listener_.probed(std::move(found));
    lock.lock();
  }
}

Result<Probe> PostgresNode::probe() {
  if (!session_) {
    AUTHKIT_TRY_ASSIGN(session_, open_());
  }
  session_->set_deadline(std::chrono::steady_clock::now() + time_to_answer_);
  auto found = sql_guard([this] { return probe_server(*session_); });
  // After any failure by a new connection: where this one leads is no longer certain.
  if (!found || !session_->reset()) session_.reset();
  return found;
}

}  // namespace authkit
