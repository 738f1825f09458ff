#include "authkit/json.hpp"

#include "cli.hpp"

#include <cstdio>
#include <iostream>
#include <termios.h>
#include <unistd.h>

namespace authkit::server {
namespace {

/// Asks on the terminal without showing what is typed.
std::string ask(const char* question) {
  std::fputs(question, stderr);
  termios shown{};
  tcgetattr(STDIN_FILENO, &shown);
  termios hidden = shown;
  hidden.c_lflag &= static_cast<tcflag_t>(~ECHO);
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  std::string answer = read_line();
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
  std::fputs("\n", stderr);
  return answer;
}

struct NewUser {
  NewAccount account;
  bool from_stdin = false;
  bool generate = false;
};

Result<std::string> password_for(const NewUser& user) {
  if (user.generate) return generate_password();
  if (user.from_stdin) return read_line();
  if (isatty(STDIN_FILENO) == 0) return Error{Errc::config_invalid, "there is no terminal to ask: use --password-stdin or --generate-password"};
  std::string password = ask("Password: ");
  if (ask("Again: ") != password) return Error{Errc::config_invalid, "the two passwords differ"};
  return password;
}

int create(const Common& common, NewUser& user) {
  Result<std::string> password = password_for(user);
  if (!password) return fail(password.error());
  Result<std::unique_ptr<Auth>> auth = common.open();
  if (!auth) return fail(auth.error());
  user.account.password = *password;
  const Result<Account> made = (*auth)->accounts().create(user.account);
  if (!made) return fail(made.error());
  if (common.json) {
    const std::string generated = user.generate ? ",\"password\":" + json_quote(*password) : "";
    std::cout << "{\"user\":" << to_json(*made) << generated << "}\n";
    return exit_ok;
  }
  std::cout << "created " << to_text(made->id) << " " << made->email << "\n";
  if (user.generate) std::cout << "password " << *password << " (shown once)\n";
  return exit_ok;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : ",").append(word);
  return text;
}

int list(const Common& common, const AccountFilter& filter) {
  Result<std::unique_ptr<Auth>> auth = common.open();
  if (!auth) return fail(auth.error());
  std::string cursor;
  const char* separator = "";
  if (common.json) std::cout << "{\"items\":[";
  do {
    Result<AccountPage> page = (*auth)->accounts().list(filter, cursor, 200);
    if (!page) return fail(page.error());
    for (const Account& account : page->items) {
      if (common.json) {
        std::cout << std::exchange(separator, ",") << to_json(account);
      } else {
        std::cout << to_text(account.id) << "  " << to_text(account.status) << "  " << to_rfc3339(account.created_at) << "  " << account.email;
        if (!account.username.empty()) std::cout << "  " << account.username;
        if (!account.roles.empty()) std::cout << "  [" << joined(account.roles) << "]";
        std::cout << "\n";
      }
    }
    cursor = page->next_cursor;
  } while (!cursor.empty());
  if (common.json) std::cout << "]}\n";
  return exit_ok;
}

int set_status(const Common& common, const std::string& user, AccountStatus status) {
  Result<std::unique_ptr<Auth>> auth = common.open();
  if (!auth) return fail(auth.error());
  const Result<Account> found = (*auth)->accounts().find(user);
  if (!found) return fail({found.error().code, "there is no user " + user});
  const Result<Account> changed = (*auth)->accounts().set_status(found->id, status, "system");
  if (!changed) return fail(changed.error());
  if (common.json) {
    std::cout << "{\"user\":" << to_json(*changed) << "}\n";
  } else {
    std::cout << to_text(changed->id) << " is " << to_text(changed->status) << "\n";
  }
  return exit_ok;
}

}  // namespace

void add_users(CLI::App& app, Common& common) {
  CLI::App* users = app.add_subcommand("users", "Make, import, list and change accounts");
  users->require_subcommand(1);
  users->fallthrough();

  CLI::App* making = users->add_subcommand("create", "Make an account; the password is asked for unless an option says otherwise");
  making->fallthrough();
  auto user = std::make_shared<NewUser>();
  making->add_option("email", user->account.email, "E-mail address")->required();
  making->add_option("--username", user->account.username, "A further name to log in with");
  making->add_option("--role", user->account.roles, "A role; may be repeated")->allow_extra_args(false);
  CLI::Option* from_stdin = making->add_flag("--password-stdin", user->from_stdin, "Read the password from the first line of standard input");
  making->add_flag("--generate-password", user->generate, "Make a password and print it once")->excludes(from_stdin);
  making->callback([&common, user] { common.exit = create(common, *user); });

  CLI::App* listing = users->add_subcommand("list", "List accounts, oldest first");
  listing->fallthrough();
  auto filter = std::make_shared<AccountFilter>();
  auto status = std::make_shared<std::string>();
  listing->add_option("--email", filter->email_prefix, "Only addresses that begin so");
  listing->add_option("--role", filter->role, "Only accounts with this role");
  listing->add_option("--status", *status, "Only accounts in this state")->check(CLI::IsMember({"pending", "active", "disabled", "deleted"}));
  listing->callback([&common, filter, status] {
    filter->status = parse_account_status(*status);
    common.exit = list(common, *filter);
  });

  add_import(*users, common);

  const std::pair<const char*, AccountStatus> changes[] = {{"disable", AccountStatus::disabled}, {"enable", AccountStatus::active}};
  for (const auto& [name, target] : changes) {
    const char* help = target == AccountStatus::disabled ? "Refuse an account; its sessions and tokens end" : "Let an account log in again";
    CLI::App* changing = users->add_subcommand(name, help);
    changing->fallthrough();
    auto who = std::make_shared<std::string>();
    changing->add_option("user", *who, "E-mail address, user name or id")->required();
    changing->callback([&common, who, wanted = target] { common.exit = set_status(common, *who, wanted); });
  }
}

}  // namespace authkit::server
