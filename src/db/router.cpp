#include "db/router.hpp"

#include <algorithm>

namespace authkit {
namespace {

constexpr std::uint32_t strangers_allowed = 2;
/// A replica that was so close may catch up while a read waits.
constexpr Duration close{500};

Choice use(std::size_t node, std::string_view why) { return {Choice::Kind::node, node, false, why}; }
Choice refuse(std::string_view why) { return {Choice::Kind::unavailable, 0, false, why}; }
Choice wait(std::string_view why) { return {Choice::Kind::wait, 0, false, why}; }

}  // namespace

Router::Router(std::vector<std::uint32_t> weights, Options options) : nodes_(weights.size()), options_(options) {
  for (std::size_t i = 0; i < weights.size(); ++i) nodes_[i].weight = std::max(weights[i], 1U);
}

bool Router::probed(std::size_t at, const Probe& probe, SteadyTime now) {
  Node& node = nodes_[at];
  const NodeRole role = probe.in_recovery ? NodeRole::replica : NodeRole::primary;
  const bool changed = role != node.role || probe.server != node.server;
  if (probe.server != node.server) {
    // A server that restarts is new each time; one that comes back after another was there all along.
    if (!node.server.empty() && probe.server == node.server_before) node.several = true;
    node.server_before = std::exchange(node.server, probe.server);
    node.strangers = 0;
  }
  if (system_id_.empty()) system_id_ = probe.system_id;
  node.role = role;
  node.position = probe.position;
  node.foreign = probe.system_id != system_id_;
  node.outdated = role == NodeRole::primary && probe.position.timeline < timeline_;
  node.breaker.probe_succeeded();
  node.answered = true;
  node.trouble.clear();
  settle_primary();
  if (primary_ == at) {
    history_.add(probe.position.lsn, now);
    timeline_ = probe.position.timeline;
  }
  return changed;
}

void Router::probe_failed(std::size_t at, std::string trouble) {
  Node& node = nodes_[at];
  node.breaker.probe_failed();
  node.answered = false;
  node.trouble = std::move(trouble);
}

void Router::call_succeeded(std::size_t at, SteadyTime now) { nodes_[at].breaker.succeeded(now); }

bool Router::call_failed(std::size_t at, Fault fault, SteadyTime now) {
  Node& node = nodes_[at];
  switch (fault) {
    case Fault::unreachable:
      node.breaker.failed(now);
      node.trouble = "a connection failed";
      break;
    case Fault::hung:
      node.breaker.failed(now);
      node.breaker.hung();
      node.trouble = "a call was not answered in time";
      break;
    case Fault::demoted:
      node.role = NodeRole::unknown;
      node.trouble = "it takes no writes";
      settle_primary();
      return true;
    case Fault::another:
      if (++node.strangers > strangers_allowed) node.several = true;
      break;
  }
  return false;
}

/// One that was chosen stays until another of a later timeline appears, or it says itself that it is none.
void Router::settle_primary() {
  const auto is_primary = [](const Node& node) { return node.role == NodeRole::primary && !node.foreign && !node.outdated; };
  if (primary_ && !is_primary(nodes_[*primary_])) primary_.reset();
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!is_primary(nodes_[i])) continue;
    if (!primary_ || nodes_[i].position.timeline > nodes_[*primary_].position.timeline) primary_ = i;
  }
  if (primary_) timeline_ = std::max(timeline_, nodes_[*primary_].position.timeline);
  for (Node& node : nodes_) node.outdated = node.role == NodeRole::primary && node.position.timeline < timeline_;
}

NodeHealth Router::health(const Node& node) const noexcept {
  if (node.foreign || node.outdated || node.several) return NodeHealth::quarantined;
  if (node.server.empty() && node.trouble.empty()) return NodeHealth::unknown;
  const bool open = node.breaker.state() == Breaker::State::open;
  if (!node.answered) return open || node.server.empty() ? NodeHealth::down : NodeHealth::suspect;
  return open || node.role == NodeRole::unknown ? NodeHealth::suspect : NodeHealth::up;
}

