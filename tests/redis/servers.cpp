#include "redis/servers.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <stdlib.h>
#include <unistd.h>

Servers::Servers(std::string_view part) {
  std::string folder = ::access("/dev/shm", W_OK) == 0 ? "/dev/shm/authkit-redis-XXXXXX" : "/tmp/authkit-redis-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no folder for the servers");
  std::filesystem::permissions(folder, std::filesystem::perms(0755));  // they may run as another user
  folder_ = folder;
  printed_ = run(fmt::format("up {{}} {}", part));
}

Servers::~Servers() {
  try {
    run("down {}");
  } catch (const std::exception&) {
  }
}

std::string Servers::url(std::string_view variable) const {
  const std::string begin = fmt::format("export {}='", variable);
  const std::size_t at = printed_.find(begin);
  if (at == std::string::npos) throw std::runtime_error("services.py names no such server");
  const std::size_t from = at + begin.size();
  return printed_.substr(from, printed_.find('\'', from) - from);
}

void Servers::kill(std::string_view name, std::string_view signal) const { run(fmt::format("kill {{}} {} {}", name, signal)); }
void Servers::start(std::string_view name) const { run(fmt::format("start {{}} {}", name)); }

/// What services.py prints; `arguments` with {} for the folder.
std::string Servers::run(const std::string& arguments) const {
  const std::string command = fmt::format("/usr/bin/python3 -B '{}' {} </dev/null", AUTHKIT_SERVICES, fmt::format(fmt::runtime(arguments), folder_));
  FILE* const output = ::popen(command.c_str(), "r");
  if (output == nullptr) throw std::runtime_error("services.py does not start");
  std::string text;
  char part[1024];
  while (std::fgets(part, sizeof part, output) != nullptr) text += part;
  if (::pclose(output) != 0) throw std::runtime_error("services.py failed: " + command);
  return text;
}

const Servers& servers() {
  static const Servers running("redis");
  return running;
}

const Servers& watched_servers() {
  static const Servers running("sentinel");
  return running;
}

std::string port_of(std::string_view url) {
  const std::size_t end = std::min(url.find_first_of("/,", url.find("//") + 2), url.size());
  return std::string(url.substr(url.rfind(':', end - 1) + 1, end - url.rfind(':', end - 1) - 1));
}
