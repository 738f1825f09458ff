#include "authkit/log.hpp"

#include "core/json.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fcntl.h>
#include <stdexcept>
#include <thread>
#include <unistd.h>

using namespace authkit;

namespace {

Time fixed_time() { return Time{Duration{1'769'860'800'123}}; }

struct Lines {
  std::vector<std::string> lines;
  LogSink sink() {
    return [this](LogLevel, std::string_view json) { lines.emplace_back(json); };
  }
};

}  // namespace

TEST_CASE("a log line is one JSON object with its fields in order") {
  Lines out;
  const Logger log(LogLevel::info, out.sink(), fixed_time);
  log.write(LogLevel::warning, "login failed", {{"user", std::string_view("a\"b")}, {"tries", std::int64_t{3}}, {"known", false}});
  REQUIRE(out.lines.size() == 1);
  CHECK(out.lines[0] == R"({"time":"2026-01-31T12:00:00.123Z","level":"warning","message":"login failed","user":"a\"b","tries":3,"known":false})");
}

TEST_CASE("text literals are fields of text, not flags") {
  Lines out;
  Logger(LogLevel::debug, out.sink(), fixed_time).write(LogLevel::debug, "x", {{"name", "value"}});
  CHECK(out.lines.at(0).ends_with(R"("name":"value"})"));
}

TEST_CASE("nothing below the threshold is written") {
  Lines out;
  const Logger log(LogLevel::warning, out.sink(), fixed_time);
  log.write(LogLevel::info, "no");
  log.write(LogLevel::error, "yes", std::vector<LogField>{{"n", std::int64_t{1}}});
  CHECK(out.lines.size() == 1);
  CHECK_FALSE(log.enabled(LogLevel::info));
}

TEST_CASE("no value can forge a line, a member or a terminal sequence") {
  const std::string attack =
      "a\r\n{\"level\":\"info\"}\x1b[2J\x07\x7f\xc2\x85\xc2\x9b\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xae\xff\"\\," + std::string("\0z", 2);
  Lines out;
  Logger(LogLevel::info, out.sink(), fixed_time).write(LogLevel::info, "sign-up", {{"user", attack}});
  const std::string& line = out.lines.at(0);
  CHECK(std::none_of(line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }));
  for (const char* raw : {"\xc2\x85", "\xc2\x9b", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xae", "\xff"}) CHECK(line.find(raw) == std::string::npos);
  const json::Value value = json::parse(line).value();
  CHECK(value.members.size() == 4);
  CHECK(value.find("level")->text == "info");
  CHECK(value.find("user")->text.starts_with("a\r\n{\"level\""));
}

TEST_CASE("a fuzzed value gives one well-formed line each") {
  std::uint32_t state = 1;
  std::size_t lines = 0;
  const LogSink count = [&lines](LogLevel, std::string_view json) {
    ++lines;
    REQUIRE(json::parse(json));
    REQUIRE(json.find('\n') == std::string_view::npos);
  };
  const Logger log(LogLevel::info, count, fixed_time);
  for (int round = 0; round < 2000; ++round) {
    std::string value;
    for (int i = 0; i < 24; ++i) {
      state = state * 1664525 + 1013904223;
      value.push_back(static_cast<char>(state >> 24));
    }
    log.write(LogLevel::info, "fuzz", {{"value", value}});
  }
  CHECK(lines == 2000);
}

TEST_CASE("a sink or a clock that throws loses its line and nothing else") {
  const Logger bad_sink(
      LogLevel::info, [](LogLevel, std::string_view) { throw std::runtime_error("full"); }, fixed_time);
  CHECK_NOTHROW(bad_sink.write(LogLevel::error, "x"));
  const Logger bad_clock(
      LogLevel::info, [](LogLevel, std::string_view) {}, []() -> Time { throw std::runtime_error("no time"); });
  CHECK_NOTHROW(bad_clock.write(LogLevel::error, "x"));
}

TEST_CASE("the default sink writes whole lines to standard error, from many threads") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  std::fflush(stderr);
  const int saved = ::dup(STDERR_FILENO);
  ::dup2(ends[1], STDERR_FILENO);
  ::close(ends[1]);
  {
    const Logger log;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&log] {
        for (int i = 0; i < 50; ++i) log.write(LogLevel::info, "line", {{"pad", std::string(100, 'x')}});
      });
    }
    for (auto& thread : threads) thread.join();
  }
  ::dup2(saved, STDERR_FILENO);
  ::close(saved);
  std::string all;
  std::array<char, 4096> buffer;
  for (ssize_t n; (n = ::read(ends[0], buffer.data(), buffer.size())) > 0;) all.append(buffer.data(), static_cast<std::size_t>(n));
  ::close(ends[0]);
  CHECK(std::count(all.begin(), all.end(), '\n') == 200);
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = all.find('\n', at);
    REQUIRE(json::parse(std::string_view(all).substr(at, end - at)));
    at = end + 1;
  }
}

TEST_CASE("log levels are read as other systems spell them") {
  CHECK(parse_log_level("INFO") == LogLevel::info);
  CHECK(parse_log_level("Warning") == LogLevel::warning);
  CHECK(parse_log_level("warn") == LogLevel::warning);
  CHECK(parse_log_level("CRITICAL") == LogLevel::error);
  CHECK(parse_log_level("debug") == LogLevel::debug);
  CHECK_FALSE(parse_log_level(""));
  CHECK_FALSE(parse_log_level("infos"));
  CHECK_FALSE(parse_log_level("inf"));
}
