#include "redis/link.hpp"

#include "core/random.hpp"

#include <algorithm>

namespace authkit::redis {
namespace {

constexpr std::size_t most_kept = std::size_t{1} << 20;  // bytes of a buffer that is used again
// With so many calls on their way, a few more wait for the next replies and go out together: half the system calls, for a wait that is short.
constexpr std::size_t busy = 16, worth_a_write = 16;
constexpr Duration tick_interval{10}, first_wait{10}, longest_wait{1000};

std::uint32_t seed() {
  std::array<std::uint8_t, 4> bytes{};
  if (!random_bytes(bytes)) return 1;
  std::uint32_t value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

}  // namespace

using Phase = LinkCall::Phase;

Link::Link(IoThread& thread, Endpoint endpoint, const Target& target, const LinkOptions& options, LinkEvents& events)
    : thread_(thread),
      endpoint_(std::move(endpoint)),
      target_(target),
      options_(options),
      events_(events),
      backoff_(first_wait, longest_wait, seed()) {}

void Link::start() {
  thread_.post([this] {
    if (state_ == State::idle) connect();
  });
}

void Link::submit(std::shared_ptr<LinkCall> call) {
  std::unique_lock lock(mutex_);
  const bool full = pending_.size() + written_calls_ >= options_.max_calls;
  if (refusing_ || full) {
    const Reason reason = refusing_.value_or(Reason::overloaded);
    lock.unlock();
    return call->finish(not_sent(reason));
  }
  call->set_phase(Phase::queued);
  pending_.push_back(std::move(call));
  const bool post = !std::exchange(flush_posted_, true);
  lock.unlock();
  if (post) thread_.post([this] { flush(); });
}

// Connecting

void Link::connect() {
  state_ = State::connecting;
  until_ = std::chrono::steady_clock::now() + options_.connect_timeout;
  reader_ = ReplyReader();
  stream_ = Stream::open(thread_, endpoint_, target_, *this);
  keep_ticking();
}

void Link::opened() {
  state_ = State::logging_in;
  handshake_.emplace(target_, options_.client_name);
  writing_ = true;
  stream_->write(handshake_->bytes());
}

void Link::log_in(const Reply& reply) {
  switch (handshake_->take(reply)) {
    case Handshake::Verdict::more:
      return;
    case Handshake::Verdict::later:
      return drop("it is not ready to serve");
    case Handshake::Verdict::refused:
      refuse(Reason::login);
      return drop("it refuses our user, password or database");
    case Handshake::Verdict::done:
      break;
  }
  state_ = State::ready;
  ready_ = true;
  reported_ = false;
  {
    const std::lock_guard lock(mutex_);
    refusing_.reset();
  }
  log(LogLevel::info, "Redis is connected", {});
  events_.link_ready();
  flush();
}

void Link::failed(const std::string& why) { drop(why); }

void Link::reconnect(const std::string& why) {
  if (state_ == State::ready) drop(why);
}

void Link::drop(const std::string& why, bool hung) {
  if (state_ == State::idle || state_ == State::closed) return;
  if (!std::exchange(reported_, true)) log(LogLevel::warning, "Redis is not connected", why);
  state_ = State::idle;
  ready_ = false;
  writing_ = false;
  stream_->close();
  stream_.reset();
  const auto lost = std::exchange(slots_, {});
  written_calls_ = 0;

  bool refused;
  {
    const std::lock_guard lock(mutex_);
    refused = refusing_.has_value();
    flush_posted_ = false;
  }
  thread_.after(refused ? longest_wait : backoff_.next(), [this] {
    if (state_ == State::idle) connect();
  });
  for (const Slot& slot : lost) {
    if (slot.call->move(Phase::written, Phase::owned)) slot.call->finish(ambiguous(Reason::link_lost));
  }
  events_.link_lost(hung);
}

/// Turns away what waits and what comes.
void Link::refuse(Reason reason) {
  {
    const std::lock_guard lock(mutex_);
    refusing_ = reason;
  }
  for (const auto& call : take_pending()) {
    if (call->move(Phase::queued, Phase::owned)) call->finish(not_sent(reason));
  }
}

void Link::close(Reason reason) {
  refuse(reason);
  if (state_ == State::closed) return;
  drop("it is closed");
  state_ = State::closed;
}

// Writing

void Link::written() {
  writing_ = false;
  if (output_.capacity() > most_kept) output_ = {};
  if (state_ == State::ready) flush();
}

Link::Calls Link::take_pending() {
  const std::lock_guard lock(mutex_);
  return std::exchange(pending_, {});
}

void Link::flush() {
  keep_ticking();
  {
    const std::lock_guard lock(mutex_);
    flush_posted_ = state_ == State::ready && slots_.size() >= busy && pending_.size() < worth_a_write;
    if (flush_posted_) return;  // replies are on their way, and come back here
    if (state_ != State::ready || writing_ || pending_.empty()) return;
    batch_.swap(pending_);
    written_calls_ += batch_.size();
  }
  output_.clear();
  for (auto& call : batch_) {
    if (!call->move(Phase::queued, Phase::written)) {
      --written_calls_;
      continue;
    }
    output_.append(call->bytes);
    slots_.push_back({std::move(call), 0});
    slots_.back().replies = slots_.back().call->replies;
  }
  batch_.clear();
  if (output_.empty()) return;
  writing_ = true;
  stream_->write(output_);
}

// Reading

void Link::received(std::string_view bytes) {
  reader_.feed(bytes);
  for (;;) {
    Reply reply;
    const auto next = reader_.next(reply);
    if (next == ReplyReader::Next::need_more) return flush();
    if (next == ReplyReader::Next::broken) return drop("it sent something else than replies");
    take_reply(std::move(reply));
    if (state_ != State::logging_in && state_ != State::ready) return;
  }
}

void Link::take_reply(Reply reply) {
  if (state_ == State::logging_in) return log_in(reply);
  if (slots_.empty()) return drop("it sent a reply to nothing");
  if (--slots_.front().replies > 0) return;
  const std::shared_ptr<LinkCall> call = std::move(slots_.front().call);
  slots_.pop_front();
  --written_calls_;
  backoff_.reset();
  if (call->move(Phase::written, Phase::owned)) call->finish(answer_of(std::move(reply)));
}

// Time

/// One timer for all deadlines, only while something waits.
void Link::keep_ticking() {
  if (std::exchange(ticking_, true)) return;
  thread_.after(tick_interval, [this] { tick(); });
}

void Link::tick() {
  ticking_ = false;
  const Deadline now = std::chrono::steady_clock::now();
  expire_pending(now);
  expire_written(now);
  if ((state_ == State::connecting || state_ == State::logging_in) && now >= until_) drop("it did not answer in time", true);
  if (!slots_.empty() && now >= slots_.front().call->deadline + options_.overdue) drop("it does not answer", true);
  const bool waiting = [this] {
    const std::lock_guard lock(mutex_);
    return !pending_.empty();
  }();
  if (waiting || !slots_.empty() || state_ == State::connecting || state_ == State::logging_in) keep_ticking();
}

void Link::expire_pending(Deadline now) {
  Calls late;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(pending_, [&](const std::shared_ptr<LinkCall>& call) {
      if (now < call->deadline) return false;
      late.push_back(call);
      return true;
    });
  }
  for (const auto& call : late) {
    if (call->move(Phase::queued, Phase::owned)) call->finish(not_sent(Reason::late));
  }
}

void Link::expire_written(Deadline now) {
  Calls late;
  for (const Slot& slot : slots_) {
    if (now >= slot.call->deadline && slot.call->move(Phase::written, Phase::owned)) late.push_back(slot.call);
  }
  for (const auto& call : late) call->finish(ambiguous(Reason::late));
}

void Link::log(LogLevel level, std::string_view message, std::string_view why) const {
  if (!options_.log) return;
  const std::string server = endpoint_.text();
  options_.log->write(level, message, {{"server", std::string_view(server)}, {"why", why}});
}

}  // namespace authkit::redis
