#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/version.hpp>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

/// The limit that the example server is measured against: one thread, callbacks, no routing, one answer of 200 bytes.
/// `work` is called for every request, before the answer.
namespace limit {

namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace asio = boost::asio;
using asio::ip::tcp;

inline std::string body() {
  std::string json = R"({"id":"0190c7a2-6b1e-7c3d-9f00-5a8e4b21c377","email":"bench@example.com","email_verified":true,"roles":["user"],"fill":")";
  json.resize(198, 'x');
  return json + "\"}";
}

template <class Work>
class Session : public std::enable_shared_from_this<Session<Work>> {
 public:
  Session(tcp::socket socket, Work& work) : stream_(std::move(socket)), work_(work) {}

  void read() {
    request_ = {};
    stream_.expires_after(std::chrono::seconds(30));
    http::async_read(stream_, buffer_, request_, [self = this->shared_from_this()](beast::error_code error, std::size_t) {
      if (!error) self->answer();
    });
  }

 private:
  void answer() {
    static const std::string json = body();
    work_();
    response_ = {http::status::ok, request_.version()};
    response_.set(http::field::content_type, "application/json");
    response_.keep_alive(request_.keep_alive());
    response_.body() = json;
    response_.prepare_payload();
    http::async_write(stream_, response_, [self = this->shared_from_this()](beast::error_code error, std::size_t) {
      if (!error && self->response_.keep_alive()) self->read();
    });
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
  Work& work_;
};

template <class Work>
void accept(tcp::acceptor& acceptor, Work& work) {
  acceptor.async_accept([&](beast::error_code error, tcp::socket socket) {
    if (!error) {
      socket.set_option(tcp::no_delay(true));
      std::make_shared<Session<Work>>(std::move(socket), work)->read();
    }
    accept(acceptor, work);
  });
}

/// Serves on 127.0.0.1 at the port of the command line until it is killed.
template <class Work>
int serve(int argc, char** argv, Work work) {
  if (argc != 2) {
    std::cerr << "usage: " << argv[0] << " PORT\n";
    return 2;
  }
  asio::io_context context(1);
  tcp::acceptor acceptor(context, {asio::ip::make_address("127.0.0.1"), static_cast<unsigned short>(std::atoi(argv[1]))});
  accept(acceptor, work);
  context.run();
  return 0;
}

}  // namespace limit