bool Router::may_answer(const Node& node, SteadyTime now) const {
  if (node.role != NodeRole::replica || node.position.timeline != timeline_ || health(node) != NodeHealth::up) return false;
  const auto lag = history_.lag(node.position.lsn, now);
  return lag && *lag <= options_.max_lag;
}

Choice Router::choose(const Need& need, std::span<const std::uint32_t> in_flight, std::uint32_t guests, SteadyTime now) const {
  if (need.route != Route::read_replica) return choose_primary(need, "the primary was asked for");
  if (!has_replicas()) return choose_primary(need, "there are no replicas");

  const bool binding = !need.position.is_none();
  if (binding && need.position.timeline != timeline_) return invite(need, guests, "the position is of another timeline");
  std::uint32_t weight = 0;
  bool behind = false;
  const auto fits = [&](const Node& node) { return may_answer(node, now) && node.position.lsn >= need.position.lsn; };
  for (const Node& node : nodes_) {
    if (fits(node))
      weight += node.weight;
    else
      behind = behind || (may_answer(node, now) && history_.lag(node.position.lsn, now) <= close);
  }
  if (weight == 0) {
    if (behind && need.patient) return wait("no replica has replayed the position yet");
    return invite(need, guests, behind ? "no replica has replayed the position" : "no replica is healthy");
  }
  const auto draw = [&](std::uint32_t dice) {
    std::uint32_t left = dice % weight;
    for (std::size_t i = 0;; ++i) {
      if (!fits(nodes_[i])) continue;
      if (left < nodes_[i].weight) return i;
      left -= nodes_[i].weight;
    }
  };
  const std::size_t one = draw(static_cast<std::uint32_t>(need.dice)), two = draw(static_cast<std::uint32_t>(need.dice >> 32));
  const bool second = std::uint64_t{in_flight[two]} * nodes_[one].weight < std::uint64_t{in_flight[one]} * nodes_[two].weight;
  return use(second ? two : one, "it has replayed the position");
}

Choice Router::choose_primary(const Need& need, std::string_view why) const {
  const bool in_doubt = std::any_of(nodes_.begin(), nodes_.end(), [this](const Node& node) {
    const NodeHealth now = health(node);
    return now == NodeHealth::unknown || now == NodeHealth::suspect;
  });
  if (!primary_) return in_doubt && need.patient ? wait("no primary is known") : refuse("no primary is known");
  const Node& node = nodes_[*primary_];
  if (health(node) == NodeHealth::quarantined) return refuse("the primary's URL leads to several servers");
  if (node.breaker.state() == Breaker::State::closed) return use(*primary_, why);
  if (health(node) == NodeHealth::suspect && need.patient) return wait("the primary is in doubt");
  return refuse("the primary does not answer");
}

/// The primary in place of a replica, as long as that leaves room for what only the primary can do.
Choice Router::invite(const Need& need, std::uint32_t guests, std::string_view why) const {
  Choice choice = choose_primary(need, why);
  if (choice.kind != Choice::Kind::node) return choice;
  if (guests >= options_.guests) return refuse("the replicas are behind and the primary takes no more of their reads");
  choice.guest = true;
  return choice;
}

NodeStatus Router::status(std::size_t at, SteadyTime now) const {
  const Node& node = nodes_[at];
  NodeStatus status;
  status.role = node.role;
  status.health = health(node);
  status.position = node.position;
  if (node.role == NodeRole::replica) status.lag = history_.lag(node.position.lsn, now);
  status.weight = node.weight;
  status.trouble = node.trouble;
  if (node.foreign) status.trouble = "it belongs to another cluster";
  if (node.outdated) status.trouble = "a primary of a later timeline was seen";
  if (node.several) status.trouble = "its URL leads to several servers";
  return status;
}

}  // namespace authkit
