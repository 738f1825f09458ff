#pragma once

#include "authkit/result.hpp"

#include "redis/io_thread.hpp"
#include "redis/target.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace authkit::redis {

/// What happens on a stream, told on the I/O thread.
class StreamEvents {
 public:
  virtual ~StreamEvents() = default;
  virtual void opened() = 0;
  virtual void received(std::string_view bytes) = 0;
  virtual void written() = 0;
  /// It could not be opened, or broke; the last event. `why` holds no secret.
  virtual void failed(const std::string& why) = 0;
};

/// One connection over TCP, a Unix socket or TLS, verified against the host's name (RFC 6125). Used on the I/O thread only.
class Stream {
 public:
  virtual ~Stream() = default;
  /// `bytes` stay as they are until written(); one write at a time.
  virtual void write(const std::string& bytes) = 0;
  /// No event comes afterwards.
  virtual void close() = 0;

  /// Starts to connect. `events` outlives the stream or closes it. With TLS the files are read anew each time, so renewed certificates are taken up.
  static std::shared_ptr<Stream> open(IoThread& thread, const Endpoint& endpoint, const Target& target, StreamEvents& events);
  /// Whether the files that TLS needs can be used. Errors: Errc::config_invalid.
  static Result<void> check(const Target& target);
};

}  // namespace authkit::redis
