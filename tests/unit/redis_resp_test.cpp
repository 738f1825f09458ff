#include "redis/resp.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <limits>

using namespace authkit::redis;
using Next = ReplyReader::Next;

namespace {

/// The value as text that shows its kind.
std::string shown(const Reply& reply) {
  if (reply.is_nil()) return "nil";
  if (const auto* integer = reply.integer()) return std::to_string(*integer);
  if (const auto* text = reply.text()) return '"' + *text + '"';
  if (const auto* status = reply.status()) return '+' + *status;
  if (const auto* failure = reply.failure()) return '-' + *failure;
  std::string out = "[";
  for (const Reply& member : *reply.array()) out += shown(member) + ' ';
  return out + ']';
}

/// All replies in `bytes`, then "more" or "broken".
std::string read(ReplyReader& reader, std::string_view bytes) {
  reader.feed(bytes);
  std::string out;
  for (;;) {
    Reply reply;
    const Next next = reader.next(reply);
    if (next != Next::reply) return out + (next == Next::broken ? "broken" : "more");
    out += shown(reply) + ' ';
  }
}

}  // namespace

TEST_CASE("a command is lengths and bytes, whatever the bytes") {
  struct Row {
    std::vector<std::string_view> arguments;
    std::string_view wire;
  };
  using namespace std::string_view_literals;
  for (const Row& row :
       {Row{{"PING"}, "*1\r\n$4\r\nPING\r\n"}, Row{{"SET", "k\r\n$3", "a\0b"sv}, "*3\r\n$3\r\nSET\r\n$5\r\nk\r\n$3\r\n$3\r\na\0b\r\n"sv},
        Row{{"ECHO", ""}, "*2\r\n$4\r\nECHO\r\n$0\r\n\r\n"}, Row{{}, "*0\r\n"}}) {
    std::string out;
    append_command(out, row.arguments);
    CHECK(out == row.wire);
  }
}

TEST_CASE("replies of every kind, however the bytes are cut") {
  const std::string_view bytes =
      "+OK\r\n:-9223372036854775808\r\n$-1\r\n$0\r\n\r\n$5\r\na\r\nb\r\r\n-ERR no\r\n*-1\r\n*0\r\n"
      "*3\r\n*2\r\n:1\r\n*1\r\n$1\r\nx\r\n$-1\r\n*0\r\n:7\r\n";
  const std::string_view meaning = "+OK -9223372036854775808 nil \"\" \"a\r\nb\r\" -ERR no nil [] [[1 [\"x\" ] ] nil [] ] 7 ";
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    ReplyReader reader;
    std::string all;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
      std::string part = read(reader, bytes.substr(at, size));
      REQUIRE(part.ends_with("more"));
      all += part.substr(0, part.size() - 4);
    }
    CHECK(all == meaning);
  }
}

TEST_CASE("what no server sends breaks the connection and nothing else") {
  std::string deep;
  for (int level = 0; level < 100'000; ++level) deep += "*1\r\n";
  for (const std::string& bytes :
       {std::string("hello\r\n"), std::string("\r\n"), std::string("%1\r\n"), std::string("_\r\n"), std::string("$-2\r\n"), std::string("*-2\r\n"),
        std::string("$x\r\n"), std::string(":1x\r\n"), std::string(":9223372036854775808\r\n"), std::string("*2147483648\r\n"),
        std::string("*9223372036854775807\r\n"), std::string("$99999999999999999999\r\n"), std::string("*1\r\n$-9\r\n"), deep}) {
    CAPTURE(bytes.substr(0, 40));
    ReplyReader reader;
    CHECK(read(reader, bytes) == "broken");
    CHECK(read(reader, "+OK\r\n") == "broken");
  }
}

TEST_CASE("a length that is announced costs nothing, and what comes is bounded") {
  const std::string chunk(64 * 1024, 'x');
  for (const std::string_view announced : {"$2147483648\r\n", "$9223372036854775807\r\n"}) {
    ReplyReader reader;
    CHECK(read(reader, announced) == "more");
    std::size_t fed = 0;
    while (read(reader, chunk) == "more") fed += chunk.size();
    CHECK(fed <= ReplyReader::max_reply_bytes);
    CHECK(fed + 2 * chunk.size() >= ReplyReader::max_reply_bytes);
  }
  ReplyReader reader;
  CHECK(read(reader, "*2147483647\r\n") == "more");
  std::string members;
  for (int i = 0; i < 10'000; ++i) members += ":1\r\n";
  std::size_t count = 0;
  while (read(reader, members) == "more") count += 10'000;
  CHECK(count <= ReplyReader::max_reply_nodes);
}

TEST_CASE("many replies of a connection may be together as large as they like") {
  ReplyReader reader;
  const std::string one = "$1048576\r\n" + std::string(1 << 20, 'y') + "\r\n";
  for (int i = 0; i < 40; ++i) CHECK(read(reader, one).ends_with(" more"));
}
