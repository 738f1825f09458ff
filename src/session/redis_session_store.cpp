#include "session/redis_session_store.hpp"

#include "core/hex.hpp"
#include "core/storable.hpp"
#include "core/try.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace authkit {
namespace {

/// What a record outlives its end by: who looks at it judges by the time it was given, and may come a little later.
constexpr Duration margin{60'000};
constexpr Duration longest{3'650 * Duration{86'400'000}};

// The fields of a session's hash, in the order in which the scripts return them; one letter each, since a million sessions repeat them.
// u user, t transport, d digest, g generation, r rotated_at, c created_at, l last_seen, i idle end, a absolute end, h auth_time, m amr, k acr,
// n client, b user agent, p address, e epoch.
#define AUTHKIT_FIELDS "'u','t','d','g','r','c','l','i','a','h','m','k','n','b','p','e'"
constexpr std::string_view letters = "utdgrcliahmknbpe";

// ARGV: time to live, then fields and values.
constexpr std::string_view insert_script = R"(
if redis.call('exists', KEYS[1]) == 1 then return 0 end
redis.call('hset', KEYS[1], unpack(ARGV, 2))
redis.call('pexpire', KEYS[1], ARGV[1])
return 1
)";

// ARGV: created_at, id, time to live. What is so old has ended by itself; a younger one without a record may be about to get it.
constexpr std::string_view index_script = R"(
redis.call('zremrangebyscore', KEYS[1], '-inf', ARGV[1] - ARGV[3])
redis.call('zadd', KEYS[1], ARGV[1], ARGV[2])
if redis.call('pttl', KEYS[1]) < tonumber(ARGV[3]) then redis.call('pexpire', KEYS[1], ARGV[3]) end
return 1
)";

// ARGV: time to live or 0, then fields and values. Creates nothing.
constexpr std::string_view update_script = R"(
if redis.call('exists', KEYS[1]) == 0 then return 0 end
redis.call('hset', KEYS[1], unpack(ARGV, 2))
if ARGV[1] ~= '0' then redis.call('pexpire', KEYS[1], ARGV[1]) end
return 1
)";

// ARGV: digest, generation, now, idle end, time to live. Times are below 2^53, which Lua's numbers keep exactly.
constexpr std::string_view rotate_script = R"(
local was = redis.call('hmget', KEYS[1], 'd', 'g', 'r', 'l', 'i', 'a')
if was[1] ~= ARGV[1] or was[2] ~= ARGV[2] then return false end
local now, idle = tonumber(ARGV[3]), ARGV[4]
if now >= tonumber(was[5]) or now >= tonumber(was[6]) then return false end
if tonumber(was[6]) < tonumber(idle) then idle = was[6] end
redis.call('hset', KEYS[1], 'g', string.format('%.0f', was[2] + 1), 'r', ARGV[3], 'l', ARGV[3], 'i', idle)
redis.call('pexpire', KEYS[1], ARGV[5])
return {was[3], was[4], was[5], redis.call('hmget', KEYS[1], )" AUTHKIT_FIELDS R"()}
)";

// ARGV: generation and rotated_at that the rotation wrote; then generation, rotated_at, last_seen and idle end from before.
constexpr std::string_view take_back_script = R"(
local is = redis.call('hmget', KEYS[1], 'g', 'r')
if is[1] ~= ARGV[1] or is[2] ~= ARGV[2] then return 0 end
redis.call('hset', KEYS[1], 'g', ARGV[3], 'r', ARGV[4], 'l', ARGV[5], 'i', ARGV[6])
return 1
)";

