#include "redis/node.hpp"

namespace authkit::redis {
namespace {

constexpr Duration beat_interval{200}, probe_patience{300}, reconnect_interval{1000};
constexpr unsigned beats_between_probes = 5;  // while all is well

/// Whether a call that ended so says that the server is there; nothing where it says neither.
std::optional<bool> answered(const Answer& answer) {
  switch (answer.reason) {
    case Reason::late:
    case Reason::link_lost:
    case Reason::loading:
      return false;
    case Reason::login:
    case Reason::overloaded:
    case Reason::breaker:
    case Reason::closed:
      return std::nullopt;
    default:
      return true;
  }
}

}  // namespace

class Node::Probe : public LinkCall {
 public:
  explicit Probe(Node& node) : LinkCall(std::chrono::steady_clock::now() + probe_patience), node_(node) {
    constexpr std::string_view ping[] = {"PING"};
    append_command(bytes, ping);
  }
  void finish(Answer answer) override { node_.probed(answer.outcome == Outcome::reply || answer.outcome == Outcome::error_reply); }

 private:
  Node& node_;
};

Node::Node(IoThread& thread, Endpoint endpoint, const Target& target, const LinkOptions& options, std::function<void()> lost)
    : thread_(thread), probes_(!options.waits), lost_(std::move(lost)), link_(thread, std::move(endpoint), target, options, *this) {}

void Node::start() {
  link_.start();
  thread_.after(beat_interval, [this] { beat(); });
}

void Node::submit(std::shared_ptr<LinkCall> call) {
  const bool open = [this] {
    const std::lock_guard lock(mutex_);
    return breaker_.state() == Breaker::State::open;
  }();
  if (open) return call->finish(not_sent(Reason::breaker));
  link_.submit(std::move(call));
}

void Node::record(const Answer& answer) {
  const std::optional<bool> good = answered(answer);
  if (!good || !probes_) return;  // without probes an open breaker would stay open
  const auto now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  if (*good) {
    breaker_.succeeded(now);
    retries_.succeeded();
  } else {
    breaker_.failed(now);
  }
}

bool Node::take_retry() {
  const std::lock_guard lock(mutex_);
  return retries_.take();
}

void Node::reconnect() {
  thread_.post([this] {
    const Deadline now = std::chrono::steady_clock::now();
    if (now < next_reconnect_) return;
    next_reconnect_ = now + reconnect_interval;
    link_.reconnect("it is read-only");
  });
}

void Node::close(Reason reason) {
  closed_ = true;
  link_.close(reason);
}

bool Node::is_up() const {
  const std::lock_guard lock(mutex_);
  return link_.is_ready() && breaker_.state() == Breaker::State::closed;
}

void Node::link_ready() { probe(); }

void Node::link_lost(bool hung) {
  if (hung && probes_) {
    const std::lock_guard lock(mutex_);
    breaker_.hung();
  }
  if (lost_) lost_();
}

// Probing

void Node::beat() {
  if (closed_) return;
  const bool down = !is_up();
  if (down || ++beats_ % beats_between_probes == 0) probe();
  thread_.after(beat_interval, [this] { beat(); });
}

void Node::probe() {
  if (closed_ || !probes_ || std::exchange(probing_, true)) return;
  link_.submit(std::make_shared<Probe>(*this));
}

void Node::probed(bool good) {
  probing_ = false;
  bool again;
  {
    const std::lock_guard lock(mutex_);
    good ? breaker_.probe_succeeded() : breaker_.probe_failed();
    again = good && breaker_.state() == Breaker::State::open;
  }
  if (again) probe();
}

}  // namespace authkit::redis
