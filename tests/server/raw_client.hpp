#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace authkit::test {

/// One answer off the wire.
struct RawAnswer {
  int status = 0;
  std::string head;  ///< status line and header lines, each with its CR LF
  std::string body;

  /// The value of the first header of that name (exact case), empty when there is none.
  std::string header(std::string_view name) const;
  bool closes() const { return header("Connection") == "close"; }
};

/// A TCP connection that sends exactly what it is told. Everything waits at most ten seconds, so a hanging server fails the test.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient();

  bool connected() const noexcept { return fd_ >= 0; }
  bool send(std::string_view bytes);
  /// The next answer; nothing when the connection ended or time ran out before it was whole. `head_only`: the answer to HEAD.
  std::optional<RawAnswer> receive(bool head_only = false);
  /// Whether the server ends the connection without another byte.
  bool ends();
  /// send() then receive().
  std::optional<RawAnswer> exchange(std::string_view bytes) { return send(bytes) ? receive() : std::nullopt; }
  /// No more bytes will come from here.
  void finish_sending();

 private:
  bool read_more();
  int fd_ = -1;
  std::string buffer_;
};

/// "METHOD path HTTP/1.1" with a Host, further header lines (each with CR LF) and a JSON body where one is given.
std::string raw_request(std::string_view method, std::string_view path, std::string_view fields = {}, std::string_view json = {});

}  // namespace authkit::test
