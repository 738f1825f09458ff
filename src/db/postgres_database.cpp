#include "db/postgres_database.hpp"

#include "db/sql_error.hpp"

#include <algorithm>
#include <random>
#include <thread>

namespace authkit {
namespace {

using std::chrono::steady_clock;

/// Starting may take longer than a call: name resolution, TLS, a server that is just coming up.
constexpr std::chrono::seconds time_to_open{10};
/// How long a read waits for a replica that has not replayed yet what it must see, and any call for the verdict on a server in doubt.
constexpr std::chrono::milliseconds time_to_catch_up{20}, time_of_doubt{50};
/// How long a commit of a timeline that is over binds reads to the primary.
constexpr std::chrono::seconds memory_of_old_timelines{60};
constexpr std::size_t users_remembered = 10'000;

Error unavailable(std::string_view why) {
  Error error{Errc::store_unavailable, "no database server can answer: " + std::string(why)};
  error.retry_after = std::chrono::seconds(1);
  return error;
}

std::uint64_t roll() {
  thread_local std::minstd_rand dice(std::random_device{}());
  return std::uint64_t{dice()} << 32 | dice();
}

Result<void> check(const DatabaseOptions& options) {
  if (options.connections < 1 || options.connections > 256) return Error{Errc::config_invalid, "connections must be 1 to 256"};
  if (options.deadline < Duration{10} || options.deadline > std::chrono::minutes(10))
    return Error{Errc::config_invalid, "the deadline must be 10 ms to 10 minutes"};
  if (options.max_lag < Duration{0} || options.max_lag > std::chrono::minutes(1))
    return Error{Errc::config_invalid, "the greatest lag must be 0 to 60 s"};
  return {};
}

std::vector<std::uint32_t> weights_of(const std::vector<PostgresServer>& servers) {
  std::vector<std::uint32_t> weights;
  for (const auto& server : servers) weights.push_back(server.weight);
  return weights;
}

}  // namespace

Result<std::shared_ptr<PostgresDatabase>> PostgresDatabase::open(const DatabaseOptions& options) {
  AUTHKIT_TRY(check(options));
  AUTHKIT_TRY_ASSIGN(auto servers, postgres_servers(options.url, options.replica_url));
  auto database = std::make_shared<PostgresDatabase>(options, std::move(servers));
  AUTHKIT_TRY(database->wait_for_primary(steady_clock::now() + time_to_open));
  return database;
}

PostgresDatabase::PostgresDatabase(const DatabaseOptions& options, std::vector<PostgresServer> servers)
    : servers_(std::move(servers)),
      patience_(options.deadline),
      positions_(users_remembered),
      router_(weights_of(servers_), {options.max_lag, std::max(options.connections / 2, 1U)}),
      in_flight_(servers_.size()),
      calls_(servers_.size()) {
  const auto watchdog = std::make_shared<CallWatchdog>();
  const std::lock_guard lock(mutex_);  // the first probes wait until all nodes are there
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    PostgresNode::Listener listener;
    listener.probed = [this, i](Result<Probe> found) { on_probe(i, std::move(found)); };
    listener.unreachable = [this, i](bool in_time) { on_fault(i, in_time ? Fault::unreachable : Fault::hung); };
    nodes_.push_back(std::make_unique<PostgresNode>(servers_[i].conninfo, options.connections, options.deadline, servers_.size() > 1, watchdog,
                                                    std::move(listener)));
  }
}

PostgresDatabase::~PostgresDatabase() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  nodes_.clear();
}

Result<void> PostgresDatabase::wait_for_primary(Deadline deadline) {
  std::unique_lock lock(mutex_);
  const auto answer = [this] { return router_.choose({.route = Route::write}, in_flight_, 0, steady_clock::now()); };
  changed_.wait_until(lock, deadline, [&] { return answer().kind != Choice::Kind::wait; });
  const Choice choice = answer();
  if (choice.kind == Choice::Kind::node) return {};
  const NodeStatus first = router_.status(0, steady_clock::now());
  return unavailable(first.health == NodeHealth::up && first.role == NodeRole::replica
                         ? "database.url names a replica, and none of the others is the primary"
                     : first.trouble.empty() ? choice.why
                                             : std::string_view(first.trouble));
}

Errand PostgresDatabase::plan(Route route, const Context& context) const {
  Errand errand{route, until(context.deadline)};
  if (route != Route::read_replica) return errand;
  if (context.read_after) errand.position = context.read_after->position();
  if (!context.user.is_nil()) errand.position = std::max(errand.position, positions_.find(context.user));
  return errand;
}

/// A server for the call, waiting where a probe may change the answer.
Result<Choice> PostgresDatabase::choose(const Errand& errand) {
  const SteadyTime begun = steady_clock::now();
  const auto patience = errand.route == Route::read_replica ? time_to_catch_up : time_of_doubt;
  const SteadyTime end = std::min(begun + patience, begun + (errand.deadline - begun) / 4);
  std::unique_lock lock(mutex_);
  for (bool waited = false;; waited = true) {
    const SteadyTime now = steady_clock::now();
    for (std::size_t i = 0; i < nodes_.size(); ++i) in_flight_[i] = nodes_[i]->pool().lent();
    const Choice choice = router_.choose({errand.route, errand.position, now < end, roll()}, in_flight_, guests_->load(), now);
    if (choice.kind == Choice::Kind::unavailable) return unavailable(choice.why);
    if (choice.kind == Choice::Kind::node) {
      ++calls_[choice.node];
      if (errand.route == Route::read_replica && router_.has_replicas()) ++(choice.node == router_.primary() ? guest_reads_ : replica_reads_);
      if (choice.guest) guests_->fetch_add(1);
      return choice;
    }
    if (!waited) ++waits_;
    for (const auto& node : nodes_) node->probe_now();
    changed_.wait_until(lock, end);
  }
}