std::string text(Time time) { return std::to_string(time.time_since_epoch().count()); }
std::string text(std::span<const std::uint8_t> bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
std::string time_to_live(Time from, Time end) {
  const auto span = end > from ? (end.time_since_epoch() / 2 - from.time_since_epoch() / 2 > longest / 2 ? longest : end - from) : Duration{0};
  return std::to_string((std::min(span, longest) + margin).count());
}

Error bad_record() { return {Errc::internal, "a session in Redis is none this program wrote"}; }

/// Reads the values in the order of `letters`.
class Fields {
 public:
  explicit Fields(const redis::Reply& reply) : values_(reply.array()) { good_ = values_ != nullptr && values_->size() == letters.size(); }

  std::string_view text(char letter) {
    const auto* value = good_ ? (*values_)[letters.find(letter)].text() : nullptr;
    good_ = good_ && value != nullptr;
    return value != nullptr ? std::string_view(*value) : std::string_view();
  }
  template <class Number>
  Number number(char letter) {
    const std::string_view digits = text(letter);
    Number value{};
    const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    good_ = good_ && end.ec == std::errc() && end.ptr == digits.data() + digits.size();
    return value;
  }
  Time time(char letter) { return Time(Duration(number<Duration::rep>(letter))); }
  template <std::size_t size>
  void bytes(char letter, std::array<std::uint8_t, size>& out) {
    const std::string_view value = text(letter);
    good_ = good_ && value.size() == size;
    if (good_) std::copy(value.begin(), value.end(), out.begin());
  }
  bool is_good() const noexcept { return good_; }

 private:
  const redis::Reply::Array* values_;
  bool good_ = false;
};

/// Nothing where the hash is not there.
Result<std::optional<SessionRecord>> record_of(const SessionId& id, const redis::Reply& reply) {
  const auto* values = reply.array();
  if (values != nullptr && !values->empty() && values->front().is_nil()) return std::optional<SessionRecord>();
  Fields fields(reply);
  SessionRecord record;
  record.id = id;
  fields.bytes('u', record.user.bytes);
  record.transport = fields.number<int>('t') == 0 ? Transport::bearer : Transport::cookie;
  fields.bytes('d', record.secret_digest);
  record.generation = fields.number<std::uint32_t>('g');
  record.rotated_at = fields.time('r');
  record.created_at = fields.time('c');
  record.last_seen = fields.time('l');
  record.idle_expires_at = fields.time('i');
  record.absolute_expires_at = fields.time('a');
  record.auth_time = fields.time('h');
  record.amr = fields.text('m');
  record.acr = fields.text('k');
  record.client = fields.text('n');
  record.user_agent = fields.text('b');
  record.address = fields.text('p');
  record.epoch = fields.number<std::uint64_t>('e');
  if (!fields.is_good()) return bad_record();
  return std::optional(std::move(record));
}

}  // namespace

RedisSessionStore::RedisSessionStore(std::shared_ptr<redis::Client> client, std::string tenant)
    : client_(std::move(client)),
      tenant_(std::move(tenant)),
      insert_(insert_script),
      index_(index_script),
      update_(update_script),
      rotate_(rotate_script),
      take_back_(take_back_script) {}

std::string RedisSessionStore::key_of(const SessionId& id) const { return fmt::format("authkit:{{session:{}:{}}}", tenant_, hex::encode(id.bytes)); }

std::string RedisSessionStore::index_of(const UserId& user) const {
  return fmt::format("authkit:{{user:{}:{}}}:sessions", tenant_, hex::encode(user.bytes));
}

Result<redis::Reply> RedisSessionStore::run(const redis::Script& script, std::string key, const std::vector<std::string>& arguments) const {
  return script.run(*client_, {std::move(key)}, arguments, client_->default_deadline()).to_result();
}

Result<void> RedisSessionStore::insert(Tx& tx, const SessionRecord& record) {
  AUTHKIT_TRY(require_storable({record.amr, record.acr, record.client, record.user_agent, record.address}));
  AUTHKIT_TRY_ASSIGN(const auto there, read(record.id, client_->default_deadline()));
  if (there) return Error{Errc::conflict, "the session id is in use"};
  tx.before_commit([this, &tx, record]() -> Result<void> {
    tx.if_not_committed([this, record] { static_cast<void>(remove(record.id, record.user)); });
    return write(record);
  });
  return {};
}

