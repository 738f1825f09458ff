#pragma once

#include "guard.hpp"
#include "service.hpp"
#include "writer.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace authkit::server {

/// What the connections of one I/O thread share: the buffers of a turn, so that an idle connection holds none.
struct Turn {
  explicit Turn(Service& served) : service(served) {}
  Service& service;
  Incoming incoming;
  std::string out;        ///< bytes to send
  bool stopping = false;  ///< every answer is the last of its connection
};

/// A request that waits for a pool; it owns its bytes.
struct Work {
  std::string bytes;
  Incoming incoming;
  Plan plan;
  Response response;
  std::chrono::steady_clock::time_point started;
};

/// What a connection does when `Turn::out` has been sent.
enum class Next : std::uint8_t {
  read,   ///< wait for more bytes
  work,   ///< run work() in its pool, then finish()
  again,  ///< resume()
  close,  ///< the last answer is out
};

/// The protocol of one connection without its socket: bytes in, answers out, in the order of the requests. Not thread-safe.
class Exchange {
 public:
  explicit Exchange(std::string peer) : peer_(std::move(peer)) {}

  /// Takes what was read.
  Next feed(std::string_view fresh, Turn& turn);
  /// Goes on with what is held already.
  Next resume(Turn& turn);
  /// Answers the request that was in a pool.
  Next finish(const Work& work, Turn& turn);

  /// The request of Next::work.
  const std::shared_ptr<Work>& work() const noexcept { return work_; }
  /// No request has begun.
  bool idle() const noexcept { return held_.empty() && work_ == nullptr; }
  /// Whether the last call began a new wait: the time that a request may take runs from its first byte, and later ones do not extend it.
  bool waits_anew() const noexcept { return anew_; }

 private:
  Next consume(std::string_view bytes, Turn& turn);
  Next step(std::string_view bytes, std::size_t& used, Turn& turn);
  Next send(const Request& request, const Response& response, bool keep_alive, std::chrono::steady_clock::time_point started, Turn& turn);

  std::string peer_;
  std::string held_;  // bytes of an incomplete request, or of later ones while one is answered
  std::shared_ptr<Work> work_;
  bool continued_ = false;  // "100 Continue" went out for the request at the front
  bool anew_ = true;
};

}  // namespace authkit::server