Result<SqlLease> PostgresDatabase::lease(const Errand& errand) {
  AUTHKIT_TRY_ASSIGN(const Choice choice, choose(errand));
  std::shared_ptr<void> guest;
  if (choice.guest) guest = {nullptr, [guests = guests_](std::nullptr_t) { guests->fetch_sub(1); }};
  PostgresNode& node = *nodes_[choice.node];
  node.use();
  const bool on_replica = errand.route == Route::read_replica && !choice.guest && nodes_.size() > 1;
  // A replica that does not answer leaves time for another server.
  const SteadyTime now = steady_clock::now();
  const Deadline deadline = on_replica && !errand.repeated ? now + (errand.deadline - now) / 2 : errand.deadline;
  auto lease = node.pool().acquire(deadline);
  if (on_replica && (!lease || !leads_to(choice.node, *lease))) return this->lease({Route::read_latest, errand.deadline, {}, true});
  if (!lease && retry_connecting(deadline)) lease = node.pool().acquire(deadline);
  if (!lease) return lease;
  (*lease)->set_deadline(deadline);
  lease->keep(std::move(guest));
  return lease;
}

/// One attempt that failed answered all who waited for it, so they come again one by one, where there is time.
bool PostgresDatabase::retry_connecting(Deadline deadline) {
  const auto pause = std::chrono::milliseconds(5 + roll() % 20);
  {
    const std::lock_guard lock(mutex_);
    if (steady_clock::now() + pause >= deadline || !retries_left_.take()) return false;
    ++retries_;
  }
  std::this_thread::sleep_for(pause);
  return true;
}

/// Whether the connection's server is the one that was probed. What is known of that one says nothing of another.
bool PostgresDatabase::leads_to(std::size_t node, SqlLease& lease) {
  {
    const std::lock_guard lock(mutex_);
    if (router_.is_same_server(node, lease->server())) return true;
  }
  on_fault(node, Fault::another);
  lease.discard();
  return false;
}

bool PostgresDatabase::settle(Errand& errand, SqlLease& lease, const Error* failure) {
  const std::size_t node = node_of(lease);
  if (failure == nullptr) {
    const std::lock_guard lock(mutex_);
    router_.call_succeeded(node, steady_clock::now());
    retries_left_.succeeded();
    return false;
  }
  // A replica cancels what stands in the way of replay.
  const bool conflict = errand.route == Route::read_replica && failure->code == Errc::store_conflict;
  const bool demoted = means_read_only(*failure), hung = lease->is_hung();
  if (!conflict && !demoted && !hung && !means_lost(*failure)) return false;
  if (!conflict) on_fault(node, demoted ? Fault::demoted : hung ? Fault::hung : Fault::unreachable);
  lease.discard();
  if (std::exchange(errand.repeated, true) || steady_clock::now() >= errand.deadline) return false;
  if (errand.route == Route::read_replica) errand.route = Route::read_latest;
  const std::lock_guard lock(mutex_);
  if (!retries_left_.take()) return false;
  ++retries_;
  return true;
}

void PostgresDatabase::committed(LogPosition position, const std::vector<UserId>& users) {
  for (const UserId& user : users) positions_.join(user, position);
}

void PostgresDatabase::on_probe(std::size_t node, Result<Probe> found) {
  const std::lock_guard lock(mutex_);
  if (closing_) return;
  const SteadyTime now = steady_clock::now();
  if (found) {
    if (router_.probed(node, *found, now)) nodes_[node]->pool().flush();
    forget_old_timelines(now);
  } else {
    router_.probe_failed(node, found.error().detail);
  }
  changed_.notify_all();
}

void PostgresDatabase::on_fault(std::size_t node, Fault fault) {
  const std::lock_guard lock(mutex_);
  if (closing_) return;
  if (router_.call_failed(node, fault, steady_clock::now())) nodes_[node]->pool().flush();
  nodes_[node]->probe_now();
}

void PostgresDatabase::forget_old_timelines(SteadyTime now) {
  if (const std::uint32_t current = router_.timeline(); current != timeline_) {
    timeline_ = current;
    timeline_since_ = now;
  } else if (timeline_since_ != SteadyTime{} && now - timeline_since_ > memory_of_old_timelines) {
    positions_.forget_before(timeline_);
    timeline_since_ = {};
  }
}

std::size_t PostgresDatabase::node_of(const SqlLease& lease) const noexcept {
  const auto at = std::find_if(nodes_.begin(), nodes_.end(), [&](const auto& node) { return &node->pool() == lease.pool(); });
  return static_cast<std::size_t>(at - nodes_.begin());
}

DatabaseStatus PostgresDatabase::status() const {
  const std::lock_guard lock(mutex_);
  DatabaseStatus status;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    NodeStatus node = router_.status(i, steady_clock::now());
    node.url = servers_[i].url;
    node.in_flight = nodes_[i]->pool().lent();
    node.calls = calls_[i];
    status.nodes.push_back(std::move(node));
  }
  status.replica_reads = replica_reads_;
  status.guest_reads = guest_reads_;
  status.waits = waits_;
  status.retries = retries_;
  return status;
}

}  // namespace authkit
