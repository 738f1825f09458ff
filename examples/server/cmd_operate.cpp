#include "body.hpp"
#include "cli.hpp"

#include <cstdio>
#include <iostream>
#include <thread>

namespace authkit::server {
namespace {

/// Rounds of the background work, for deployments whose servers leave it to a timer.
int maintain(const Common& common, std::uint32_t seconds) {
  Result<std::unique_ptr<Auth>> auth = common.open();
  if (!auth) return fail(auth.error());
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  std::size_t delivered = 0;
  do {
    if (const Result<void> done = (*auth)->maintain(std::chrono::seconds(1)); !done) return fail(done.error());
    const Result<std::size_t> sent = (*auth)->deliver();
    if (!sent) return fail(sent.error());
    delivered += *sent;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  } while (std::chrono::steady_clock::now() < until);
  if (common.json) {
    std::cout << JsonObject().number("delivered", static_cast<std::int64_t>(delivered)).finish() << "\n";
  } else {
    std::cout << "done; " << delivered << (delivered == 1 ? " message" : " messages") << " delivered\n";
  }
  return exit_ok;
}

struct TestUsers {
  std::uint32_t count = 3;
  std::string domain = "example.test";
  std::string role;
  bool confirmed = false;
};

int create_test_users(const Common& common, const TestUsers& wanted) {
  if (!wanted.confirmed)
    return fail(
        {Errc::invalid_argument, "accounts whose passwords are printed do not belong into production; say --not-production where this is none"});
  Result<std::unique_ptr<Auth>> auth = common.open();
  if (!auth) return fail(auth.error());
  std::string items;
  for (std::uint32_t i = 1; i <= wanted.count; ++i) {
    NewAccount account;
    account.email = "test-user-" + std::to_string(i) + "@" + wanted.domain;
    if (!wanted.role.empty()) account.roles = {wanted.role};
    Result<std::string> password = generate_password();
    if (!password) return fail(password.error());
    account.password = *password;
    const Result<Account> made = (*auth)->accounts().create(account);
    const bool was_there = !made && made.error().code == Errc::email_taken;
    if (!made && !was_there) return fail(made.error());
    JsonObject row;
    row.text("email", account.email).raw("created", was_there ? "false" : "true");
    if (!was_there) row.text("password", *password);
    items.append(items.empty() ? "" : ",").append(row.finish());
    if (!common.json) std::cout << account.email << "  " << (was_there ? "was there already" : *password) << "\n";
  }
  if (common.json) std::cout << "{\"items\":[" << items << "]}\n";
  return exit_ok;
}

}  // namespace

void add_operate(CLI::App& app, Common& common) {
  CLI::App* maintaining = app.add_subcommand("maintain", "Do the background work that is due: remove what expired, seal events, deliver messages");
  auto seconds = std::make_shared<std::uint32_t>(2);
  maintaining->add_option("--seconds", *seconds, "For how long; default 2")->check(CLI::Range(1, 3600));
  maintaining->callback([&common, seconds] { common.exit = maintain(common, *seconds); });

  CLI::App* making = app.add_subcommand("create-test-users", "Make accounts to try things with, and print their passwords");
  auto wanted = std::make_shared<TestUsers>();
  making->add_option("--count", wanted->count, "How many; default 3")->check(CLI::Range(1, 10'000));
  making->add_option("--domain", wanted->domain, "Of their addresses; default example.test");
  making->add_option("--role", wanted->role, "A role that all of them have");
  making->add_flag("--not-production", wanted->confirmed, "Confirms that this database is none of production");
  making->callback([&common, wanted] { common.exit = create_test_users(common, *wanted); });
}

}  // namespace authkit::server
