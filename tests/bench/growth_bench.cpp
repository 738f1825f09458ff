#include "authkit/auth.hpp"

#include "contract/filled.hpp"
#include "measure.hpp"
#include "postgres_bench.hpp"

#include <filesystem>
#include <memory>
#include <random>

// growth_bench [--smoke] [sqlite|postgresql]        what flows take among 1,000 and 1,000,000 users, on both or on that one (AUTHKIT_TEST_POSTGRESQL)
// growth_bench --users COUNT sqlite|postgresql      the same among that many alone

namespace {

using namespace authkit;

constexpr const char* password = "correct horse battery staple";

/// One database of so many users.
class World {
 public:
  World(const std::string& url, std::uint64_t users) : users_(users) {
    Config config;
    config.database.url = url;
    config.database.deadline = std::chrono::minutes(1);
    config.database.synchronous = "normal";
    config.master_key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    // As good as none: the hash is the same for any number of users.
    config.password.memory_kib = 64;
    config.password.passes = 1;
    config.log_level = LogLevel::error;
    const auto database = as_sql(Database::open(config.database).value());
    database->migrate_up(system_now()).value();
    const auto hash = Passwords::open(config.password).value().hash(password).value();
    contract::fill(*database, config.tenant, users, hash, system_now());
    auth_ = Auth::open(config).value();
  }

  void round(int calls) {
    std::vector<std::string> names;
    for (int i = 0; i < calls; ++i) names.push_back("user" + std::to_string(1 + random_() % users_) + "@example.org");
    const auto timed = [&](measure::Series& series, auto call) {
      series.values.push_back(measure::seconds_of([&] {
                                for (int i = 0; i < calls; ++i) call(static_cast<std::size_t>(i));
                              }) *
                              1e6 / calls);
    };
    std::vector<std::string> refresh_tokens(names.size());
    timed(login, [&](std::size_t i) {
      Login request;
      request.login = names[i];
      request.password = password;
      refresh_tokens[i] = auth_->accounts().log_in(request).value().session_secret;
    });
    timed(refresh, [&](std::size_t i) { auth_->accounts().refresh(refresh_tokens[i]).value(); });
    timed(find, [&](std::size_t i) { auth_->accounts().find(names[i]).value(); });
  }

  measure::Series login, refresh, find;

 private:
  std::uint64_t users_;
  std::mt19937_64 random_{7};  // the same users in every run
  std::unique_ptr<Auth> auth_;
};

/// Rounds in turn, after one for each that does not count.
void measure_all(std::initializer_list<World*> worlds, bool smoke) {
  const int rounds = smoke ? 3 : 15, calls = smoke ? 50 : 400;
  for (World* world : worlds) {
    world->round(calls);
    for (measure::Series* series : {&world->login, &world->refresh, &world->find}) series->values.clear();
  }
  for (int i = 0; i < rounds; ++i) {
    for (World* world : worlds) world->round(calls);
  }
}

void compare(const char* name, World& small, World& large, bool smoke) {
  measure_all({&small, &large}, smoke);
  const auto print = [&](const char* flow, const measure::Series& few, const measure::Series& many) {
    std::printf("%-10s %-16s %8.1f us %8.1f us  ratio %.2f\n", name, flow, few.median(), many.median(), many.median() / few.median());
  };
  print("login", small.login, large.login);
  print("refresh", small.refresh, large.refresh);
  print("find by e-mail", small.find, large.find);
}

class Folder {
 public:
  Folder() {
    if (mkdtemp(path_.data()) == nullptr) std::exit(1);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string url(const char* name) const { return "sqlite:" + path_ + "/" + name + ".db"; }

 private:
  std::string path_ = "/tmp/authkit-growth-XXXXXX";
};

void on_sqlite(std::uint64_t few, std::uint64_t many, bool smoke) {
  const Folder folder;
  World small(folder.url("few"), few), large(folder.url("many"), many);
  compare("SQLite", small, large, smoke);
}

void alone(const std::string& url, std::uint64_t users) {
  World world(url, users);
  measure_all({&world}, false);
  world.login.print("login", "us");
  world.refresh.print("refresh", "us");
  world.find.print("find by e-mail", "us");
}

void on_postgresql(std::uint64_t few, std::uint64_t many, bool smoke) {
  const bench::OwnDatabase few_there("authkit_growth_few"), many_there("authkit_growth_many");
  World small(few_there.url(), few), large(many_there.url(), many);
  compare("PostgreSQL", small, large, smoke);
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string_view> words(argv + 1, argv + argc);
  const auto said = [&](std::string_view word) { return std::find(words.begin(), words.end(), word) != words.end(); };
  if (argc == 4 && words[0] == "--users") {
    const std::uint64_t users = std::strtoull(argv[2], nullptr, 10);
    if (said("sqlite")) {
      const Folder folder;
      alone(folder.url("users"), users);
    } else {
      const bench::OwnDatabase there("authkit_growth");
      alone(there.url(), users);
    }
    return 0;
  }
  const bool smoke = said("--smoke");
  const std::uint64_t few = 1'000, many = smoke ? 20'000 : 1'000'000;
  std::printf("%llu and %llu users\n", static_cast<unsigned long long>(few), static_cast<unsigned long long>(many));
  if (!said("postgresql")) on_sqlite(few, many, smoke);
  if (!said("sqlite")) on_postgresql(few, many, smoke);
  return 0;
} catch (const authkit::BadResult& failure) {
  std::fprintf(stderr, "error: %s\n", failure.what());
  return 1;
}
