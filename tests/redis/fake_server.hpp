#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

/// A server of our own on a free port of 127.0.0.1: each connection runs the script on a thread, which may send what no Redis would.
class FakeServer {
 public:
  /// One connection as the script sees it.
  class Peer {
   public:
    explicit Peer(int socket) : socket_(socket) {}
    /// The next command's arguments; empty when the client is gone.
    std::vector<std::string> command();
    /// False: the client is gone.
    bool send(std::string_view bytes) const;
    /// The same, byte by byte, each in a packet of its own.
    bool send_slowly(std::string_view bytes) const;

   private:
    std::string take(std::size_t size);
    std::string line();
    bool fill();
    int socket_;
    std::string read_;
  };
  /// `number`: of the connection, from 0.
  using Script = std::function<void(Peer& peer, int number)>;

  explicit FakeServer(Script script);
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;
  ~FakeServer();

  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }
  int port() const noexcept { return port_; }
  int connections() const noexcept { return connections_; }

 private:
  void accept();
  Script script_;
  int listener_ = -1, port_ = 0;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::vector<int> sockets_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// A bulk string in wire form.
std::string bulk(std::string_view text);

/// Answers the handshake and PING, and everything else by `answer`, which gives the bytes to send.
FakeServer::Script polite(std::function<std::string(const std::vector<std::string>&)> answer);
