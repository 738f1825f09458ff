#include "exchange.hpp"

namespace authkit::server {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t flush_at = 256 * 1024;  // answers to pipelined requests that are held before they are sent

}  // namespace

Next Exchange::feed(std::string_view fresh, Turn& turn) {
  anew_ = held_.empty();
  if (held_.empty()) return consume(fresh, turn);
  held_.append(fresh);
  return consume(held_, turn);
}

Next Exchange::resume(Turn& turn) {
  anew_ = true;
  return consume(held_, turn);
}

Next Exchange::finish(const Work& work, Turn& turn) {
  anew_ = true;
  turn.out.clear();
  const Next next = send(work.incoming.request, work.response, work.incoming.keep_alive, work.started, turn);
  work_ = nullptr;
  return next == Next::read ? Next::again : next;
}

/// Takes whole requests off the front of `bytes` (held_, or the caller's) and holds the rest.
Next Exchange::consume(std::string_view bytes, Turn& turn) {
  turn.out.clear();
  std::size_t used = 0;
  Next next = Next::again;
  while (next == Next::again && turn.out.size() < flush_at) {
    const std::size_t before = used;
    next = step(bytes.substr(used), used, turn);
    if (next == Next::again && used == before) break;
  }
  anew_ = anew_ || used != 0;
  if (next == Next::close) {
    held_ = std::string();  // what follows is not read as a request
  } else if (bytes.data() == held_.data()) {
    held_.erase(0, used);
  } else {
    held_.assign(bytes.substr(used));
  }
  if (held_.empty()) held_ = std::string();  // an idle connection keeps no buffer
  return next;
}

/// One request. `again` without taking any means: send what is there first.
Next Exchange::step(std::string_view bytes, std::size_t& used, Turn& turn) {
  const Steady::time_point started = Steady::now();
  Incoming& incoming = turn.incoming;
  const Result<Taken> taken = take(bytes, incoming);
  if (!taken) {
    Request unread;
    unread.peer = peer_;
    return send(unread, turn.service.refuse(unread, taken.error()), false, started, turn);
  }
  if (*taken == Taken::incomplete) {
    if (incoming.expects_continue && !std::exchange(continued_, true)) turn.out.append(continue_bytes);
    return Next::read;
  }
  incoming.request.peer = peer_;
  Plan plan = turn.service.plan(incoming.request);
  if (plan.where != Where::io && !turn.out.empty()) return Next::again;
  used += incoming.size;
  continued_ = false;
  if (plan.where == Where::io) {
    const Next next = send(incoming.request, turn.service.answer(incoming.request), incoming.keep_alive, started, turn);
    return next == Next::read ? Next::again : next;
  }
  work_ = std::make_shared<Work>();
  work_->bytes = bytes.substr(0, incoming.size);
  work_->plan = std::move(plan);
  work_->started = started;
  if (const Result<Taken> again = take(work_->bytes, work_->incoming); !again || *again != Taken::whole) return Next::close;
  work_->incoming.request.peer = peer_;
  return Next::work;
}

Next Exchange::send(const Request& request, const Response& response, bool keep_alive, Steady::time_point started, Turn& turn) {
  const bool last = !keep_alive || turn.stopping;
  write_response(response, last ? After::close : After::keep_alive, turn.out);
  turn.service.answered(request, response, std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - started));
  return last ? Next::close : Next::read;
}

}  // namespace authkit::server
