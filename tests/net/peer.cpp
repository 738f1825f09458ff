#include "net/peer.hpp"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <signal.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

Peer::Peer() {
  char folder[] = "/tmp/authkit-net-XXXXXX";
  int input[2], output[2];
  if (::mkdtemp(folder) == nullptr || ::pipe2(input, O_CLOEXEC) != 0 || ::pipe2(output, O_CLOEXEC) != 0) throw std::runtime_error("no pipes");
  folder_ = folder;
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(input[0], STDIN_FILENO);
    ::dup2(output[1], STDOUT_FILENO);
    ::execl("/usr/bin/python3", "python3", AUTHKIT_NET_SERVER, folder, static_cast<char*>(nullptr));
    ::_exit(127);
  }
  ::close(input[0]);
  ::close(output[1]);
  input_ = input[1];
  FILE* const answer = ::fdopen(output[0], "r");
  const int read = std::fscanf(answer, "%d %d %d %d %d", &good_, &another_, &expired_, &plain_, &mute_);
  std::fclose(answer);
  if (read != 5) throw std::runtime_error("server.py did not start");
}

Peer::~Peer() {
  ::close(input_);
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Peer::publish(const std::string& jwks) const { std::ofstream(folder_ + "/jwks.json") << jwks; }

const Peer& peer() {
  static const Peer running;
  return running;
}
