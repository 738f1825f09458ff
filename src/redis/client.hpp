#pragma once

#include "redis/link.hpp"

#include <functional>
#include <initializer_list>
#include <memory>
#include <string_view>

namespace authkit::redis {

struct ClientOptions {
  Duration patience{300};  ///< for a call without a deadline of its own
  LinkOptions link;
};

/// A command as a caller gives it. Ownership: views, needed during the call of call() or start() only.
struct Command {
  std::span<const std::string_view> arguments;
  std::size_t key = 1;      ///< which argument's slot decides the node of a cluster; 0 = none does
  bool idempotent = false;  ///< running it twice does no harm, so it is repeated when it is not known whether it ran
  std::string_view near{};  ///< a key whose node it goes to, where no argument is one (WAIT)
};

/// A Redis server, the master that Redis Sentinel names, or a cluster, over one connection a server that all threads share.
///
/// What did not run for a reason that passes (loading, a slot on its way) is tried again within the deadline, a few in a hundred calls at most.
/// All calls share a connection, so one that waits in Redis (XREAD BLOCK) needs a client of its own, opened with `link.waits`; no SUBSCRIBE.
///
/// Thread safety: any number of threads. It owns one thread ("authkit-redis"), and Asio another while it looks up a host's name.
/// Ownership: the destructor ends all calls under way, and must not run in a callback.
/// Errors: each Answer tells what became of the command. Errc::store_unavailable with retry_after when it was not answered, Errc::internal for an
/// error reply that is our fault, Errc::closed. None holds a key, a value or a secret.
class Client {
 public:
  using Done = std::function<void(Answer)>;

  /// Does not wait for a connection. Errors: Errc::config_invalid.
  static Result<std::unique_ptr<Client>> open(std::string_view url, ClientOptions options = {});
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  /// Waits for the answer, no longer than until `deadline`. Not from a callback, which would wait for itself.
  Answer call(const Command& command, Deadline deadline);
  Answer call(std::initializer_list<std::string_view> arguments, bool idempotent = false);
  /// `done` runs once, on the I/O thread or, when the call is turned away at once, on this one. It must not block or throw; it may start calls.
  void start(const Command& command, Deadline deadline, Done done);

  /// Runs `work` on the I/O thread after `delay`, unless the client goes before.
  void after(Duration delay, std::function<void()> work);

  Deadline default_deadline() const { return std::chrono::steady_clock::now() + patience_; }
  /// Whether every known server is connected and worth calling. Never waits.
  bool is_up() const;

 private:
  class Call;
  class BlockingCall;
  class CallbackCall;
  struct Parts;
  Client(Target target, ClientOptions options);

  Duration patience_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace authkit::redis
