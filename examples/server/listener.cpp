#include "listener.hpp"

#include "exchange.hpp"
#include "workers.hpp"

#include <boost/asio.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <list>
#include <thread>
#include <vector>

#ifdef __linux__
#include <linux/filter.h>
#include <sys/socket.h>
#endif

namespace authkit::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds linger_time{2000};    // for the client to read a last answer
constexpr milliseconds stop_grace{1000};     // for a request that is on the wire when an idle connection is to go
constexpr milliseconds handshake_time{100};  // for connections that were being made when the server was told to stop
constexpr milliseconds accept_retry{100};    // after running out of descriptors
constexpr std::size_t linger_bytes = 256 * 1024;

class Connection;

/// What the connections of all threads share.
struct Shared {
  ServerOptions options;
  Service& service;
  Pool workers;
  Pool hashing;
  std::atomic<std::size_t> open{0};
};

/// One I/O thread. Its connections live on it alone, so nothing of them is locked.
struct Loop {
  explicit Loop(Shared& all) : shared(all), turn(all.service) {}

  Shared& shared;
  asio::io_context context{1};
  asio::steady_timer timer{context};
  std::list<std::shared_ptr<Connection>> connections;
  std::array<char, 32 * 1024> scratch{};
  Turn turn;
  Steady::time_point drain_end = Steady::time_point::max();
  std::atomic<Steady::rep> turned{Steady::now().time_since_epoch().count()};

  void sweep();
  void sweep_later();
  void say_close();
  void stop();
  void finish_if_empty();
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Loop& loop, tcp::socket socket, std::string peer) : loop_(loop), socket_(std::move(socket)), exchange_(std::move(peer)) {}

  void begin() {
    loop_.connections.push_front(shared_from_this());
    here_ = loop_.connections.begin();
    due_in(loop_.shared.options.request_deadline);
    if (loop_.turn.stopping) prepare_stop();
    wait();
  }

  void close() {
    if (closed_) return;
    closed_ = true;
    error_code ignored;
    socket_.close(ignored);
    --loop_.shared.open;
    const std::shared_ptr<Connection> self = std::move(*here_);
    loop_.connections.erase(here_);
    loop_.finish_if_empty();
  }

  /// Closes what is overdue; a connection whose request is in a pool never is.
  void check(Steady::time_point now) {
    if (now >= deadline_) close();
  }

  void prepare_stop() {
    if (exchange_.idle() && out_.empty()) deadline_ = std::min(deadline_, Steady::now() + stop_grace);
  }

 private:
  void due_in(Duration time) { deadline_ = Steady::now() + time; }

  void wait() {
    socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](error_code error) { error ? self->close() : self->readable(); });
  }

  void readable() {
    error_code error;
    const std::size_t size = socket_.read_some(asio::buffer(loop_.scratch), error);
    if (error == asio::error::would_block || error == asio::error::try_again) return wait();
    if (error) return close();
    if (next_ != Next::close) return proceed(exchange_.feed({loop_.scratch.data(), size}, loop_.turn));
    lingered_ += size;
    lingered_ > linger_bytes ? close() : wait();
  }

  void proceed(Next next) {
    next_ = next;
    const ServerOptions& options = loop_.shared.options;
    if (exchange_.waits_anew()) due_in(exchange_.idle() ? options.idle_deadline : options.request_deadline);
    flush();
  }

  void flush() {
    const std::string& out = loop_.turn.out;
    if (out.empty()) return sent();
    error_code error;
    const std::size_t size = socket_.write_some(asio::buffer(out), error);
    const bool blocked = error == asio::error::would_block || error == asio::error::try_again;
    if (error && !blocked) return close();
    if (!blocked && size == out.size()) return sent();
    out_.assign(out, blocked ? 0 : size);
    due_in(loop_.shared.options.request_deadline);
    asio::async_write(socket_, asio::buffer(out_), [self = shared_from_this()](error_code failed, std::size_t) {
      if (failed) return self->close();
      self->out_ = std::string();
      self->sent();
    });
  }

  void sent() {
    switch (next_) {
      case Next::again:
        return proceed(exchange_.resume(loop_.turn));
      case Next::work:
        return hand_over();
      case Next::close:
        return linger();
      case Next::read:
        break;
    }
    if (loop_.turn.stopping) prepare_stop();
    wait();
  }

  void hand_over() {
    deadline_ = Steady::time_point::max();
    Job job;
    job.run = [self = shared_from_this(), work = exchange_.work()] {
      work->response = self->loop_.shared.service.answer(work->incoming.request);
      asio::post(self->loop_.context, [self] { self->finish(); });
    };
    job.refuse = [self = shared_from_this()] { asio::post(self->loop_.context, [self] { self->overloaded(); }); };
    const Plan& plan = exchange_.work()->plan;
    Pool& pool = plan.where == Where::hashing ? loop_.shared.hashing : loop_.shared.workers;
    if (!pool.submit(plan.client, std::move(job))) asio::post(loop_.context, [self = shared_from_this()] { self->overloaded(); });
  }

  void overloaded() {
    Work& work = *exchange_.work();
    work.response = loop_.shared.service.refuse(work.incoming.request, Errc::overloaded);
    finish();
  }

  void finish() {
    if (closed_) return;
    const std::shared_ptr<Work> work = exchange_.work();
    proceed(exchange_.finish(*work, loop_.turn));
  }

  /// Closing at once would reset the connection and take the last answer from a client that is still sending (RFC 9112 section 9.6).
  void linger() {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    due_in(loop_.turn.stopping ? stop_grace : linger_time);
    wait();
  }

  Loop& loop_;
  tcp::socket socket_;
  Exchange exchange_;
  Next next_ = Next::read;
  std::string out_;  // what the socket did not take at once
  Steady::time_point deadline_;
  std::list<std::shared_ptr<Connection>>::iterator here_;
  std::size_t lingered_ = 0;
  bool closed_ = false;
};

