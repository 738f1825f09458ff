#include "redis/sentinel.hpp"

#include <algorithm>

namespace authkit::redis {
namespace {

constexpr Duration beat_interval{50}, shortest_interval{200}, refresh_interval{1000}, patience{300};

}  // namespace

class Sentinels::Question : public LinkCall {
 public:
  Question(IoThread& thread, std::initializer_list<std::string_view> command, std::function<void(const Answer&)> take)
      : LinkCall(std::chrono::steady_clock::now() + patience), thread_(thread), take_(std::move(take)) {
    append_command(bytes, {command.begin(), command.size()});
  }
  void finish(Answer answer) override {
    thread_.post([take = take_, answer = std::move(answer)] { take(answer); });
  }

 private:
  IoThread& thread_;
  const std::function<void(const Answer&)> take_;
};

Sentinels::Sentinels(IoThread& thread, const Target& target, const LinkOptions& options)
    : thread_(thread), target_(target), options_(options), sentinel_target_(target) {
  sentinel_target_.user = target.sentinel_user;
  sentinel_target_.password = target.sentinel_password;
  sentinel_target_.database = 0;
}

void Sentinels::start() {
  for (const Endpoint& endpoint : target_.endpoints) {
    sentinels_.push_back(std::make_unique<Node>(thread_, endpoint, sentinel_target_, options_, [] {}));
    sentinels_.back()->start();
  }
  thread_.post([this] { beat(); });
}

void Sentinels::close() {
  closed_ = true;
  for (const auto& sentinel : sentinels_) sentinel->close(Reason::closed);
  for (const auto& [endpoint, node] : nodes_) node->close(Reason::closed);
}

Node* Sentinels::owner(std::optional<unsigned>) {
  Node* const master = master_.load(std::memory_order_acquire);
  if (master == nullptr) wanted_ = true;
  return master;
}

void Sentinels::doubt(Reason reason, Node*) {
  switch (reason) {
    case Reason::late:
    case Reason::link_lost:
    case Reason::breaker:
    case Reason::read_only:
    case Reason::cluster_down:
      wanted_ = true;
      return;
    default:
      return;
  }
}

bool Sentinels::is_up() const {
  const Node* const master = master_.load(std::memory_order_acquire);
  return master != nullptr && master->is_up();
}

// Asking

template <class Take>
void Sentinels::ask(Node& node, std::initializer_list<std::string_view> command, Take take) {
  node.submit(std::make_shared<Question>(thread_, command, std::move(take)));
}

void Sentinels::beat() {
  if (closed_) return;
  const Deadline now = std::chrono::steady_clock::now();
  if (!asking_ && ((wanted_ && now >= next_refresh_) || now >= due_)) refresh();
  thread_.after(beat_interval, [this] { beat(); });
}

/// Those that answer first, in the order of the URL.
void Sentinels::refresh() {
  wanted_ = false;
  asking_ = true;
  told_ = Reason::no_sentinel;
  next_refresh_ = std::chrono::steady_clock::now() + shortest_interval;
  due_ = std::chrono::steady_clock::now() + refresh_interval;
  to_ask_.clear();
  for (const auto& sentinel : sentinels_) to_ask_.push_back(sentinel.get());
  std::stable_partition(to_ask_.begin(), to_ask_.end(), [](const Node* node) { return node->is_up(); });
  std::reverse(to_ask_.begin(), to_ask_.end());
  ask_next();
}

void Sentinels::ask_next() {
  if (closed_) return;
  if (to_ask_.empty()) return nobody();
  Node* const sentinel = to_ask_.back();
  to_ask_.pop_back();
  ask(*sentinel, {"SENTINEL", "GET-MASTER-ADDR-BY-NAME", target_.master_name}, [this](const Answer& answer) { named(answer); });
}

/// A master that was found stays: without sentinels it may serve still.
void Sentinels::nobody() {
  asking_ = false;
  wanted_ = true;
  missing_ = told_;
  if (!options_.log || std::exchange(reported_, true)) return;
  const Error why = not_sent(told_).error;
  options_.log->write(LogLevel::warning, "no sentinel names a master", {{"name", std::string_view(target_.master_name)}, {"why", why.message()}});
}

void Sentinels::named(const Answer& answer) {
  if (closed_) return;
  const auto* parts = answer.is_reply() ? answer.reply.array() : nullptr;
  const std::string* const host = parts != nullptr && parts->size() == 2 ? parts->front().text() : nullptr;
  const std::string* const port = host != nullptr ? parts->back().text() : nullptr;
  if (answer.is_reply() && told_ == Reason::no_sentinel) told_ = Reason::unknown_master;
  if (port == nullptr) return ask_next();
  const bool v6 = host->find(':') != std::string::npos;
  const auto endpoint = parse_endpoint((v6 ? "[" + *host + "]:" : *host + ":") + *port);
  if (!endpoint) return ask_next();
  told_ = Reason::no_master;
  Node* const node = node_at(*endpoint);
  ask(*node, {"ROLE"}, [this, node](const Answer& role) { introduced(role, node); });
}

void Sentinels::introduced(const Answer& answer, Node* node) {
  if (closed_) return;
  const auto* parts = answer.is_reply() ? answer.reply.array() : nullptr;
  const std::string* const role = parts != nullptr && !parts->empty() ? parts->front().text() : nullptr;
  const bool may_not_ask = answer.error_name() == "NOPERM";  // a user that may do little: the sentinel's word must do
  if (!may_not_ask && (role == nullptr || *role != "master")) {
    // One that says itself that it is a replica serves no reads either: they may be old.
    if (role != nullptr && master_.load() == node) master_.store(nullptr, std::memory_order_release);
    return ask_next();
  }
  master_.store(node, std::memory_order_release);
  retire_all_but(node);
  missing_ = Reason::no_master;
  asking_ = false;
  reported_ = false;
}

Node* Sentinels::node_at(const Endpoint& endpoint) {
  auto& node = nodes_[endpoint];
  if (!node) {
    node = std::make_unique<Node>(thread_, endpoint, target_, options_, [this] { wanted_ = true; });
    node->start();
  }
  return node.get();
}

/// Masters that were: what waits there goes to the new one.
void Sentinels::retire_all_but(const Node* master) {
  std::vector<Node*> leaving;
  for (auto at = nodes_.begin(); at != nodes_.end();) {
    if (at->second.get() == master) {
      ++at;
      continue;
    }
    leaving.push_back(at->second.get());
    retired_.push_back(std::move(at->second));
    at = nodes_.erase(at);
  }
  for (Node* const node : leaving) node->close(Reason::cluster_down);
}

}  // namespace authkit::redis
