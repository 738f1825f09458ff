#pragma once

#include "authkit/database.hpp"

#include "core/breaker.hpp"
#include "db/log_history.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace authkit {

/// What a probe of one server found.
struct Probe {
  bool in_recovery = false;
  LogPosition position;   ///< a primary's: written; a replica's: replayed, and the newest timeline it knows
  std::string system_id;  ///< of the cluster: the same on a primary and its replicas
  std::string server;     ///< address, port and start of the very server
};

/// How a call to a server failed, where that was the server's fault.
enum class Fault : std::uint8_t {
  unreachable,  ///< no connection could be made, or it was lost
  hung,         ///< no answer before the deadline
  demoted,      ///< it takes no writes any more
  another,      ///< the connection led to another server than the one that was probed
};

struct Need {
  Route route = Route::read_latest;
  LogPosition position = {};  ///< what must be seen; none = anything within max_lag
  bool patient = true;        ///< may still wait for a probe
  std::uint64_t dice = 0;     ///< random
};

/// Which server answers, or what else to do.
struct Choice {
  enum class Kind : std::uint8_t {
    node,
    wait,        ///< for the next probe, a moment: it may change the answer
    unavailable  ///< nobody can answer
  };
  Kind kind = Kind::unavailable;
  std::size_t node = 0;
  bool guest = false;    ///< a read that a replica should have taken: the primary takes only so many
  std::string_view why;  ///< for people
};

/// What is known of the servers of one database, and the choice between them. It does no I/O: probes and the ends of calls are told to it, and the
/// time with them.
///
/// A replica answers a read only if it is on the primary's timeline and has replayed the position that the read carries; what was not probed, or not
/// since it was last in doubt, is not used. One server at most counts as the primary: of two that say so, the one of the later timeline.
///
/// Thread safety: none; the owner's lock.
class Router {
 public:
  struct Options {
    Duration max_lag{10'000};
    std::uint32_t guests = 4;  ///< reads that the primary takes at once in place of replicas
  };
  /// `weights`: one a server, at least 1.
  Router(std::vector<std::uint32_t> weights, Options options);

  /// True: connections made before must not be used again (it is another server, or in another role).
  bool probed(std::size_t node, const Probe& probe, SteadyTime now);
  void probe_failed(std::size_t node, std::string trouble);
  void call_succeeded(std::size_t node, SteadyTime now);
  /// True: as with probed().
  bool call_failed(std::size_t node, Fault fault, SteadyTime now);

  /// `in_flight`: calls under way at every server. `guests`: of them, those that choose() called so.
  Choice choose(const Need& need, std::span<const std::uint32_t> in_flight, std::uint32_t guests, SteadyTime now) const;

  std::optional<std::size_t> primary() const noexcept { return primary_; }
  /// Whether the connection's server is the one that was probed.
  bool is_same_server(std::size_t node, std::string_view server) const noexcept { return nodes_[node].server == server; }
  std::uint32_t timeline() const noexcept { return timeline_; }
  bool has_replicas() const noexcept { return nodes_.size() > 1; }
  NodeStatus status(std::size_t node, SteadyTime now) const;

 private:
  struct Node {
    std::uint32_t weight = 1;
    NodeRole role = NodeRole::unknown;
    LogPosition position;
    std::string server, server_before, trouble;
    Breaker breaker;
    bool answered = false;        ///< the last probe
    bool foreign = false;         ///< of another cluster
    bool outdated = false;        ///< says that it is the primary, of a timeline that is over
    bool several = false;         ///< its URL leads to more than one server
    std::uint32_t strangers = 0;  ///< connections that led to another server than the one probed
  };
  Choice choose_primary(const Need& need, std::string_view why) const;
  Choice invite(const Need& need, std::uint32_t guests, std::string_view why) const;
  bool may_answer(const Node& node, SteadyTime now) const;
  NodeHealth health(const Node& node) const noexcept;
  void settle_primary();

  std::vector<Node> nodes_;
  Options options_;
  std::string system_id_;
  std::optional<std::size_t> primary_;
  std::uint32_t timeline_ = 0;  ///< of the newest primary seen
  LogHistory history_;
};

}  // namespace authkit