/// Into the index first: a session that nobody finds by its user could not be ended with the others.
Result<void> RedisSessionStore::write(const SessionRecord& r) const {
  const Time end = std::min(r.idle_expires_at, r.absolute_expires_at);
  AUTHKIT_TRY(run(index_, index_of(r.user), {text(r.created_at), text(r.id.bytes), time_to_live(r.created_at, r.absolute_expires_at)}));
  AUTHKIT_TRY_ASSIGN(const auto written, run(insert_, key_of(r.id),
                                             {time_to_live(r.last_seen, end),
                                              "u",
                                              text(r.user.bytes),
                                              "t",
                                              r.transport == Transport::bearer ? "0" : "1",
                                              "d",
                                              text(r.secret_digest),
                                              "g",
                                              std::to_string(r.generation),
                                              "r",
                                              text(r.rotated_at),
                                              "c",
                                              text(r.created_at),
                                              "l",
                                              text(r.last_seen),
                                              "i",
                                              text(r.idle_expires_at),
                                              "a",
                                              text(r.absolute_expires_at),
                                              "h",
                                              text(r.auth_time),
                                              "m",
                                              r.amr,
                                              "k",
                                              r.acr,
                                              "n",
                                              r.client,
                                              "b",
                                              r.user_agent,
                                              "p",
                                              r.address,
                                              "e",
                                              std::to_string(r.epoch)}));
  const auto* count = written.integer();
  return count != nullptr && *count == 1 ? Result<void>() : Error{Errc::conflict, "the session id is in use"};
}

Result<std::optional<SessionRecord>> RedisSessionStore::find(const SessionId& id, const Context& context) {
  return read(id, context.deadline.value_or(client_->default_deadline()));
}

Result<std::optional<SessionRecord>> RedisSessionStore::read(const SessionId& id, redis::Deadline deadline) const {
  const std::string key = key_of(id);
  std::array<std::string_view, 2 + letters.size()> command{"HMGET", key};
  for (std::size_t i = 0; i < letters.size(); ++i) command[i + 2] = letters.substr(i, 1);
  AUTHKIT_TRY_ASSIGN(const auto reply, client_->call({command, 1, true}, deadline).to_result());
  return record_of(id, reply);
}

Result<bool> RedisSessionStore::touch(Tx& tx, const SessionId& id, Time now, Time idle_expires_at) {
  AUTHKIT_TRY_ASSIGN(const auto there, read(id, client_->default_deadline()));
  if (!there) return false;
  tx.before_commit([this, id, now, idle_expires_at]() -> Result<void> {
    AUTHKIT_TRY(run(update_, key_of(id), {time_to_live(now, idle_expires_at), "l", text(now), "i", text(idle_expires_at)}));
    return {};
  });
  return true;
}

Result<std::optional<SessionRecord>> RedisSessionStore::rotate(Tx& tx, const SessionId& id, const std::array<std::uint8_t, 32>& secret_digest,
                                                               std::uint32_t generation, Time now, Time idle_expires_at) {
  AUTHKIT_TRY_ASSIGN(const auto reply,
                     run(rotate_, key_of(id),
                         {text(secret_digest), std::to_string(generation), text(now), text(idle_expires_at), time_to_live(now, idle_expires_at)}));
  if (reply.is_nil()) return std::optional<SessionRecord>();
  const auto* parts = reply.array();
  if (parts == nullptr || parts->size() != 4) return bad_record();
  std::vector<std::string> before{std::to_string(generation + std::uint64_t{1}), text(now), std::to_string(generation)};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto* value = (*parts)[i].text();
    if (value == nullptr) return bad_record();
    before.push_back(*value);
  }
  tx.if_not_committed([this, id, before = std::move(before)] { static_cast<void>(run(take_back_, key_of(id), before)); });
  return record_of(id, (*parts)[3]);
}

