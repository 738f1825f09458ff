#include "redis/answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace authkit::redis {
namespace {

constexpr std::chrono::milliseconds soon{1000};

Error unavailable(std::string detail) {
  Error error{Errc::store_unavailable, std::move(detail)};
  error.retry_after = soon;
  return error;
}

/// The capitals at the start of an error reply; what follows them may repeat a key or a value.
std::string_view name_of(std::string_view failure) noexcept {
  const std::string_view name = failure.substr(0, failure.find(' '));
  const bool fits = name.size() <= 20 && std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
  return fits ? name : std::string_view();
}

/// Errors that a server gives before it runs anything.
Reason refusal(std::string_view name) noexcept {
  struct Row {
    std::string_view name;
    Reason reason;
  };
  constexpr std::array<Row, 8> rows{{{"LOADING", Reason::loading},
                                     {"BUSY", Reason::loading},
                                     {"MASTERDOWN", Reason::loading},
                                     {"READONLY", Reason::read_only},
                                     {"TRYAGAIN", Reason::try_again},
                                     {"CLUSTERDOWN", Reason::cluster_down},
                                     {"MOVED", Reason::moved},
                                     {"ASK", Reason::ask}}};
  const auto* row = std::find_if(rows.begin(), rows.end(), [name](const Row& one) { return one.name == name; });
  return row == rows.end() ? Reason::none : row->reason;
}

Error error_of(std::string_view name) {
  constexpr std::array<std::string_view, 4> full{"OOM", "MISCONF", "NOREPLICAS", "UNKILLABLE"};
  if (std::find(full.begin(), full.end(), name) != full.end()) return unavailable(fmt::format("Redis takes no writes ({})", name));
  if (name == "NOAUTH" || name == "WRONGPASS" || name == "NOPERM") return unavailable(fmt::format("Redis refuses our user a command ({})", name));
  return {Errc::internal, fmt::format("Redis refused a command ({})", name.empty() ? "ERR" : name)};
}

std::string_view words(Reason reason) noexcept {
  switch (reason) {
    case Reason::late:
      return "Redis did not answer in time";
    case Reason::link_lost:
      return "the connection to Redis was lost";
    case Reason::login:
      return "Redis refuses our user or password";
    case Reason::overloaded:
      return "too many calls wait for Redis";
    case Reason::breaker:
      return "Redis is down, and is not asked until it answers again";
    case Reason::loading:
      return "Redis is loading its data, or busy with a script";
    case Reason::read_only:
      return "Redis is read-only: it is no longer the master";
    case Reason::try_again:
    case Reason::cluster_down:
      return "the Redis cluster does not serve this key now";
    case Reason::moved:
    case Reason::ask:
      return "the Redis cluster keeps this key elsewhere (a cluster's URL starts with redis+cluster://)";
    case Reason::no_sentinel:
      return "no Redis sentinel answers us";
    case Reason::unknown_master:
      return "the Redis sentinels know no master of the name in the URL";
    case Reason::no_master:
      return "the Redis sentinels name no master that serves now";
    default:
      return "Redis is not available";
  }
}

Answer without_reply(Outcome outcome, Reason reason) {
  Error error = reason == Reason::closed ? Error(Errc::closed) : unavailable(std::string(words(reason)));
  return {outcome, reason, {}, std::move(error)};
}

}  // namespace

std::string_view Answer::error_name() const noexcept {
  const std::string* failure = reply.failure();
  return failure == nullptr ? std::string_view() : name_of(*failure);
}

Result<Reply> Answer::to_result() && {
  if (is_reply()) return std::move(reply);
  return std::move(error);
}

Answer answer_of(Reply reply) {
  const std::string* failure = reply.failure();
  if (failure == nullptr) return {Outcome::reply, Reason::none, std::move(reply), {}};
  const std::string_view name = name_of(*failure);
  const Reason reason = refusal(name);
  Answer refused = reason == Reason::none ? Answer{Outcome::error_reply, reason, {}, error_of(name)} : not_sent(reason);
  refused.reply = std::move(reply);
  return refused;
}

Answer not_sent(Reason reason) { return without_reply(Outcome::not_sent, reason); }
Answer ambiguous(Reason reason) { return without_reply(Outcome::ambiguous, reason); }

std::optional<Redirection> parse_redirection(std::string_view failure) {
  const std::size_t first = failure.find(' '), second = failure.find(' ', first + 1);
  const std::size_t colon = failure.rfind(':');
  if (first == std::string_view::npos || second == std::string_view::npos || colon == std::string_view::npos || colon < second) return std::nullopt;
  const auto number = [](std::string_view text, unsigned most) -> std::optional<unsigned> {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value > most) return std::nullopt;
    return value;
  };
  const auto slot = number(failure.substr(first + 1, second - first - 1), 16383);
  const auto port = number(failure.substr(colon + 1), 65535);
  if (!slot || !port) return std::nullopt;
  return Redirection{*slot, {std::string(failure.substr(second + 1, colon - second - 1)), std::to_string(*port), {}}};
}

}  // namespace authkit::redis
