#include "revocation/redis_revocation_store.hpp"

#include "core/hex.hpp"
#include "core/random.hpp"
#include "core/try.hpp"
#include "revocation/redis_revocation_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <thread>

namespace authkit {
namespace {

/// How long Redis may wait for its replicas.
constexpr std::string_view replicas_ms = "50";
constexpr Duration ended_for{60'000};
constexpr std::size_t purge_page = 1000;

// KEYS: stream, epoch. ARGV: the epoch and the id that were read up to, how many to read, a new epoch, and the record of the entry that refuses all.
constexpr std::string_view read_script = R"(
local epoch = redis.call('get', KEYS[2])
local stream = redis.call('exists', KEYS[1]) == 1
local whole = epoch and stream
if whole and epoch == ARGV[1] then
  local info = redis.call('xinfo', 'stream', KEYS[1])
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then
      local a, b = string.match(info[i + 1], '^(%d+)-(%d+)$')
      local c, d = string.match(ARGV[2], '^(%d+)-(%d+)$')
      a, b, c, d = tonumber(a), tonumber(b), tonumber(c), tonumber(d)
      whole = a > c or a == c and b >= d
    end
  end
end
if not whole then
  epoch = ARGV[4]
  redis.call('set', KEYS[2], epoch)
  redis.call('xadd', KEYS[1], '*', 'r', ARGV[5])
end
local from = epoch == ARGV[1] and '(' .. ARGV[2] or '-'
return {epoch, redis.call('xrange', KEYS[1], from, '+', 'COUNT', ARGV[3])}
)";

/// How far a reader is, in text "epoch|id".
struct Position {
  std::string epoch, id;
};

bool is_id(std::string_view text) noexcept {
  const auto number = [&text] {
    const std::size_t size = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(size);
    return size > 0 && size < 20;
  };
  if (!number() || !text.starts_with('-')) return false;
  text.remove_prefix(1);
  return number() && text.empty();
}

Result<Position> parse(const std::string& cursor) {
  if (cursor.empty()) return Position{};
  const std::size_t bar = cursor.find('|');
  if (bar == cursor.npos || !is_id(std::string_view(cursor).substr(bar + 1))) return Error{Errc::invalid_argument, "this is no cursor of the feed"};
  return Position{cursor.substr(0, bar), cursor.substr(bar + 1)};
}

Error foreign() { return {Errc::internal, "Redis answered the feed with something else than a list"}; }

}  // namespace

RedisRevocationStore::RedisRevocationStore(std::shared_ptr<redis::Client> client, std::string_view tenant, std::uint32_t replicas, Duration retention,
                                           Clock clock)
    : client_(std::move(client)),
      stream_(stream_key_of(tenant)),
      epoch_(epoch_key_of(stream_)),
      replicas_(replicas),
      retention_(retention),
      clock_(std::move(clock)),
      read_(read_script) {}

Result<void> RedisRevocationStore::add(Tx& tx, const RevocationEntry& entry) {
  tx.before_commit([this, entry] { return append(entry); });
  return {};
}

/// Both commands travel together: WAIT speaks of what its own connection wrote. Nothing is let go of here by age, as the stream beside a database is:
/// a server whose clock is ahead would take from the others what they have nowhere else.
Result<void> RedisRevocationStore::append(const RevocationEntry& entry) const {
  const redis::Deadline deadline = client_->default_deadline();
  const StreamRecord record = to_record(entry);
  const std::string_view add[] = {"XADD", stream_, "*", "r", {record.data(), record.size()}};
  const redis::Command command{add, 1, true};
  if (replicas_ == 0) {
    AUTHKIT_TRY(client_->call(command, deadline).to_result());
    return {};
  }
  const auto added = std::make_shared<std::promise<redis::Answer>>();
  client_->start(command, deadline, [added](redis::Answer answer) { added->set_value(std::move(answer)); });
  const std::string count = std::to_string(replicas_);
  const std::string_view wait[] = {"WAIT", count, replicas_ms};
  AUTHKIT_TRY_ASSIGN(const redis::Reply reached, client_->call({.arguments = wait, .key = 0, .near = stream_}, deadline).to_result());
  AUTHKIT_TRY(added->get_future().get().to_result());
  const auto* replicas = reached.integer();
  if (replicas != nullptr && *replicas >= static_cast<std::int64_t>(replicas_)) return {};
  Error error{Errc::store_unavailable, fmt::format("Redis has the revocation, but not {} of its replicas (redis.replicas)", replicas_)};
  error.retry_after = Duration{1000};
  return error;
}

Result<RevocationBatch> RedisRevocationStore::since(const std::string& cursor, std::size_t max, const Context& context) {
  AUTHKIT_TRY_ASSIGN(const Position from, parse(cursor));
  AUTHKIT_TRY_ASSIGN(const TokenId random, random_id<TokenId>());
  // Tokens tell the second in which they were issued: all of this one's are refused.
  const Time now = clock_(), cutoff = std::chrono::floor<std::chrono::seconds>(now) + std::chrono::seconds(1);
  const RevocationEntry all{RevocationKind::everything, {}, cutoff.time_since_epoch().count(), cutoff + retention_};
  const StreamRecord record = to_record(all);
  const std::string epoch = hex::encode(random.bytes);
  redis::Answer answer =
      read_.run(*client_, {stream_, epoch_},
                {from.epoch, from.id.empty() ? "0-0" : from.id, std::to_string(max + 1), epoch, std::string(record.data(), record.size())},
                context.deadline.value_or(client_->default_deadline()));
  AUTHKIT_TRY_ASSIGN(const redis::Reply reply, std::move(answer).to_result());
  const auto* parts = reply.array();
  const std::string* const current = parts != nullptr && parts->size() == 2 ? parts->front().text() : nullptr;
  if (current == nullptr || parts->back().array() == nullptr) return foreign();
  if (*current == epoch) std::this_thread::sleep_for(cutoff - now);

  auto items = stream_items(parts->back());
  RevocationBatch batch;
  batch.more = items.size() > max;
  if (batch.more) items.resize(max);
  for (const StreamItem& item : items) {
    if (item.entry) batch.entries.push_back(*item.entry);
  }
  const std::string before = *current == from.epoch ? from.id : "0-0";
  batch.cursor = *current + "|" + (items.empty() ? before : items.back().id);
  return batch;
}

/// Goes through the oldest, a page at a time, for as long as a page has something that has ended.
Result<std::size_t> RedisRevocationStore::purge(Tx& tx, Time now, std::size_t max) {
  std::vector<std::string> ended;
  const std::string page_size = std::to_string(purge_page);
  std::string from = "-";
  for (bool more = max > 0; more;) {
    const std::string_view range[] = {"XRANGE", stream_, from, "+", "COUNT", page_size};
    AUTHKIT_TRY_ASSIGN(const redis::Reply reply, client_->call({range, 1, true}, client_->default_deadline()).to_result());
    const auto items = stream_items(reply);
    const std::size_t before = ended.size();
    for (const StreamItem& item : items) {
      if (ended.size() < max && (!item.entry || item.entry->not_after < now - ended_for)) ended.push_back(item.id);
    }
    more = items.size() == purge_page && ended.size() > before && ended.size() < max;
    if (more) from = "(" + items.back().id;
  }
  if (ended.empty()) return std::size_t{0};
  tx.before_commit([this, ended]() -> Result<void> {
    std::vector<std::string_view> command{"XDEL", stream_};
    command.insert(command.end(), ended.begin(), ended.end());
    AUTHKIT_TRY(client_->call({command, 1, true}, client_->default_deadline()).to_result());
    return {};
  });
  return ended.size();
}

}  // namespace authkit
