#include "server/program.hpp"

#include <doctest/doctest.h>

#include <array>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <random>
#include <signal.h>
#include <spawn.h>
#include <sstream>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace authkit::test {
namespace {

pid_t spawn(const std::vector<std::string>& words, const std::array<int, 3>& descriptors) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (int target = 0; target < 3; ++target) posix_spawn_file_actions_adddup2(&actions, descriptors[static_cast<std::size_t>(target)], target);
  pid_t pid = -1;
  const int failed = posix_spawn(&pid, AUTHKIT_PROGRAM, &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  REQUIRE(failed == 0);
  return pid;
}

int exit_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status); }

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

Folder::Folder() : path_(std::filesystem::temp_directory_path() / ("authkit-" + std::to_string(std::random_device{}()))) {
  std::filesystem::create_directory(path_);
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Program::Program(const std::string& database, std::vector<std::string> more) {
  std::vector<std::string> words = {"authkit", "serve", "--json", "--listen", "127.0.0.1:0", "--database", "sqlite:" + database};
  more.insert(more.end(), {"password.memory_kib=64", "password.passes=1", "limit.sign_up_address=1000000/1h", "limit.login_address=1000000/1h",
                           "http.access_log=off"});
  for (const std::string& option : more) words.insert(words.end(), {"--set", option});

  std::array<int, 2> pipe{};
  REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
  const int log = ::open((database + ".log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  pid_ = spawn(words, {STDIN_FILENO, pipe[1], log});
  ::close(pipe[1]);
  ::close(log);
  std::string line;
  pollfd ready{pipe[0], POLLIN, 0};
  for (char byte = 0; byte != '\n' && ::poll(&ready, 1, 20'000) == 1 && ::read(pipe[0], &byte, 1) == 1;) line.push_back(byte);
  ::close(pipe[0]);
  const std::size_t colon = line.find("127.0.0.1:");
  REQUIRE_MESSAGE(colon != std::string::npos, content(database + ".log"));
  port = static_cast<std::uint16_t>(std::stoul(line.substr(colon + 10)));
}

Program::~Program() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Program::signal(int number) const { ::kill(pid_, number); }

void Program::limit_files(std::size_t more) const {
  const std::filesystem::directory_iterator open("/proc/" + std::to_string(pid_) + "/fd");
  rlimit limit{};
  REQUIRE(::prlimit(pid_, RLIMIT_NOFILE, nullptr, &limit) == 0);
  limit.rlim_cur = static_cast<rlim_t>(std::distance(begin(open), end(open))) + more;
  REQUIRE(::prlimit(pid_, RLIMIT_NOFILE, &limit, nullptr) == 0);
}

int Program::wait() {
  int status = 0;
  REQUIRE(::waitpid(pid_, &status, 0) == pid_);
  pid_ = -1;
  return exit_code(status);
}

Ran run_program(const std::vector<std::string>& words, const std::string& input) {
  const Folder folder;
  std::ofstream(folder.file("in"), std::ios::binary) << input;
  const std::array<int, 3> files = {::open(folder.file("in").c_str(), O_RDONLY | O_CLOEXEC),
                                    ::open(folder.file("out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600),
                                    ::open(folder.file("err").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
  std::vector<std::string> all = {"authkit"};
  all.insert(all.end(), words.begin(), words.end());
  const pid_t pid = spawn(all, files);
  for (const int file : files) ::close(file);
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  return {exit_code(status), content(folder.file("out")), content(folder.file("err"))};
}

}  // namespace authkit::test
