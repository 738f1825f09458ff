#include "cli.hpp"

#include <array>
#include <cstdio>
#include <iostream>
#include <unistd.h>

namespace authkit::server {
namespace {

int exit_of(ErrorKind kind, Errc code) {
  if (code == Errc::config_invalid || code == Errc::invalid_argument) return exit_usage;
  if (kind == ErrorKind::backend) return exit_unavailable;
  return kind == ErrorKind::internal ? exit_defect : exit_no;
}

/// What helps, where the error itself cannot know.
const char* advice(Errc code) {
  switch (code) {
    case Errc::store_unavailable:
      return "check that --database names the right file and that it can be written";
    case Errc::schema_mismatch:
      return "authkit migrate current shows the difference, authkit migrate up applies what is missing";
    case Errc::key_invalid:
      return "the master key must be the one that this database was made with (master_key, master_key_file)";
    case Errc::store_conflict:
      return "another process holds the database; try again";
    default:
      return nullptr;
  }
}

}  // namespace

Result<Settings> Common::settings(LogLevel level) const {
  Settings settings;
  settings.config.database.url = "sqlite:auth.db";
  settings.config.log_level = level;
  if (!config_file.empty()) {
    if (Result<void> done = settings.load_file(config_file); !done) return std::move(done).error();
  }
  if (Result<void> done = settings.load_environment(); !done) return std::move(done).error();
  if (!database.empty()) {
    if (Result<void> done = settings.set("database.url", database); !done) return std::move(done).error();
  }
  for (const std::string& word : set) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) return Error{Errc::config_invalid, "--set takes NAME=VALUE, such as --set http.listen=127.0.0.1:8000"};
    if (Result<void> done = settings.set(word.substr(0, equals), word.substr(equals + 1)); !done) return std::move(done).error();
  }
  return settings;
}

Result<std::unique_ptr<Auth>> Common::open() const {
  Result<Settings> settings = this->settings();
  if (!settings) return std::move(settings).error();
  return Auth::open(std::move(settings->config));
}

int fail(const Error& error) {
  const ErrorInfo& row = info(error.code);
  std::string text = error.detail.empty() ? std::string(row.title) : error.detail;
  if (const char* more = advice(error.code)) text.append("; ").append(more);
  std::fprintf(stderr, "authkit: %s\n", text.c_str());
  return exit_of(row.kind, error.code);
}

std::string read_line() {
  std::string line;
  std::getline(std::cin, line);
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

Result<std::string> generate_password() {
  constexpr std::string_view alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
  std::array<unsigned char, 24> bytes{};
  if (getentropy(bytes.data(), bytes.size()) != 0) return Errc::random_unavailable;
  std::string password;
  for (const unsigned char byte : bytes) password.push_back(alphabet[byte % alphabet.size()]);
  return password;
}

}  // namespace authkit::server
