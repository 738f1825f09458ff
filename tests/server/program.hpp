#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace authkit::test {

/// A folder of its own, gone at the end.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// The real program, serving the database on a free port with cheap hashes and no limits; killed at the end if it still runs.
class Program {
 public:
  explicit Program(const std::string& database, std::vector<std::string> more = {});
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program();

  void signal(int number) const;
  /// Lets it open no more than `more` files beside those it has.
  void limit_files(std::size_t more) const;
  /// Waits for its end: the exit code, or -number of the signal that ended it.
  int wait();

  std::uint16_t port = 0;

 private:
  pid_t pid_ = -1;
};

/// Runs the command line to its end: what it printed and its exit code.
struct Ran {
  int exit = -1;
  std::string out;
  std::string err;
};
Ran run_program(const std::vector<std::string>& words, const std::string& input = {});

}  // namespace authkit::test
