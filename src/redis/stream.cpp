#include "redis/stream.hpp"

#include "redis/io_context.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <array>
#include <optional>

namespace authkit::redis {
namespace {

namespace asio = boost::asio;
using Code = boost::system::error_code;
using Protocol = asio::generic::stream_protocol;
using Socket = asio::basic_stream_socket<Protocol, asio::io_context::executor_type>;
using Resolver = asio::ip::basic_resolver<asio::ip::tcp, asio::io_context::executor_type>;

/// Errors: boost::system::system_error where a file cannot be used.
asio::ssl::context make_tls(const Target& target) {
  asio::ssl::context tls(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_options(tls.native_handle(), SSL_OP_NO_RENEGOTIATION);
  tls.set_verify_mode(target.verify ? asio::ssl::verify_peer : asio::ssl::verify_none);
  if (target.ca_file.empty()) {
    tls.set_default_verify_paths();
  } else {
    tls.load_verify_file(target.ca_file);
  }
  if (!target.cert_file.empty()) {
    tls.use_certificate_chain_file(target.cert_file);
    tls.use_private_key_file(target.key_file, asio::ssl::context::pem);
  }
  return tls;
}

class SocketStream : public Stream, public std::enable_shared_from_this<SocketStream> {
 public:
  SocketStream(IoThread& thread, Endpoint endpoint, StreamEvents& events)
      : context_(thread.impl().context), endpoint_(std::move(endpoint)), events_(&events), socket_(context_), resolver_(context_) {}

  void start(const Target& target) {
    if (target.tls) prepare_tls(target);
    if (!endpoint_.socket.empty()) {
      candidates_.emplace_back(asio::local::stream_protocol::endpoint(endpoint_.socket));
      return connect(0);
    }
    Code not_numeric;
    const auto address = asio::ip::make_address(endpoint_.host, not_numeric);
    if (!not_numeric) {
      candidates_.emplace_back(asio::ip::tcp::endpoint(address, static_cast<std::uint16_t>(std::stoul(endpoint_.port))));
      return connect(0);
    }
    resolver_.async_resolve(endpoint_.host, endpoint_.port, asio::ip::resolver_base::numeric_service,
                            [self = shared_from_this()](const Code& error, const Resolver::results_type& found) { self->resolved(error, found); });
  }

  void write(const std::string& bytes) override {
    auto done = [self = shared_from_this()](const Code& error, std::size_t) {
      if (error) return self->fail("the connection broke");
      if (self->events_ != nullptr) self->events_->written();
    };
    if (tls_) {
      asio::async_write(*tls_, asio::buffer(bytes), std::move(done));
    } else {
      asio::async_write(socket_, asio::buffer(bytes), std::move(done));
    }
  }

  void close() override {
    events_ = nullptr;
    Code ignored;
    resolver_.cancel();
    socket_.close(ignored);
  }

  void fail(const std::string& why) {
    StreamEvents* const events = events_;
    close();
    if (events != nullptr) events->failed(why);
  }

 private:
  void prepare_tls(const Target& target) {
    tls_context_.emplace(make_tls(target));
    tls_.emplace(socket_, *tls_context_);
    SSL* const ssl = tls_->native_handle();
    Code not_numeric;
    asio::ip::make_address(endpoint_.host, not_numeric);
    X509_VERIFY_PARAM* const rules = SSL_get0_param(ssl);
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    // A name that OpenSSL does not take must not leave the connection unnamed, and so unchecked.
    const bool named = not_numeric ? X509_VERIFY_PARAM_set1_host(rules, endpoint_.host.c_str(), endpoint_.host.size()) == 1 &&
                                         SSL_set_tlsext_host_name(ssl, endpoint_.host.c_str()) == 1
                                   : X509_VERIFY_PARAM_set1_ip_asc(rules, endpoint_.host.c_str()) == 1;
    if (!named) throw boost::system::system_error(asio::error::invalid_argument);
  }

  void resolved(const Code& error, const Resolver::results_type& found) {
    if (events_ == nullptr) return;
    if (error) return fail("its name is not known");
    for (const auto& entry : found) candidates_.emplace_back(entry.endpoint());
    connect(0);
  }

  void connect(std::size_t candidate) {
    if (events_ == nullptr) return;
    Code ignored;
    socket_.close(ignored);
    socket_.async_connect(candidates_[candidate], [self = shared_from_this(), candidate](const Code& error) {
      if (!error) return self->connected();
      if (candidate + 1 < self->candidates_.size()) return self->connect(candidate + 1);
      self->fail(fmt::format("it cannot be reached ({})", error.message()));
    });
  }

  void connected() {
    if (events_ == nullptr) return;
    Code ignored;
    if (endpoint_.socket.empty()) {
      socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
      socket_.set_option(asio::socket_base::keep_alive(true), ignored);
    }
    if (!tls_) return ready();
    tls_->async_handshake(asio::ssl::stream_base::client, [self = shared_from_this()](const Code& error) {
      if (!error) return self->ready();
      const long verdict = self->tls_ ? SSL_get_verify_result(self->tls_->native_handle()) : X509_V_OK;
      self->fail(fmt::format("TLS failed ({})", verdict == X509_V_OK ? error.message() : X509_verify_cert_error_string(verdict)));
    });
  }

  void ready() {
    if (events_ == nullptr) return;
    events_->opened();
    read();
  }

  void read() {
    if (events_ == nullptr) return;
    auto done = [self = shared_from_this()](const Code& error, std::size_t size) {
      if (error) return self->fail("the connection broke");
      if (self->events_ != nullptr) self->events_->received({self->input_.data(), size});
      self->read();
    };
    if (tls_) {
      tls_->async_read_some(asio::buffer(input_), std::move(done));
    } else {
      socket_.async_read_some(asio::buffer(input_), std::move(done));
    }
  }

  asio::io_context& context_;
  const Endpoint endpoint_;
  StreamEvents* events_;  ///< null once closed
  Socket socket_;
  Resolver resolver_;
  std::vector<Protocol::endpoint> candidates_;
  std::optional<asio::ssl::context> tls_context_;
  std::optional<asio::ssl::stream<Socket&>> tls_;
  std::array<char, std::size_t{16} * 1024> input_;
};

}  // namespace

std::shared_ptr<Stream> Stream::open(IoThread& thread, const Endpoint& endpoint, const Target& target, StreamEvents& events) {
  auto stream = std::make_shared<SocketStream>(thread, endpoint, events);
  try {
    stream->start(target);
  } catch (const boost::system::system_error& failure) {
    // Not from within open(): whoever opens it does not hold it yet.
    thread.post([stream, why = fmt::format("it cannot be set up ({})", failure.code().message())] { stream->fail(why); });
  }
  return stream;
}

Result<void> Stream::check(const Target& target) {
  if (!target.tls) return {};
  try {
    make_tls(target);
    return {};
  } catch (const boost::system::system_error& failure) {
    return Error{Errc::config_invalid, fmt::format("Redis URL: a file that TLS needs cannot be used ({})", failure.code().message())};
  }
}

}  // namespace authkit::redis
