#pragma once

#include "authkit/auth.hpp"

#include "options.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace authkit::server {

/// What the command line answers with; `--help` tells it too.
enum Exit : int {
  exit_ok = 0,
  exit_no = 1,           ///< done, and the answer is no: not found, taken, refused, not valid
  exit_usage = 2,        ///< the command line or the configuration is wrong
  exit_unavailable = 3,  ///< a store cannot be reached, or its schema does not fit
  exit_defect = 4,       ///< a defect or an exhausted machine
};

/// What every command takes.
struct Common {
  std::string config_file;
  std::string database;
  std::vector<std::string> set;
  bool json = false;
  int exit = exit_ok;  ///< set by the command that ran

  /// Defaults, then the file, then the environment, then the command line. Errors: config_invalid.
  Result<Settings> settings(LogLevel level = LogLevel::warning) const;
  /// authkit opened with them, telling warnings only.
  Result<std::unique_ptr<Auth>> open() const;
};

/// One sentence on standard error that says what to do; the exit code that fits.
int fail(const Error& error);

/// The first line of standard input without its end.
std::string read_line();

/// 120 random bits in an alphabet without look-alikes. Errors: random_unavailable.
Result<std::string> generate_password();

/// Each adds its commands; what they do sets common.exit.
void add_serve(CLI::App& app, Common& common);
void add_users(CLI::App& app, Common& common);
void add_database(CLI::App& app, Common& common);
void add_check(CLI::App& app, Common& common);
void add_tokens(CLI::App& app, Common& common);
void add_audit(CLI::App& app, Common& common);
void add_operate(CLI::App& app, Common& common);
void add_completion(CLI::App& app, Common& common);
/// Below `users`.
void add_import(CLI::App& users, Common& common);

}  // namespace authkit::server
