#include "limit/redis_counter_store.hpp"

#include "limit/gcra.hpp"

#include <fmt/format.h>

namespace authkit {
namespace {

// gcra.hpp in Lua, whose numbers are doubles: exact below 2^53 only, less than a TAT may be. So a TAT is two numbers, "a:b" for a * 10^9 + b
// microseconds, and the arithmetic is done on its distance from now, which matters below a century only.
// ARGV: now (two numbers), then for each key its interval, its full burst in microseconds, and the wait of a rule that allows nothing, or 0.

constexpr std::string_view take_script = R"(
local now_a, now_b = tonumber(ARGV[1]), tonumber(ARGV[2])
local tats = redis.call('mget', unpack(KEYS))
local after, longest = {}, 0
for i = 1, #KEYS do
  local interval, full, never = tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1]), tonumber(ARGV[3 * i + 2])
  local a, b = string.match(tats[i] or '', '^(-?%d+):(%d+)$')
  local ahead = a and (a - now_a) * 1e9 + (b - now_b) or 0
  after[i] = math.max(0, math.min(ahead, full)) + interval
  longest = math.max(longest, never > 0 and never or after[i] - full)
end
if longest > 0 then return longest end
for i = 1, #KEYS do
  local sum = now_b + after[i]
  local b = sum % 1e9
  redis.call('set', KEYS[i], string.format('%.0f:%.0f', now_a + (sum - b) / 1e9, b), 'px', string.format('%.0f', math.ceil(after[i] / 1000) + 60000))
end
return 0
)";

constexpr std::string_view give_back_script = R"(
local now_a, now_b = tonumber(ARGV[1]), tonumber(ARGV[2])
local tats = redis.call('mget', unpack(KEYS))
for i = 1, #KEYS do
  local interval, full = tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1])
  local a, b = string.match(tats[i] or '', '^(-?%d+):(%d+)$')
  local ahead = a and (a - now_a) * 1e9 + (b - now_b) or 0
  local left = math.max(0, math.min(ahead, full)) - interval
  if left > 0 then
    local sum = now_b + left
    local low = sum % 1e9
    redis.call('set', KEYS[i], string.format('%.0f:%.0f', now_a + (sum - low) / 1e9, low), 'px', string.format('%.0f', math.ceil(left / 1000) + 60000))
  elseif a then
    redis.call('del', KEYS[i])
  end
end
return 0
)";

constexpr std::int64_t part = 1'000'000'000;

}  // namespace

RedisCounterStore::RedisCounterStore(std::shared_ptr<redis::Client> client, std::string_view tenant)
    : client_(std::move(client)), prefix_(fmt::format("authkit:{{limit:{}}}:", tenant)), take_(take_script), give_back_(give_back_script) {}

Result<LimitDecision> RedisCounterStore::take(std::span<const LimitRequest> requests, Time now, const Context& context) {
  if (requests.empty()) return LimitDecision{};
  redis::Answer answer = run(take_, requests, now, context);
  if (!answer.is_reply()) return std::move(answer.error);
  const auto* wait = answer.reply.integer();
  if (wait == nullptr) return Error{Errc::internal, "Redis answered a script with something else than a number"};
  return LimitDecision{*wait <= 0, Duration{(*wait + 999) / 1000}};
}

Result<void> RedisCounterStore::give_back(std::span<const LimitRequest> requests, Time now, const Context& context) {
  if (requests.empty()) return {};
  redis::Answer answer = run(give_back_, requests, now, context);
  if (!answer.is_reply()) return std::move(answer.error);
  return {};
}

Result<std::size_t> RedisCounterStore::purge(Time, std::size_t) { return std::size_t{0}; }

redis::Answer RedisCounterStore::run(const redis::Script& script, std::span<const LimitRequest> requests, Time now, const Context& context) const {
  const std::int64_t moment = gcra::microseconds(now), rest = ((moment % part) + part) % part;
  std::vector<std::string> keys, arguments{std::to_string((moment - rest) / part), std::to_string(rest)};
  for (const auto& [key, rule] : requests) {
    keys.push_back(prefix_ + key);
    const std::int64_t interval = gcra::interval(rule);
    const Duration never = rule.burst == 0 ? gcra::take(rule, gcra::unused, now).retry_after : Duration{0};
    for (const std::int64_t number : {interval, interval * rule.burst, never.count() * 1000}) arguments.push_back(std::to_string(number));
  }
  return script.run(*client_, keys, arguments, context.deadline.value_or(client_->default_deadline()));
}

}  // namespace authkit
