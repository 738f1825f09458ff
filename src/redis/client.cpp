#include "redis/client.hpp"

#include "core/parking.hpp"
#include "core/try.hpp"
#include "redis/cluster.hpp"
#include "redis/sentinel.hpp"

#include <future>
#include <set>

namespace authkit::redis {
namespace {

constexpr unsigned most_redirects = 5;
constexpr Duration first_wait{10}, longest_wait{250}, cluster_wait{20};
constexpr std::string_view asking = "*1\r\n$6\r\nASKING\r\n";

std::optional<unsigned> slot_for(const Command& command) {
  if (!command.near.empty()) return slot_of(command.near);
  if (command.key == 0 || command.key >= command.arguments.size()) return std::nullopt;
  return slot_of(command.arguments[command.key]);
}

}  // namespace

using Phase = LinkCall::Phase;

struct Client::Parts {
  Target target;
  LinkOptions link;
  IoThread thread;
  std::unique_ptr<Nodes> nodes;

  std::mutex mutex;
  std::set<std::shared_ptr<LinkCall>> resting;  ///< between two attempts

  void close() {
    nodes->close();
    const auto calls = [this] {
      const std::lock_guard lock(mutex);
      return std::exchange(resting, {});
    }();
    for (const auto& call : calls) {
      if (call->move(Phase::resting, Phase::owned)) call->finish(not_sent(Reason::closed));
    }
  }
};

/// A call until it is delivered: it may be sent on and sent again.
class Client::Call : public LinkCall, public std::enable_shared_from_this<Call> {
 public:
  Call(Parts& parts, const Command& command, Deadline until)
      : LinkCall(until), parts_(parts), slot_(parts.target.cluster ? slot_for(command) : std::nullopt), idempotent_(command.idempotent) {
    append_command(bytes, command.arguments);
  }

  void send() { send_to(parts_.nodes->owner(slot_), false); }

  void finish(Answer answer) override {
    if (node_ != nullptr) node_->record(answer);
    if (answer.outcome == Outcome::reply || answer.outcome == Outcome::error_reply) return deliver(std::move(answer));
    if (node_ != nullptr && redirects_ < most_redirects) {
      if (Node* const other = parts_.nodes->redirected(answer, *node_)) {
        ++redirects_;
        return send_to(other, answer.reason == Reason::ask);
      }
    }
    parts_.nodes->doubt(answer.reason, node_);
    if (!may_repeat(answer) || !rest(answer)) deliver(std::move(answer));
  }

 protected:
  virtual void deliver(Answer answer) = 0;
  Node* node() const noexcept { return node_; }

 private:
  void send_to(Node* node, bool ask) {
    if (ask != (replies == 2)) {
      ask ? bytes.insert(0, asking) : bytes.erase(0, asking.size());
      replies = ask ? 2 : 1;
    }
    node_ = node;
    if (node == nullptr) return finish(not_sent(parts_.nodes->no_owner()));
    node->submit(shared_from_this());
  }

  bool may_repeat(const Answer& answer) const noexcept {
    switch (answer.reason) {
      case Reason::link_lost:
        return answer.outcome == Outcome::not_sent || idempotent_;
      case Reason::loading:
      case Reason::read_only:
      case Reason::try_again:
      case Reason::cluster_down:
      case Reason::no_sentinel:
      case Reason::unknown_master:
      case Reason::no_master:
        return true;
      case Reason::moved:
      case Reason::ask:
        return parts_.target.cluster;  // its servers disagree for a while, as in a failover
      default:
        return false;
    }
  }

