#include "fuzz.hpp"
#include "redis/answer.hpp"
#include "redis/slots.hpp"

#include <algorithm>
#include <set>

namespace authkit::fuzz {
namespace {

using namespace redis;

std::string written(const Reply& reply) {
  const auto text = [](const std::string& value) { return "$" + std::to_string(value.size()) + "\r\n" + value + "\r\n"; };
  if (reply.is_nil()) return "$-1\r\n";
  if (const auto* integer = reply.integer()) return ":" + std::to_string(*integer) + "\r\n";
  if (const auto* bulk = reply.text()) return text(*bulk);
  if (const auto* status = reply.status()) return "+" + *status + "\r\n";
  if (const auto* failure = reply.failure()) return "-" + *failure + "\r\n";
  std::string out = "*" + std::to_string(reply.array()->size()) + "\r\n";
  for (const Reply& member : *reply.array()) out += written(member);
  return out;
}

/// All replies in pieces of `size` bytes, each as text, until the reader wants more or gives up.
std::string read(std::string_view bytes, std::size_t size, std::vector<Reply>* replies = nullptr) {
  ReplyReader reader;
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    reader.feed(bytes.substr(at, size));
    for (;;) {
      Reply reply;
      const auto next = reader.next(reply);
      if (next == ReplyReader::Next::broken) {
        require(reader.next(reply) == ReplyReader::Next::broken, "what is broken stays so");
        return out + "!";
      }
      if (next == ReplyReader::Next::need_more) break;
      out += written(reply);
      if (replies != nullptr) replies->push_back(std::move(reply));
    }
  }
  return out;
}

void check_answer(const Reply& reply) {
  const Answer answer = answer_of(reply);
  require(answer.is_reply() == (reply.failure() == nullptr), "an error reply is no answer");
  if (answer.is_reply()) return;
  // "Redis refused a command (NAME)", where the name is capitals, or one of a few sentences.
  const std::string_view name = answer.error_name();
  require(name.size() <= 20 && std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; }),
          "a name is capitals");
  std::string message = answer.error.message();
  if (const std::size_t at = message.find('('); at != std::string::npos && !name.empty()) message.resize(at);
  static std::set<std::string> messages;
  messages.insert(message);
  require(messages.size() <= 16, "what leaves is one of a few sentences, nothing of the reply");
  if (const auto to = parse_redirection(*reply.failure())) {
    require(to->slot < slot_count && to->to.port.size() <= 5, "a redirection is a slot and a port");
  }
}

void run(std::string_view input) {
  if (input.empty()) return;
  const std::size_t size = 1 + static_cast<unsigned char>(input.front()) % 16;
  const std::string_view bytes = input.substr(1);
  std::vector<Reply> replies;
  const std::string whole = read(bytes, bytes.size() + 1, &replies);
  require(read(bytes, size) == whole, "it reads the same however it is cut");
  std::string again;
  for (const Reply& reply : replies) {
    again += written(reply);
    check_answer(reply);
    const auto ranges = parse_slots(reply, {"h", "1", {}});
    for (const SlotRange& range : ranges.value_or(std::vector<SlotRange>()))
      require(range.first <= range.last && range.last < slot_count, "a range is one");
  }
  require(read(again, 7) == again, "what was read can be written and read");
  require(slot_of(bytes) < slot_count, "a key has a slot");
  if (const auto endpoint = parse_endpoint(bytes)) require(parse_endpoint(endpoint->text()).has_value(), "an endpoint that is shown can be read");
}

std::vector<std::string> seeds() {
  return {"\x03+OK\r\n:1\r\n$-1\r\n$3\r\nabc\r\n*2\r\n:1\r\n*1\r\n$0\r\n\r\n",
          "\x01-MOVED 3999 127.0.0.1:6381\r\n-ASK 1 ::1:7000\r\n-NOSCRIPT No\r\n-LOADING x\r\n",
          "\x07*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n$9\r\n127.0.0.1\r\n:7000\r\n$2\r\nid\r\n",
          "\x0f*-1\r\n*0\r\n$99999999999\r\n",
          "\x02*2147483647\r\n:1\r\n",
          "\x05[::1]:7000"};
}

}  // namespace

constexpr Target redis_reply_target{"redis_reply", run, seeds};

}  // namespace authkit::fuzz
