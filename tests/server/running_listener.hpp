#pragma once

#include "listener.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace authkit::test {

/// Plain routes for what is about connections, not about accounts: /io and /work answer with the path and body, /slow calls `slow` first.
class EchoService : public server::Service {
 public:
  std::function<void()> slow = [] {};
  std::atomic<int> handled{0};
  std::atomic<int> smuggled{0};  ///< requests for /smuggled

  server::Plan plan(const server::Request& request) const override {
    if (request.path == "/hash") return {server::Where::hashing, std::string(request.field("x-client").value_or("c"))};
    if (request.path == "/work" || request.path == "/slow") return {server::Where::worker, std::string(request.field("x-client").value_or("c"))};
    return {};
  }
  server::Response answer(const server::Request& request) override {
    ++handled;
    if (request.path == "/smuggled") ++smuggled;
    if (request.path == "/slow") slow();
    server::Response response;
    response.body = request.path == "/big" ? std::string(1 << 20, 'x') : std::string(request.path) + " " + std::string(request.body);
    response.omit_body = request.method == "HEAD";
    if (request.path == "/split") response.add("X-Value", "a\r\nX-Forged: b");
    return response;
  }
  server::Response refuse(const server::Request&, const Error& error) override {
    server::Response response;
    response.status = info(error.code).http_status;
    response.body = info(error.code).name;
    return response;
  }
  void answered(const server::Request&, const server::Response&, std::chrono::microseconds) override {}
};

/// A listener on a free port with its own thread.
class RunningListener {
 public:
  explicit RunningListener(server::Service& service, server::ServerOptions options = {}) {
    options.listen = "127.0.0.1:0";
    auto opened = server::Listener::open(options, service);
    REQUIRE(opened);
    listener_ = *std::move(opened);
    port = listener_->port();
    thread_ = std::thread([this] { listener_->run(); });
  }
  ~RunningListener() {
    stop();
    join();
  }
  void stop() { listener_->stop(); }
  /// Returns when run() did.
  void join() {
    if (thread_.joinable()) thread_.join();
  }
  server::Listener& listener() { return *listener_; }

  std::uint16_t port = 0;

 private:
  std::unique_ptr<server::Listener> listener_;
  std::thread thread_;
};

}  // namespace authkit::test
