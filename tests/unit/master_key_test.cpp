#include "master_key.hpp"

#include "core/base64url.hpp"
#include "core/random.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace authkit;
namespace fs = std::filesystem;

namespace {

struct Fixture {
  Fixture() {
    char name[] = "/tmp/authkit-key-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    directory = name;
    path = directory / "auth.db.key";
  }
  ~Fixture() { fs::remove_all(directory); }

  Result<std::string> load() const {
    auto key = load_master_key(config, path, false);
    if (!key) return std::move(key).error();
    return std::string(key->view());
  }
  void write(const std::string& text, mode_t mode = 0600) const {
    std::ofstream(path) << text;
    REQUIRE(::chmod(path.c_str(), mode) == 0);
  }
  std::size_t files() const { return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator())); }
  void refused(std::string_view why) const {
    const auto key = load();
    REQUIRE_FALSE(key);
    CHECK(key.error().code == Errc::config_invalid);
    CHECK(key.error().detail.find(path.string()) != std::string::npos);
    CHECK_MESSAGE(key.error().detail.find(why) != std::string::npos, key.error().detail);
    CHECK(key.error().detail.find("CANARY") == std::string::npos);
  }

  fs::path directory, path;
  Config config;
};

const std::string key_bytes = "0123456789abcdef0123456789abcdef";

}  // namespace

TEST_CASE("a master key file is made once, for its user alone, and read again") {
  Fixture f;
  const std::string key = f.load().value();
  CHECK(key.size() == 32);
  struct stat status {};
  REQUIRE(::stat(f.path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);
  CHECK(status.st_nlink == 1);
  CHECK(f.files() == 1);
  CHECK(f.load().value() == key);
  Fixture other;
  CHECK(other.load().value() != key);
}

TEST_CASE("processes that start at once agree on one master key") {
  for (int round = 0; round < 20; ++round) {
    Fixture f;
    std::vector<std::string> keys(8);
    std::vector<std::thread> threads;
    for (auto& key : keys) threads.emplace_back([&f, &key] { key = f.load().value_or(std::string("failed")); });
    for (auto& thread : threads) thread.join();
    CHECK(std::set<std::string>(keys.begin(), keys.end()).size() == 1);
    CHECK(keys[0].size() == 32);
    CHECK(f.files() == 1);
  }
}

TEST_CASE("the configuration's key goes before its file, and that before the default one") {
  Fixture f;
  f.write(base64url::encode(key_bytes) + "\n");
  CHECK(f.load().value() == key_bytes);
  f.config.master_key_file = (f.directory / "other.key").string();
  const std::string other = f.load().value();
  CHECK(other != key_bytes);
  CHECK(fs::exists(f.config.master_key_file));
  f.config.master_key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
  CHECK(f.load().value() == key_bytes);
}

TEST_CASE("a master key file that others may read or write is refused") {
  for (const mode_t mode : {0644U, 0640U, 0604U, 0620U, 0602U, 0666U}) {
    Fixture f;
    f.write(base64url::encode(key_bytes), mode);
    f.refused("chmod 600");
  }
  Fixture f;
  f.write(base64url::encode(key_bytes), 0400);
  CHECK(f.load().value() == key_bytes);
}

TEST_CASE("a master key file of another user is refused") {
  Fixture f;
  if (::geteuid() == 0) {
    f.write(base64url::encode(key_bytes));
    REQUIRE(::chown(f.path.c_str(), 65534, 65534) == 0);
    f.refused("another user");
  } else {
    f.path = "/etc/passwd";  // of root, and for all to read
    f.refused("chmod 600");
  }
}

TEST_CASE("a master key file that holds no key is refused and left as it is") {
  for (const std::string& text : {std::string(), std::string("\n"), std::string("CANARY"), base64url::encode("CANARY too short"),
                                  base64url::encode(key_bytes + "x"), std::string(2000, 'A'), std::string(44, '\0')}) {
    Fixture f;
    f.write(text);
    f.refused("");
    CHECK(fs::file_size(f.path) == text.size());
  }
}

TEST_CASE("a directory, a pipe or a dangling link is no master key file, and holds nobody up") {
  Fixture f;
  fs::create_directory(f.path);
  f.refused("no regular file");
  fs::remove(f.path);
  REQUIRE(::mkfifo(f.path.c_str(), 0600) == 0);
  f.refused("no regular file");
  fs::remove(f.path);
  fs::create_symlink(f.directory / "nowhere", f.path);
  f.refused("cannot be opened");
}

TEST_CASE("a directory that is not there gives a clear error") {
  Fixture f;
  f.path = f.directory / "missing" / "a.key";
  f.refused("cannot be made");
}

TEST_CASE("a failing random source leaves neither a key nor a file") {
  Fixture f;
  fail_random_for_tests(1);
  CHECK(f.load().error().code == Errc::random_unavailable);
  CHECK(f.files() == 0);
  fail_random_for_tests(1);
  CHECK(load_master_key({}, "", true).error().code == Errc::random_unavailable);
}

TEST_CASE("without a file, a memory deployment gets a key of its own and all others an error") {
  const auto key = load_master_key({}, "", true);
  CHECK(key.value().bytes().size() == 32);
  CHECK(load_master_key({}, "", true).value().view() != key.value().view());
  CHECK(load_master_key({}, "", false).error().code == Errc::config_invalid);
}