void Loop::sweep() {
  const Steady::time_point now = Steady::now();
  turned = now.time_since_epoch().count();
  const bool drained = now >= drain_end;
  for (auto at = connections.begin(); at != connections.end();) {
    const std::shared_ptr<Connection> connection = *at++;
    drained ? connection->close() : connection->check(now);
  }
  sweep_later();
}

/// One coarse timer for all connections: cheaper than one each, and late by a quarter of the shortest deadline at most.
void Loop::sweep_later() {
  const Duration shortest = std::min({shared.options.request_deadline, shared.options.idle_deadline, Duration{1000}});
  timer.expires_after(std::max(shortest / 4, Duration{5}));
  timer.async_wait([this](error_code error) {
    if (!error) sweep();
  });
}

/// From here on every answer is the last of its connection.
void Loop::say_close() {
  turn.stopping = true;
  for (const std::shared_ptr<Connection>& connection : connections) connection->prepare_stop();
}

/// No further connection comes: the loop ends with its last one.
void Loop::stop() {
  drain_end = Steady::now() + shared.options.drain_time;
  finish_if_empty();
}

void Loop::finish_if_empty() {
  if (drain_end != Steady::time_point::max() && connections.empty()) context.stop();
}

}  // namespace

struct Listener::Impl {
  explicit Impl(const ServerOptions& options, Service& service, std::uint32_t hashing_threads)
      : shared{options, service, Pool({options.worker_threads, options.queue_length, 0}), Pool({hashing_threads, options.queue_length, 10}), {}} {
    for (std::uint32_t i = 0; i < options.threads; ++i) loops.push_back(std::make_unique<Loop>(shared));
    acceptor.emplace(loops.front()->context);
    retry.emplace(loops.front()->context);
    signals.emplace(loops.front()->context);
  }
  /// The pools go first: their last jobs post to the loops.
  ~Impl() = default;

  std::vector<std::unique_ptr<Loop>> loops;
  Shared shared;
  std::optional<tcp::acceptor> acceptor;
  std::optional<asio::steady_timer> retry;
  std::optional<asio::signal_set> signals;
  std::size_t next = 0;
  std::atomic<bool> told{false};
  std::string address;

  void accept() {
    Loop& loop = *loops[next++ % loops.size()];
    acceptor->async_accept(loop.context, [this, &loop](error_code error, tcp::socket socket) {
      if (!error) start(loop, std::move(socket));
      if (!acceptor->is_open()) return;
      const bool full = shared.open >= shared.options.max_connections;
      if (!full && (!error || error == asio::error::connection_aborted)) return accept();
      pause();
    });
  }

  /// Out of descriptors or places: what knocks waits in the backlog, and nothing spins.
  void pause() {
    retry->expires_after(accept_retry);
    retry->async_wait([this](error_code error) {
      if (error) return;
      shared.open < shared.options.max_connections ? accept() : pause();
    });
  }

  void start(Loop& loop, tcp::socket socket) {
    error_code error;
    const tcp::endpoint peer = socket.remote_endpoint(error);
    if (!error) socket.non_blocking(true, error);
    if (error) return;
    socket.set_option(tcp::no_delay(true), error);
    ++shared.open;
    auto connection = std::make_shared<Connection>(loop, std::move(socket), peer.address().to_string());
    if (&loop == loops.front().get()) return connection->begin();
    asio::post(loop.context, [connection] { connection->begin(); });
  }

