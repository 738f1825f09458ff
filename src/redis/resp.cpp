#include "redis/resp.hpp"

#include <hiredis/read.h>

#include <charconv>
#include <utility>

namespace authkit::redis {
namespace {

void append_length(std::string& out, char kind, std::size_t length) {
  char digits[24];
  digits[0] = kind;
  char* end = std::to_chars(digits + 1, digits + sizeof digits - 2, length).ptr;
  *end++ = '\r';
  *end++ = '\n';
  out.append(digits, end);
}

/// The reply under way.
struct Building {
  Reply root;
  std::size_t nodes = 0;
};

/// Puts what was read where it belongs: the root, or the next place of the array it is in. An array grows as its members come, for its announced
/// length is the peer's word only. Members of members are never in progress while an array grows, so no pointer below goes stale.
Reply* place(const redisReadTask* task, decltype(Reply::value) value) noexcept {
  try {
    auto& building = *static_cast<Building*>(task->privdata);
    if (++building.nodes > ReplyReader::max_reply_nodes) return nullptr;
    if (task->parent == nullptr) {
      building.root.value = std::move(value);
      return &building.root;
    }
    auto& siblings = std::get<Reply::Array>(static_cast<Reply*>(task->parent->obj)->value);
    siblings.push_back({std::move(value)});
    return &siblings.back();
  } catch (...) {  // not through hiredis, which is C: null is "out of memory" to it
    return nullptr;
  }
}

void* make_text(const redisReadTask* task, char* text, std::size_t size) noexcept {
  try {
    std::string copy(text, size);
    if (task->type == REDIS_REPLY_ERROR) return place(task, Reply::Failure{std::move(copy)});
    if (task->type == REDIS_REPLY_STATUS) return place(task, Reply::Status{std::move(copy)});
    return place(task, std::move(copy));
  } catch (...) {
    return nullptr;
  }
}

void* make_array(const redisReadTask* task, int) noexcept { return place(task, Reply::Array()); }
void* make_integer(const redisReadTask* task, long long value) noexcept { return place(task, std::int64_t{value}); }
void* make_nil(const redisReadTask* task) noexcept { return place(task, std::monostate()); }
void free_nothing(void*) noexcept {}

redisReplyObjectFunctions makers{make_text, make_array, make_integer, make_nil, free_nothing};

struct FreeReader {
  void operator()(redisReader* reader) const noexcept { redisReaderFree(reader); }
};

}  // namespace

const std::string* Reply::status() const noexcept {
  const auto* status = std::get_if<Status>(&value);
  return status == nullptr ? nullptr : &status->text;
}

const std::string* Reply::failure() const noexcept {
  const auto* failure = std::get_if<Failure>(&value);
  return failure == nullptr ? nullptr : &failure->text;
}

void append_command(std::string& out, std::span<const std::string_view> arguments) {
  append_length(out, '*', arguments.size());
  for (const std::string_view argument : arguments) {
    append_length(out, '$', argument.size());
    out.append(argument).append("\r\n");
  }
}

struct ReplyReader::Impl {
  std::unique_ptr<redisReader, FreeReader> reader{redisReaderCreateWithFunctions(&makers)};
  Building building;
  std::size_t unfinished = 0;
  bool broken = false;
};

ReplyReader::ReplyReader() : impl_(std::make_unique<Impl>()) {
  if (!impl_->reader) throw std::bad_alloc();
  impl_->reader->privdata = &impl_->building;  // the macro for it is C only
}
ReplyReader::ReplyReader(ReplyReader&&) noexcept = default;
ReplyReader& ReplyReader::operator=(ReplyReader&&) noexcept = default;
ReplyReader::~ReplyReader() = default;

void ReplyReader::feed(std::string_view bytes) {
  impl_->unfinished += bytes.size();
  if (redisReaderFeed(impl_->reader.get(), bytes.data(), bytes.size()) != REDIS_OK) impl_->broken = true;
}

ReplyReader::Next ReplyReader::next(Reply& out) {
  if (impl_->broken) return Next::broken;
  void* complete = nullptr;
  if (redisReaderGetReply(impl_->reader.get(), &complete) != REDIS_OK) {
    impl_->broken = true;
    return Next::broken;
  }
  if (complete == nullptr) {
    impl_->broken = impl_->unfinished > max_reply_bytes;
    return impl_->broken ? Next::broken : Next::need_more;
  }
  out = std::exchange(impl_->building, {}).root;
  impl_->unfinished = impl_->reader->len - impl_->reader->pos;
  return Next::reply;
}

}  // namespace authkit::redis
