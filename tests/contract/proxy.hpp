#pragma once

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <atomic>
#include <mutex>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace authkit::test {

/// Stands between a client and one or more servers on 127.0.0.1, which take connections in turn. It can lose an answer: what the client sends
/// arrives, and the connection breaks before the client hears of it.
class Proxy {
 public:
  explicit Proxy(std::vector<std::uint16_t> targets) : targets_(std::move(targets)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = loopback(0);
    REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    ::listen(listener_, 64);
    accepter_ = std::thread([this] { accept_all(); });
  }
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;
  ~Proxy() {
    stopping_ = true;
    accepter_.join();
    for (auto& thread : threads_) thread.join();
    ::close(listener_);
  }

  /// `url` with this proxy in place of its server.
  std::string in_front_of(const std::string& url) const {
    const std::size_t colon = url.rfind(':'), slash = url.rfind('/');
    return url.substr(0, colon + 1) + std::to_string(port_) + url.substr(slash);
  }
  static std::uint16_t port_of(const std::string& url) { return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))); }

  /// From now on answers to messages that contain `word` are lost.
  void lose_answers_to(std::string word) {
    const std::lock_guard lock(mutex_);
    word_ = std::move(word);
  }

 private:
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }
  bool readable(int socket) const {
    pollfd one{socket, POLLIN, 0};
    return ::poll(&one, 1, 50) > 0;
  }

  void accept_all() {
    for (std::size_t next = 0; !stopping_;) {
      if (!readable(listener_)) continue;
      const int client = ::accept(listener_, nullptr, nullptr);
      const std::uint16_t target = targets_[next++ % targets_.size()];
      threads_.emplace_back([this, client, target] { serve(client, target); });
    }
  }

  void serve(int client, std::uint16_t target) {
    const int server = ::socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = loopback(target);
    bool open = ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, losing = false;
    while (open && !stopping_) {
      pollfd both[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
      if (::poll(both, 2, 50) <= 0) continue;
      if (both[0].revents != 0) open = forward(client, server, [&](std::string_view bytes) { losing = losing || is_marked(bytes); });
      if (open && both[1].revents != 0) open = !losing && forward(server, client, [](std::string_view) {});
    }
    ::close(server);
    ::close(client);
  }

  template <class Look>
  static bool forward(int from, int to, Look look) {
    char bytes[16384];
    const ssize_t size = ::recv(from, bytes, sizeof bytes, 0);
    if (size <= 0) return false;
    look({bytes, static_cast<std::size_t>(size)});
    return ::send(to, bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL) == size;
  }

  bool is_marked(std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    return !word_.empty() && bytes.find(word_) != std::string_view::npos;
  }

  const std::vector<std::uint16_t> targets_;
  const int listener_;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::string word_;
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> threads_;  ///< of the accepter's
  std::thread accepter_;
};

}  // namespace authkit::test
