#include "authkit/json.hpp"

#include "body.hpp"
#include "cli.hpp"
#include "import_file.hpp"

#include <algorithm>
#include <cstdio>
#include <iostream>

namespace authkit::server {
namespace {

constexpr std::size_t batch = 500;  // users of one unit of work

struct Import {
  std::string file;
  bool dry_run = false;
  bool skip_errors = false;
};

struct Counts {
  std::size_t lines = 0, imported = 0, existing = 0, failed = 0;
};

void report(std::size_t line, const Error& error) {
  std::string text = error.detail.empty() ? std::string(info(error.code).title) : error.detail;
  for (const FieldError& field : error.fields) text.append("; ").append(field.pointer.substr(1)).append(": ").append(field.detail);
  std::fprintf(stderr, "line %zu: %s\n", line, text.c_str());
}

/// Every line is looked at before any is stored.
Counts check(const Accounts& accounts, std::vector<ImportLine>& lines) {
  Counts counts;
  counts.lines = lines.size();
  for (ImportLine& line : lines) {
    if (line.account) {
      if (Result<void> good = accounts.check(*line.account); !good) line.account = std::move(good).error();
    }
    if (line.account) continue;
    report(line.number, line.account.error());
    ++counts.failed;
  }
  return counts;
}

/// One unit of work: all of it is stored, or nothing.
Result<void> store(const Accounts& accounts, const std::vector<const ImportLine*>& part, Counts& counts) {
  std::vector<NewAccount> wanted;
  for (const ImportLine* line : part) wanted.push_back(*line->account);
  Result<std::vector<Result<void>>> outcomes = accounts.create_many(wanted);
  if (!outcomes) return std::move(outcomes).error();
  for (std::size_t i = 0; i < part.size(); ++i) {
    const Result<void>& outcome = (*outcomes)[i];
    if (outcome) {
      ++counts.imported;
    } else if (outcome.error().code == Errc::email_taken) {
      ++counts.existing;
    } else {
      report(part[i]->number, outcome.error());
      ++counts.failed;
    }
  }
  return {};
}

int summary(const Common& common, const Import& import, const Counts& counts) {
  const auto number = [](std::size_t n) { return static_cast<std::int64_t>(n); };
  if (common.json) {
    JsonObject object;
    object.number("lines", number(counts.lines)).number("imported", number(counts.imported)).number("existing", number(counts.existing));
    std::cout << object.number("failed", number(counts.failed)).raw("dry_run", import.dry_run ? "true" : "false").finish() << "\n";
  } else {
    std::cout << counts.lines << " users: " << counts.imported << " imported, " << counts.existing << " there already, " << counts.failed
              << " with errors" << (import.dry_run ? " (dry run: nothing was stored)" : "") << "\n";
  }
  return counts.failed == 0 ? exit_ok : exit_no;
}

int run(const Common& common, const Import& import) {
  Result<std::vector<ImportLine>> lines = read_import(import.file);
  if (!lines) return fail(lines.error());
  Result<std::unique_ptr<Auth>> auth = common.open();
  if (!auth) return fail(auth.error());
  const Accounts& accounts = (*auth)->accounts();
  Counts counts = check(accounts, *lines);
  if (import.dry_run || (counts.failed > 0 && !import.skip_errors)) {
    if (!import.dry_run) std::fputs("authkit: nothing was imported: correct these lines, or add --skip-errors\n", stderr);
    return summary(common, import, counts);
  }
  std::vector<const ImportLine*> good;
  for (const ImportLine& line : *lines)
    if (line.account) good.push_back(&line);
  for (std::size_t at = 0; at < good.size(); at += batch) {
    const std::size_t end = std::min(at + batch, good.size());
    const std::vector<const ImportLine*> part(good.begin() + static_cast<std::ptrdiff_t>(at), good.begin() + static_cast<std::ptrdiff_t>(end));
    if (Result<void> stored = store(accounts, part, counts); !stored) {
      std::fprintf(stderr, "authkit: stopped before line %zu; what was imported stays, and the same file can be given again\n", part.front()->number);
      return fail(stored.error());
    }
    std::fprintf(stderr, "\r%zu of %zu", end, good.size());
  }
  if (!good.empty()) std::fputc('\n', stderr);
  return summary(common, import, counts);
}

/// Finds the user, does `act`, and shows the account.
template <class Act>
int with_user(const Common& common, const std::string& user, Act act) {
  Result<std::unique_ptr<Auth>> auth = common.open();
  if (!auth) return fail(auth.error());
  const Result<Account> found = (*auth)->accounts().find(user);
  if (!found) return fail({found.error().code, "there is no user " + user});
  if (const Result<void> done = act((*auth)->accounts(), found->id); !done) return fail(done.error());
  const Result<Account> changed = (*auth)->accounts().find(to_text(found->id));
  if (!changed) return fail(changed.error());
  if (common.json) {
    std::cout << "{\"user\":" << to_json(*changed) << "}\n";
  } else {
    std::cout << to_text(changed->id) << " is " << to_text(changed->status) << ", roles " << json_texts(changed->roles) << "\n";
  }
  return exit_ok;
}

}  // namespace

void add_import(CLI::App& users, Common& common) {
  CLI::App* importing = users.add_subcommand("import", "Bring users along from another system, with the password hashes they have");
  importing->fallthrough();
  auto import = std::make_shared<Import>();
  importing->add_option("file", import->file, "FILE.csv with the names of columns first, or FILE.jsonl")->required();
  importing->add_flag("--dry-run", import->dry_run, "Look at every line and store nothing");
  importing->add_flag("--skip-errors", import->skip_errors, "Import the good lines although others are bad");
  importing->callback([&common, import] { common.exit = run(common, *import); });

  CLI::App* roles = users.add_subcommand("set-role", "Replace the roles of a user; the sessions of before end");
  roles->fallthrough();
  auto who = std::make_shared<std::string>();
  auto wanted = std::make_shared<std::vector<std::string>>();
  roles->add_option("user", *who, "E-mail address, user name or id")->required();
  roles->add_option("roles", *wanted, "The new roles; none takes all away");
  roles->callback([&common, who, wanted] {
    common.exit = with_user(common, *who, [&](const Accounts& accounts, const UserId& id) -> Result<void> {
      const Result<Account> done = accounts.set_roles(id, *wanted, "system");
      return done ? Result<void>() : Result<void>(done.error());
    });
  });

  using Act = Result<void> (*)(const Accounts&, const UserId&);
  struct Row {
    const char *name, *help;
    Act act;
  };
  const Row rows[] = {
      {"reset-mfa", "Remove the second factors of a user who has lost them",
       [](const Accounts& accounts, const UserId& id) { return accounts.reset_mfa(id, "system"); }},
      {"end-sessions", "End all sessions and tokens of a user",
       [](const Accounts& accounts, const UserId& id) { return accounts.end_sessions(id, "system"); }},
      {"reset-password", "Set the password of a user to the first line of standard input; all sessions end",
       [](const Accounts& accounts, const UserId& id) { return accounts.set_password(id, read_line(), "system"); }},
  };
  for (const Row& row : rows) {
    CLI::App* command = users.add_subcommand(row.name, row.help);
    command->fallthrough();
    auto user = std::make_shared<std::string>();
    command->add_option("user", *user, "E-mail address, user name or id")->required();
    command->callback([&common, user, act = row.act] { common.exit = with_user(common, *user, act); });
  }
}

}  // namespace authkit::server
