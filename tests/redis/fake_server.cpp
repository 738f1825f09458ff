#include "redis/fake_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

FakeServer::FakeServer(Script script) : script_(std::move(script)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, plain, size) != 0 || ::listen(listener_, 64) != 0 || ::getsockname(listener_, plain, &size) != 0)
    throw std::runtime_error("no port for a server");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept(); });
}

FakeServer::~FakeServer() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
  }
  for (auto& thread : threads_) thread.join();
  for (const int socket : sockets_) ::close(socket);
  ::close(listener_);
}

void FakeServer::accept() {
  for (;;) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::lock_guard lock(mutex_);
    sockets_.push_back(socket);
    threads_.emplace_back([this, socket, number = connections_++] {
      Peer peer(socket);
      script_(peer, number);
      ::shutdown(socket, SHUT_RDWR);
    });
  }
}

bool FakeServer::Peer::fill() {
  char part[16 * 1024];
  const auto size = ::recv(socket_, part, sizeof part, 0);
  if (size <= 0) return false;
  read_.append(part, static_cast<std::size_t>(size));
  return true;
}

std::string FakeServer::Peer::take(std::size_t size) {
  while (read_.size() < size) {
    if (!fill()) return {};
  }
  std::string out = read_.substr(0, size);
  read_.erase(0, size);
  return out;
}

std::string FakeServer::Peer::line() {
  while (read_.find("\r\n") == std::string::npos) {
    if (!fill()) return {};
  }
  return take(read_.find("\r\n") + 2);
}

std::vector<std::string> FakeServer::Peer::command() {
  std::vector<std::string> arguments;
  const std::string head = line();
  if (head.empty()) return {};
  for (int left = std::stoi(head.substr(1)); left > 0; --left) {
    const std::string length = line();
    if (length.empty()) return {};
    const auto size = static_cast<std::size_t>(std::stoul(length.substr(1)));
    const std::string text = take(size + 2);
    if (text.empty()) return {};
    arguments.push_back(text.substr(0, size));
  }
  return arguments;
}

bool FakeServer::Peer::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto size = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

bool FakeServer::Peer::send_slowly(std::string_view bytes) const {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (!send(bytes.substr(i, 1))) return false;
  }
  return true;
}

std::string bulk(std::string_view text) { return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n"; }

FakeServer::Script polite(std::function<std::string(const std::vector<std::string>&)> answer) {
  return [answer = std::move(answer)](FakeServer::Peer& peer, int) {
    for (;;) {
      const auto command = peer.command();
      if (command.empty()) return;
      const bool greeting = command[0] == "CLIENT" || command[0] == "AUTH" || command[0] == "SELECT";
      if (!peer.send(greeting ? "+OK\r\n" : command[0] == "PING" ? "+PONG\r\n" : answer(command))) return;
    }
  };
}
