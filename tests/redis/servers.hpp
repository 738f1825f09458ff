#pragma once

#include <string>
#include <string_view>

/// The Redis servers of tests/services, for this process alone: tests kill and stop them. They end with the process.
class Servers {
 public:
  /// `part`: of services.py.
  explicit Servers(std::string_view part);
  Servers(const Servers&) = delete;
  Servers& operator=(const Servers&) = delete;
  ~Servers();

  /// The value of a variable that services.py prints: "AUTHKIT_TEST_REDIS".
  std::string url(std::string_view variable) const;
  const std::string& folder() const noexcept { return folder_; }

  /// `name`: redis, redis_tls, cluster1 ...; `signal`: KILL, STOP, CONT.
  void kill(std::string_view name, std::string_view signal) const;
  /// Again after KILL; waits until it serves.
  void start(std::string_view name) const;

 private:
  std::string run(const std::string& arguments) const;
  std::string folder_, printed_;
};

/// One for all tests; and one with sentinels, for those that need them.
const Servers& servers();
const Servers& watched_servers();

/// The port of the first server of a URL, as text.
std::string port_of(std::string_view url);