  /// Nobody new comes in, but who is half-way through the handshake still does: closing now would reset a client that believes it is connected.
  void begin_stop() {
#ifdef __linux__
    sock_filter no_first_packet[] = {{BPF_LD | BPF_B | BPF_ABS, 0, 0, 13},     // the flags of the TCP header
                                     {BPF_ALU | BPF_AND | BPF_K, 0, 0, 0x12},  // SYN and ACK
                                     {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0x02},  // SYN alone: a connection that begins
                                     {BPF_RET | BPF_K, 0, 0, 0},
                                     {BPF_RET | BPF_K, 0, 0, 0xffffffff}};
    const sock_fprog filter{5, no_first_packet};
    ::setsockopt(acceptor->native_handle(), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
#endif
    for (const std::unique_ptr<Loop>& loop : loops) asio::post(loop->context, [at = loop.get()] { at->say_close(); });
    retry->expires_after(handshake_time);  // a pause for want of descriptors ends here too
    retry->async_wait([this](error_code) { close_listener(); });
  }

  /// Takes what has connected, and only then closes: who was let in gets an answer.
  void close_listener() {
    error_code error;
    acceptor->non_blocking(true, error);
    while (!error) {
      Loop& loop = *loops[next++ % loops.size()];
      tcp::socket socket(loop.context);
      acceptor->accept(socket, error);
      if (!error) start(loop, std::move(socket));
    }
    acceptor->close(error);
    for (const std::unique_ptr<Loop>& loop : loops) asio::post(loop->context, [at = loop.get()] { at->stop(); });
  }

  void on_signal() {
    signals->async_wait([this](error_code error, int) {
      if (error) return;
      if (!told.exchange(true)) begin_stop();
      on_signal_again();
    });
  }

  void on_signal_again() {
    signals->async_wait([this](error_code error, int) {
      if (error) return;
      for (const std::unique_ptr<Loop>& loop : loops) asio::post(loop->context, [at = loop.get()] { at->drain_end = Steady::now(); });
    });
  }
};

Result<std::unique_ptr<Listener>> Listener::open(const ServerOptions& options, Service& service) {
  const std::size_t colon = options.listen.rfind(':');
  std::string host = options.listen.substr(0, colon);
  if (host == "localhost") host = "127.0.0.1";
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  error_code error;
  const asio::ip::address address = asio::ip::make_address(host, error);
  if (error) return Error{Errc::config_invalid, "http.listen takes a numeric address and a port, such as 127.0.0.1:8000"};

  const std::uint32_t cores = std::max(1U, std::thread::hardware_concurrency());
  auto impl = std::make_unique<Impl>(options, service, options.hashing_threads != 0 ? options.hashing_threads : cores);
  tcp::acceptor& acceptor = *impl->acceptor;
  const tcp::endpoint endpoint(address, static_cast<std::uint16_t>(std::stoul(options.listen.substr(colon + 1))));
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return Error{Errc::config_invalid, "cannot listen on " + options.listen + ": " + error.message() + "; choose another http.listen"};
  impl->address = address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
  return std::unique_ptr<Listener>(new Listener(std::move(impl)));
}

Listener::Listener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Listener::~Listener() = default;

std::uint16_t Listener::port() const noexcept {
  error_code ignored;
  return impl_->acceptor->local_endpoint(ignored).port();
}

std::string Listener::url() const { return "http://" + impl_->address + ":" + std::to_string(port()); }

void Listener::run() {
  impl_->accept();
  std::vector<std::thread> threads;
  for (const std::unique_ptr<Loop>& loop : impl_->loops) loop->sweep_later();
  for (std::size_t i = 1; i < impl_->loops.size(); ++i) threads.emplace_back([loop = impl_->loops[i].get()] { loop->context.run(); });
  impl_->loops.front()->context.run();
  for (std::thread& thread : threads) thread.join();
}

void Listener::stop() {
  if (!impl_->told.exchange(true)) asio::post(impl_->loops.front()->context, [impl = impl_.get()] { impl->begin_stop(); });
}

void Listener::stop_on_signals() {
  impl_->signals->add(SIGTERM);
  impl_->signals->add(SIGINT);
  impl_->on_signal();
}

bool Listener::alive() const noexcept {
  const Steady::rep oldest = (Steady::now() - std::chrono::seconds{10}).time_since_epoch().count();
  return std::all_of(impl_->loops.begin(), impl_->loops.end(), [&](const auto& loop) { return loop->turned >= oldest; });
}

std::size_t Listener::connections() const noexcept { return impl_->shared.open; }

}  // namespace authkit::server