  /// Goes on after a while. False: there is no time for it, or there are too many.
  bool rest(const Answer& answer) {
    const auto now = std::chrono::steady_clock::now();
    if (!backoff_) backoff_.emplace(first_wait, longest_wait, static_cast<std::uint32_t>(now.time_since_epoch().count()));
    const bool of_cluster = answer.reason == Reason::try_again || answer.reason == Reason::cluster_down || answer.reason == Reason::moved;
    const Duration wait = backoff_->next() + (of_cluster ? cluster_wait : Duration{0});
    if (now + wait >= deadline || (node_ != nullptr && !node_->take_retry())) return false;
    redirects_ = 0;
    set_phase(Phase::resting);
    const std::lock_guard lock(parts_.mutex);
    parts_.resting.insert(shared_from_this());
    parts_.thread.after(wait, [self = shared_from_this()] {
      {
        const std::lock_guard relock(self->parts_.mutex);
        self->parts_.resting.erase(self);
      }
      if (self->move(Phase::resting, Phase::owned)) self->send();
    });
    return true;
  }

  Parts& parts_;
  const std::optional<unsigned> slot_;
  const bool idempotent_;
  Node* node_ = nullptr;
  unsigned redirects_ = 0;  ///< since it rested
  std::optional<Backoff> backoff_;
};

class Client::CallbackCall : public Call {
 public:
  CallbackCall(Parts& parts, const Command& command, Deadline until, Done done) : Call(parts, command, until), done_(std::move(done)) {}

 private:
  void deliver(Answer answer) override { std::exchange(done_, {})(std::move(answer)); }
  Done done_;
};

class Client::BlockingCall : public Call {
 public:
  using Call::Call;

  Answer wait() {
    if (parking_.wait_until(deadline)) return std::move(answer_);
    for (;;) {
      if (auto late = give_up()) return *std::move(late);
      // Its owner is about to deliver it, or to send it on.
      if (parking_.wait_until(std::chrono::steady_clock::now() + Duration{1})) return std::move(answer_);
    }
  }

 private:
  void deliver(Answer answer) override {
    answer_ = std::move(answer);
    parking_.signal();
  }

  std::optional<Answer> give_up() {
    std::optional<Answer> late;
    if (move(Phase::queued, Phase::owned) || move(Phase::resting, Phase::owned)) late = not_sent(Reason::late);
    if (!late && move(Phase::written, Phase::owned)) late = ambiguous(Reason::late);
    if (late && node() != nullptr) node()->record(*late);
    return late;
  }

  Parking parking_;
  Answer answer_;
};

Result<std::unique_ptr<Client>> Client::open(std::string_view url, ClientOptions options) {
  AUTHKIT_TRY_ASSIGN(Target target, parse_target(url));
  AUTHKIT_TRY(Stream::check(target));
  return std::unique_ptr<Client>(new Client(std::move(target), std::move(options)));
}

Client::Client(Target target, ClientOptions options) : patience_(options.patience), parts_(std::make_unique<Parts>()) {
  parts_->target = std::move(target);
  parts_->link = std::move(options.link);
  if (parts_->target.cluster) {
    parts_->nodes = std::make_unique<Cluster>(parts_->thread, parts_->target, parts_->link);
  } else if (!parts_->target.master_name.empty()) {
    parts_->nodes = std::make_unique<Sentinels>(parts_->thread, parts_->target, parts_->link);
  } else {
    parts_->nodes = std::make_unique<SingleNode>(parts_->thread, parts_->target, parts_->link);
  }
  parts_->nodes->start();
}

Client::~Client() {
  std::promise<void> closed;
  parts_->thread.post([&] {
    parts_->close();
    closed.set_value();
  });
  closed.get_future().wait();
  parts_->thread.stop();
}

Answer Client::call(const Command& command, Deadline deadline) {
  const auto call = std::make_shared<BlockingCall>(*parts_, command, deadline);
  call->send();
  return call->wait();
}

Answer Client::call(std::initializer_list<std::string_view> arguments, bool idempotent) {
  return call({{arguments.begin(), arguments.size()}, 1, idempotent}, default_deadline());
}

void Client::start(const Command& command, Deadline deadline, Done done) {
  std::make_shared<CallbackCall>(*parts_, command, deadline, std::move(done))->send();
}

void Client::after(Duration delay, std::function<void()> work) { parts_->thread.after(delay, std::move(work)); }

bool Client::is_up() const { return parts_->nodes->is_up(); }

}  // namespace authkit::redis
