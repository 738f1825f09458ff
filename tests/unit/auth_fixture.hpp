#pragma once

#include "authkit/auth.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

namespace authkit::auth_test {

inline const std::string master_key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
inline const std::string auth_password = "correct horse battery staple";

/// Configurations of one deployment: a clock to move, log lines to read, a directory that goes.
class Deployment {
 public:
  Deployment() {
    char name[] = "/tmp/authkit-auth-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    directory = name;
  }
  ~Deployment() { std::filesystem::remove_all(directory); }

  Config memory() {
    Config config;
    config.password.memory_kib = 64;
    config.password.passes = 1;
    config.log_level = LogLevel::debug;
    config.log_sink = [this](LogLevel, std::string_view json) {
      const std::lock_guard lock(mutex);
      lines.emplace_back(json);
    };
    config.clock = [this] { return Time{Duration{now.load()}}; };
    return config;
  }
  Config sqlite() {
    Config config = memory();
    config.database.url = "sqlite:" + (directory / "auth.db").string();
    return config;
  }

  void advance(Duration by) { now += by.count(); }
  std::size_t logged(std::string_view text) {
    const std::lock_guard lock(mutex);
    return static_cast<std::size_t>(
        std::count_if(lines.begin(), lines.end(), [text](const std::string& line) { return line.find(text) != std::string::npos; }));
  }

  std::filesystem::path directory;
  std::atomic<std::int64_t> now{1'769'860'800'000};
  std::mutex mutex;
  std::vector<std::string> lines;
};

inline Registration alice() { return {.email = "alice@example.com", .password = auth_password, .username = "alice"}; }

inline Grant log_in(Auth& auth, Transport transport = Transport::bearer) {
  return auth.accounts().log_in({.login = "alice", .password = auth_password, .transport = transport, .device_name = "test"}).value();
}

inline Errc open_error(Config config, Stores own = {}) {
  const auto auth = Auth::open(std::move(config), std::move(own));
  return auth ? Errc{} : auth.error().code;
}

}  // namespace authkit::auth_test
