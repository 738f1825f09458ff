#pragma once

#include "authkit/result.hpp"

#include "options.hpp"
#include "service.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace authkit::server {

/// The network side of the server: connections, deadlines, pools, stopping.
///
/// A request is what take() makes of the bytes; nothing else reads them. Answers leave in the order of the requests. A route of Where::io is
/// answered on the I/O thread, others wait in a bounded pool while their connection reads nothing more.
///
/// Thread safety: run() once; everything else any thread. Ownership: its threads; `service` is the caller's and outlives it.
class Listener {
 public:
  /// Binds the address. Errors: config_invalid when it cannot be listened on.
  static Result<std::unique_ptr<Listener>> open(const ServerOptions& options, Service& service);
  ~Listener();

  std::uint16_t port() const noexcept;
  std::string url() const;

  /// Serves on the calling thread (and options.threads - 1 more) until stop() was called and what was under way is answered, or
  /// options.drain_time is over.
  void run();
  /// Accepts nothing more; every connection gets its answers with "Connection: close".
  void stop();
  /// stop() on SIGTERM and SIGINT; a second one does not wait. Call before run().
  void stop_on_signals();

  /// Whether every I/O thread turned within the last ten seconds.
  bool alive() const noexcept;
  std::size_t connections() const noexcept;

 private:
  struct Impl;
  explicit Listener(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace authkit::server
