#pragma once

#include "authkit/result.hpp"

#include "redis/resp.hpp"
#include "redis/target.hpp"

#include <optional>

namespace authkit::redis {

/// How a call ended. What may be repeated hangs on it.
enum class Outcome : std::uint8_t {
  reply,        ///< the command ran, and said this
  error_reply,  ///< the server refused it, or it failed while it ran
  not_sent,     ///< it did not run and will not: repeating it is safe
  ambiguous,    ///< it was written and nothing came back: it may have run, may still run, or not
};

/// Why there was no reply.
enum class Reason : std::uint8_t {
  none,
  late,            ///< no answer before the deadline
  link_lost,       ///< the connection broke
  login,           ///< the server refuses our user or password
  overloaded,      ///< too many calls wait already
  breaker,         ///< the server is known to be down
  closed,          ///< this client was closed
  loading,         ///< the server is not ready to serve, or is stuck in a script
  read_only,       ///< a replica, or a master that was demoted
  try_again,       ///< a slot on its way to another node
  cluster_down,    ///< some slot has no owner
  moved,           ///< the slot is elsewhere
  ask,             ///< the slot is on its way, and this key has arrived
  no_sentinel,     ///< none answers, or lets us in
  unknown_master,  ///< those that answer know no master of that name
  no_master,       ///< the one they name does not answer, or is none any more
};

struct Answer {
  Outcome outcome = Outcome::not_sent;
  Reason reason = Reason::none;
  Reply reply;                  ///< with Outcome::reply and error_reply
  Error error{Errc::internal};  ///< with all but Outcome::reply

  bool is_reply() const noexcept { return outcome == Outcome::reply; }
  /// The name at the start of an error reply ("WRONGTYPE", "NOSCRIPT"), or empty.
  std::string_view error_name() const noexcept;
  /// The reply, or the error.
  Result<Reply> to_result() &&;
};

/// What a complete reply means: some error replies say that the command did not run.
Answer answer_of(Reply reply);
Answer not_sent(Reason reason);
Answer ambiguous(Reason reason);

/// "MOVED 3999 host:port" and "ASK ..." (Redis Cluster specification, redirections).
struct Redirection {
  unsigned slot = 0;
  Endpoint to;  ///< an empty host means the one that answered
};
std::optional<Redirection> parse_redirection(std::string_view failure);

}  // namespace authkit::redis
