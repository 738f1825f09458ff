#include "redis/cluster.hpp"

#include <set>

namespace authkit::redis {
namespace {

constexpr Duration beat_interval{100}, shortest_interval{1000}, refresh_interval{30'000}, patience{1000};
constexpr std::size_t most_nodes = 256;  // what a server tells is bounded like everything from outside

}  // namespace

class Cluster::Question : public LinkCall {
 public:
  Question(Cluster& cluster, Endpoint asked) : LinkCall(std::chrono::steady_clock::now() + patience), cluster_(cluster), asked_(std::move(asked)) {
    constexpr std::string_view command[] = {"CLUSTER", "SLOTS"};
    append_command(bytes, command);
  }
  void finish(Answer answer) override {
    cluster_.thread_.post([&cluster = cluster_, answer = std::move(answer), asked = asked_] { cluster.answered(answer, asked); });
  }

 private:
  Cluster& cluster_;
  const Endpoint asked_;
};

Cluster::Cluster(IoThread& thread, const Target& target, const LinkOptions& options)
    : thread_(thread), target_(target), options_(options), owners_(slot_count) {}

void Cluster::start() {
  for (const Endpoint& endpoint : target_.endpoints) node_at(endpoint);
  thread_.post([this] { beat(); });
}

void Cluster::close() {
  closed_ = true;
  for (Node* const node : candidates()) node->close(Reason::closed);
}

// Finding the way

Node* Cluster::owner(std::optional<unsigned> slot) {
  if (slot) {
    Node* const node = owners_[*slot].load(std::memory_order_acquire);
    if (node == nullptr) want_refresh();
    return node;
  }
  const auto all = candidates();
  return all.empty() ? nullptr : all.front();
}

Node* Cluster::redirected(const Answer& answer, const Node& from) {
  if (answer.reason != Reason::moved && answer.reason != Reason::ask) return nullptr;
  const std::string* failure = answer.reply.failure();
  auto redirection = failure == nullptr ? std::nullopt : parse_redirection(*failure);
  if (!redirection) return nullptr;
  if (redirection->to.host.empty()) redirection->to.host = from.endpoint().host;
  Node* const node = node_at(redirection->to);
  if (node != nullptr && answer.reason == Reason::moved) {
    owners_[redirection->slot].store(node, std::memory_order_release);
    want_refresh();
  }
  return node;
}

void Cluster::doubt(Reason reason, Node*) {
  switch (reason) {
    case Reason::late:
    case Reason::link_lost:
    case Reason::breaker:
    case Reason::read_only:
    case Reason::cluster_down:
    case Reason::moved:
      return want_refresh();
    default:
      return;
  }
}

bool Cluster::is_up() const {
  if (std::any_of(owners_.begin(), owners_.end(), [](const auto& owner) { return owner.load() == nullptr; })) return false;
  std::set<const Node*> masters(owners_.begin(), owners_.end());
  return std::all_of(masters.begin(), masters.end(), [](const Node* node) { return node->is_up(); });
}

Node* Cluster::node_at(const Endpoint& endpoint) {
  const std::lock_guard lock(mutex_);
  if (const auto at = nodes_.find(endpoint); at != nodes_.end()) return at->second.get();
  if (nodes_.size() >= most_nodes) return nullptr;
  auto node = std::make_unique<Node>(thread_, endpoint, target_, options_, [this] { want_refresh(); });
  node->start();
  return nodes_.emplace(endpoint, std::move(node)).first->second.get();
}

/// Those that answer first.
std::vector<Node*> Cluster::candidates() const {
  std::vector<Node*> all;
  const std::lock_guard lock(mutex_);
  for (const auto& [endpoint, node] : nodes_) all.push_back(node.get());
  std::stable_partition(all.begin(), all.end(), [](const Node* node) { return node->is_up(); });
  return all;
}

// The table

void Cluster::want_refresh() { wanted_ = true; }

void Cluster::beat() {
  if (closed_) return;
  const Deadline now = std::chrono::steady_clock::now();
  if (!asking_ && ((wanted_ && now >= next_refresh_) || now >= due_)) refresh();
  thread_.after(beat_interval, [this] { beat(); });
}

void Cluster::refresh() {
  wanted_ = false;
  asking_ = true;
  next_refresh_ = std::chrono::steady_clock::now() + shortest_interval;
  due_ = std::chrono::steady_clock::now() + refresh_interval;
  to_ask_ = candidates();
  std::reverse(to_ask_.begin(), to_ask_.end());
  ask_next();
}

void Cluster::ask_next() {
  if (to_ask_.empty() || closed_) {
    asking_ = false;
    want_refresh();
    return;
  }
  Node* const node = to_ask_.back();
  to_ask_.pop_back();
  node->submit(std::make_shared<Question>(*this, node->endpoint()));
}

/// Servers that left; those that the URL names stay, to ask when all others have left.
void Cluster::retire_all_but(const std::vector<SlotRange>& ranges) {
  std::set<Endpoint> stay(target_.endpoints.begin(), target_.endpoints.end());
  for (const SlotRange& range : ranges) stay.insert(range.master);
  std::vector<Node*> leaving;
  {
    const std::lock_guard lock(mutex_);
    for (auto at = nodes_.begin(); at != nodes_.end();) {
      if (stay.contains(at->first)) {
        ++at;
        continue;
      }
      leaving.push_back(at->second.get());
      retired_.push_back(std::move(at->second));
      at = nodes_.erase(at);
    }
  }
  for (Node* const node : leaving) node->close(Reason::cluster_down);
}

void Cluster::answered(const Answer& answer, const Endpoint& asked) {
  const auto ranges = answer.is_reply() ? parse_slots(answer.reply, asked) : std::nullopt;
  if (!ranges || ranges->empty()) return ask_next();
  for (const SlotRange& range : *ranges) {
    Node* const node = node_at(range.master);
    for (unsigned slot = range.first; node != nullptr && slot <= range.last; ++slot) owners_[slot].store(node, std::memory_order_release);
  }
  retire_all_but(*ranges);
  asking_ = false;
  wanted_ = false;  // doubts that came up meanwhile were about the table before
}

}  // namespace authkit::redis
