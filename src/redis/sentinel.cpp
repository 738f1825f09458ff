#include "redis/sentinel.hpp"

#include <charconv>

namespace authkit::redis {
namespace {

constexpr Duration beat_interval{50}, shortest_interval{200}, refresh_interval{1000}, patience{300};

/// Of the reply to SENTINEL MASTER, a list of names and values.
std::uint64_t config_epoch(const Answer& answer) {
  const auto* fields = answer.is_reply() ? answer.reply.array() : nullptr;
  std::uint64_t epoch = 0;
  for (std::size_t i = 0; fields != nullptr && i + 1 < fields->size(); i += 2) {
    const std::string* const name = (*fields)[i].text();
    const std::string* const value = (*fields)[i + 1].text();
    if (name != nullptr && value != nullptr && *name == "config-epoch") std::from_chars(value->data(), value->data() + value->size(), epoch);
  }
  return epoch;
}

/// Of the reply to SENTINEL GET-MASTER-ADDR-BY-NAME.
std::optional<Endpoint> master_of(const Answer& answer) {
  const auto* parts = answer.is_reply() ? answer.reply.array() : nullptr;
  const std::string* const host = parts != nullptr && parts->size() == 2 ? parts->front().text() : nullptr;
  const std::string* const port = host != nullptr ? parts->back().text() : nullptr;
  if (port == nullptr) return std::nullopt;
  const bool v6 = host->find(':') != std::string::npos;
  auto endpoint = parse_endpoint((v6 ? "[" + *host + "]:" : *host + ":") + *port);
  if (!endpoint) return std::nullopt;
  return *std::move(endpoint);
}

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
  sentinel_target_.tls = target.tls && target.sentinel_tls;
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
  node.submit(std::make_shared<Question>(thread_, command, [this, round = round_, take = std::move(take)](const Answer& answer) {
    if (!closed_ && words_ && round == round_) take(answer);
  }));
}

void Sentinels::beat() {
  if (closed_) return;
  const Deadline now = std::chrono::steady_clock::now();
  if (!words_ && ((wanted_ && now >= next_refresh_) || now >= due_)) refresh();
  thread_.after(beat_interval, [this] { beat(); });
}

void Sentinels::refresh() {
  wanted_ = false;
  told_ = Reason::no_sentinel;
  next_refresh_ = std::chrono::steady_clock::now() + shortest_interval;
  due_ = std::chrono::steady_clock::now() + refresh_interval;
  words_.emplace(sentinels_.size(), epoch_);
  ++round_;
  for (const auto& sentinel : sentinels_) ask_master(*sentinel);
}

/// The epoch first: a word must not have an epoch newer than itself. A sentinel that may not tell it (its ACL) counts with none.
void Sentinels::ask_master(Node& sentinel) {
  ask(sentinel, {"SENTINEL", "MASTER", target_.master_name}, [this, &sentinel](const Answer& fields) {
    if (fields.outcome != Outcome::reply && fields.outcome != Outcome::error_reply) return named(fields, 0);
    ask(sentinel, {"SENTINEL", "GET-MASTER-ADDR-BY-NAME", target_.master_name},
        [this, epoch = config_epoch(fields)](const Answer& answer) { named(answer, epoch); });
  });
}

void Sentinels::named(const Answer& answer, std::uint64_t epoch) {
  if (answer.is_reply() && told_ == Reason::no_sentinel) told_ = Reason::unknown_master;
  if (const auto master = master_of(answer)) {
    told_ = Reason::no_master;
    words_->named(*master, epoch);
  } else {
    words_->nothing();
  }
  decide();
}

void Sentinels::decide() {
  if (introducing_) return;
  const MasterWords::State state = words_->state();
  if (state == MasterWords::State::none) return nobody();
  if (state == MasterWords::State::waiting) return;
  const auto word = words_->best();
  Node* const node = node_at(word->master);
  introducing_ = true;
  ask(*node, {"ROLE"}, [this, node, epoch = word->epoch](const Answer& role) { introduced(role, node, epoch); });
}

/// A master that was found stays: without sentinels it may serve still.
void Sentinels::nobody() {
  words_.reset();
  wanted_ = true;
  missing_ = told_;
  if (!options_.log || std::exchange(reported_, true)) return;
  const Error why = not_sent(told_).error;
  options_.log->write(LogLevel::warning, "no sentinel names a master", {{"name", std::string_view(target_.master_name)}, {"why", why.message()}});
}

void Sentinels::introduced(const Answer& answer, Node* node, std::uint64_t epoch) {
  introducing_ = false;
  const auto* parts = answer.is_reply() ? answer.reply.array() : nullptr;
  const std::string* const role = parts != nullptr && !parts->empty() ? parts->front().text() : nullptr;
  const bool may_not_ask = answer.error_name() == "NOPERM";  // a user that may do little: the sentinels' word must do
  if (!may_not_ask && (role == nullptr || *role != "master")) {
    // One that says itself that it is a replica serves no reads either: they may be old.
    if (role != nullptr && master_.load() == node) master_.store(nullptr, std::memory_order_release);
    words_->refuted(node->endpoint());
    return decide();
  }
  master_.store(node, std::memory_order_release);
  retire_all_but(node);
  epoch_ = epoch;
  missing_ = Reason::no_master;
  words_.reset();
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
