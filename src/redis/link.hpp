#pragma once

#include "authkit/log.hpp"

#include "redis/answer.hpp"
#include "redis/backoff.hpp"
#include "redis/handshake.hpp"
#include "redis/stream.hpp"

#include <atomic>
#include <deque>
#include <mutex>
#include <optional>

namespace authkit::redis {

using Deadline = std::chrono::steady_clock::time_point;

struct LinkOptions {
  Duration connect_timeout{2000};  ///< for the connection, TLS and the login
  Duration overdue{500};           ///< so long after the oldest call's deadline a connection without an answer is given up
  std::size_t max_calls = 4096;    ///< that wait, written or not
  std::string client_name = "authkit";
  bool waits = false;  ///< calls may wait in Redis (XREAD BLOCK): no probe queues behind them, no breaker judges by them
  std::optional<Logger> log;
};

/// A command on its way through a Link. Whoever moves it out of `queued` or `written` owns its end, and nobody else: so each call ends once, whether
/// by its reply, its deadline, or a caller that gave up.
class LinkCall {
 public:
  enum class Phase : std::uint8_t { owned, queued, written, resting };

  explicit LinkCall(Deadline until) : deadline(until) {}
  virtual ~LinkCall() = default;

  bool move(Phase from, Phase to) noexcept { return phase_.compare_exchange_strong(from, to); }
  void set_phase(Phase phase) noexcept { phase_ = phase; }  ///< for its owner

  const Deadline deadline;
  std::string bytes;     ///< in wire form
  unsigned replies = 1;  ///< that come for them; the last is the answer

  /// Called by the owner, mostly on the I/O thread: must not block.
  virtual void finish(Answer answer) = 0;

 private:
  std::atomic<Phase> phase_{Phase::owned};
};

/// Told on the I/O thread.
class LinkEvents {
 public:
  virtual ~LinkEvents() = default;
  virtual void link_ready() = 0;
  /// `hung`: it was there and did not answer.
  virtual void link_lost(bool hung) = 0;
};

/// One connection that all threads share. Calls that come while others are written go out together; replies come in order. What was not written when
/// the connection breaks waits for the next one; what was written ends as ambiguous. A call that ends early keeps its place in the order, so its
/// reply is dropped and never taken for another's.
///
/// Thread safety: as each member says. Ownership: destroy it when the I/O thread has stopped.
class Link : private StreamEvents {
 public:
  Link(IoThread& thread, Endpoint endpoint, const Target& target, const LinkOptions& options, LinkEvents& events);

  /// Any thread.
  void start();
  void submit(std::shared_ptr<LinkCall> call);
  bool is_ready() const noexcept { return ready_; }
  const Endpoint& endpoint() const noexcept { return endpoint_; }

  /// The I/O thread. `reconnect`: this server is not the right one any more. After close() calls end at once, as not_sent for that reason.
  void reconnect(const std::string& why);
  void close(Reason reason);

 private:
  enum class State : std::uint8_t { idle, connecting, logging_in, ready, closed };
  using Calls = std::vector<std::shared_ptr<LinkCall>>;
  struct Slot {
    std::shared_ptr<LinkCall> call;
    unsigned replies;
  };

  void opened() override;
  void received(std::string_view bytes) override;
  void written() override;
  void failed(const std::string& why) override;

  void connect();
  void take_reply(Reply reply);
  void log_in(const Reply& reply);
  void flush();
  void tick();
  void keep_ticking();
  void drop(const std::string& why, bool hung = false);
  void refuse(Reason reason);
  Calls take_pending();
  void expire_pending(Deadline now);
  void expire_written(Deadline now);
  void log(LogLevel level, std::string_view message, std::string_view why) const;

  IoThread& thread_;
  const Endpoint endpoint_;
  const Target& target_;
  const LinkOptions& options_;
  LinkEvents& events_;

  std::mutex mutex_;  ///< guards these
  Calls pending_;
  bool flush_posted_ = false;
  std::optional<Reason> refusing_;  ///< why calls are turned away at once

  std::atomic<bool> ready_{false};
  std::atomic<std::size_t> written_calls_{0};

  State state_ = State::idle;  ///< this and the rest: the I/O thread only
  std::shared_ptr<Stream> stream_;
  std::optional<Handshake> handshake_;
  ReplyReader reader_;
  std::deque<Slot> slots_;  ///< in the order of their replies
  std::string output_;
  Calls batch_;
  bool writing_ = false, ticking_ = false, reported_ = false;
  Deadline until_{};  ///< for the connection to be made
  Backoff backoff_;
};

}  // namespace authkit::redis
