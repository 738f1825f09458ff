#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The Redis protocol, version 2 (RESP2): commands out, replies in. Pure: no socket, no clock.
namespace authkit::redis {

/// One reply of a server.
struct Reply {
  struct Status {
    std::string text;  ///< "OK"
  };
  struct Failure {
    std::string text;  ///< "ERR ...": may repeat what was sent, so never log or return it
  };
  using Array = std::vector<Reply>;

  std::variant<std::monostate, std::int64_t, std::string, Status, Failure, Array> value;  ///< monostate = nil

  bool is_nil() const noexcept { return value.index() == 0; }
  /// Null when the reply is of another kind. Ownership: this reply's.
  const std::int64_t* integer() const noexcept { return std::get_if<std::int64_t>(&value); }
  const std::string* text() const noexcept { return std::get_if<std::string>(&value); }
  const std::string* status() const noexcept;
  const std::string* failure() const noexcept;
  const Array* array() const noexcept { return std::get_if<Array>(&value); }
};

/// Appends the command in wire form. Any bytes may stand in an argument.
void append_command(std::string& out, std::span<const std::string_view> arguments);

/// Takes the bytes of one connection apart. Thread safety: one thread at a time.
class ReplyReader {
 public:
  /// Bytes that came since the last complete reply; more of them is a protocol error.
  static constexpr std::size_t max_reply_bytes = std::size_t{8} * 1024 * 1024;
  static constexpr std::size_t max_reply_nodes = 262'144;  ///< members of members count
  enum class Next : std::uint8_t { reply, need_more, broken };

  ReplyReader();
  ReplyReader(ReplyReader&&) noexcept;
  ReplyReader& operator=(ReplyReader&&) noexcept;
  ~ReplyReader();

  /// Then ask next() until it gives no further reply.
  void feed(std::string_view bytes);
  /// Writes `out` with Next::reply only. Once broken it stays so: the connection is of no more use.
  Next next(Reply& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace authkit::redis
