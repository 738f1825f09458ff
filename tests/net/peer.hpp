#pragma once

#include <string>
#include <string_view>
#include <sys/types.h>

/// server.py, running. Ends with the object, and with this process.
class Peer {
 public:
  Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer();

  std::string good(std::string_view path) const { return at(good_, path); }
  std::string by_name(std::string_view path) const { return "https://localhost:" + std::to_string(good_) + std::string(path); }
  std::string another(std::string_view path) const { return at(another_, path); }
  std::string expired(std::string_view path) const { return at(expired_, path); }
  std::string mute(std::string_view path) const { return at(mute_, path); }
  std::string plain(std::string_view path) const { return "http://127.0.0.1:" + std::to_string(plain_) + std::string(path); }
  std::string ca_file() const { return folder_ + "/ca.pem"; }
  void publish(const std::string& jwks) const;

 private:
  static std::string at(int port, std::string_view path) { return "https://127.0.0.1:" + std::to_string(port) + std::string(path); }

  std::string folder_;
  pid_t pid_ = -1;
  int input_ = -1;
  int good_ = 0, another_ = 0, expired_ = 0, plain_ = 0, mute_ = 0;
};

/// One for all tests.
const Peer& peer();