Result<bool> RedisSessionStore::erase(Tx& tx, const SessionId& id) {
  AUTHKIT_TRY_ASSIGN(const auto there, read(id, client_->default_deadline()));
  if (!there) return false;
  tx.before_commit([this, id, user = there->user] { return remove(id, user); });
  return true;
}

Result<void> RedisSessionStore::erase_known(Tx& tx, const SessionId& id) {
  AUTHKIT_TRY_ASSIGN(const bool erased, erase(tx, id));
  if (!erased) return Errc::not_found;
  return {};
}

Result<void> RedisSessionStore::remove(const SessionId& id, const UserId& user) const {
  const std::string key = key_of(id), index = index_of(user), member = text(id.bytes);
  const std::string_view del[] = {"DEL", key}, zrem[] = {"ZREM", index, member};
  AUTHKIT_TRY(client_->call({del, 1, true}, client_->default_deadline()).to_result());
  AUTHKIT_TRY(client_->call({zrem, 1, true}, client_->default_deadline()).to_result());
  return {};
}

Result<std::vector<SessionId>> RedisSessionStore::ids_of(const UserId& user, redis::Deadline deadline) const {
  const std::string index = index_of(user);
  const std::string_view command[] = {"ZREVRANGE", index, "0", "-1"};
  AUTHKIT_TRY_ASSIGN(const auto reply, client_->call({command, 1, true}, deadline).to_result());
  std::vector<SessionId> ids;
  const auto* members = reply.array();
  if (members == nullptr) return bad_record();
  for (const redis::Reply& member : *members) {
    const auto* bytes = member.text();
    SessionId id;
    if (bytes == nullptr || bytes->size() != id.bytes.size()) return bad_record();
    std::copy(bytes->begin(), bytes->end(), id.bytes.begin());
    ids.push_back(id);
  }
  return ids;
}

Result<std::vector<SessionRecord>> RedisSessionStore::find_by_user(const UserId& user, Time now, std::size_t max, const Context& context) {
  const redis::Deadline deadline = context.deadline.value_or(client_->default_deadline());
  AUTHKIT_TRY_ASSIGN(const auto ids, ids_of(user, deadline));
  std::vector<SessionRecord> live;
  for (const SessionId& id : ids) {
    AUTHKIT_TRY_ASSIGN(auto record, read(id, deadline));
    if (record && !record->expired(now)) live.push_back(*std::move(record));
  }
  std::sort(live.begin(), live.end(),
            [](const SessionRecord& a, const SessionRecord& b) { return a.created_at != b.created_at ? a.created_at > b.created_at : a.id < b.id; });
  if (live.size() > max) live.resize(max);
  return live;
}

Result<std::vector<SessionId>> RedisSessionStore::erase_by_user(Tx& tx, const UserId& user, const SessionId& keep) {
  const redis::Deadline deadline = client_->default_deadline();
  AUTHKIT_TRY_ASSIGN(const auto ids, ids_of(user, deadline));
  std::vector<SessionId> ended;
  for (const SessionId& id : ids) {
    if (id == keep) continue;
    AUTHKIT_TRY_ASSIGN(const auto there, read(id, deadline));
    if (there) ended.push_back(id);
  }
  tx.before_commit([this, user, ended]() -> Result<void> {
    for (const SessionId& id : ended) AUTHKIT_TRY(remove(id, user));
    return {};
  });
  return ended;
}

Result<bool> RedisSessionStore::set_epoch(Tx& tx, const SessionId& id, std::uint64_t epoch) {
  AUTHKIT_TRY_ASSIGN(const auto there, read(id, client_->default_deadline()));
  if (!there) return false;
  tx.before_commit([this, id, epoch]() -> Result<void> {
    AUTHKIT_TRY(run(update_, key_of(id), {"0", "e", std::to_string(epoch)}));
    return {};
  });
  return true;
}

Result<std::size_t> RedisSessionStore::purge(Tx&, Time, std::size_t) { return std::size_t{0}; }

}  // namespace authkit
