#include "authkit/json.hpp"

#include "body.hpp"
#include "cli.hpp"

#include <iostream>

namespace authkit::server {
namespace {

Result<std::shared_ptr<Database>> open_database(const Common& common) {
  Result<Settings> settings = common.settings();
  if (!settings) return std::move(settings).error();
  return Database::open(settings->config.database);
}

int report(const Common& common, const char* what, std::size_t count) {
  if (common.json) {
    std::cout << JsonObject().number(what, static_cast<std::int64_t>(count)).finish() << "\n";
  } else {
    std::cout << what << " " << count << (count == 1 ? " migration" : " migrations") << "\n";
  }
  return exit_ok;
}

int up(const Common& common) {
  Result<std::shared_ptr<Database>> database = open_database(common);
  if (!database) return fail(database.error());
  const Result<std::size_t> count = (*database)->migrate_up(system_now());
  return count ? report(common, "applied", *count) : fail(count.error());
}

int down(const Common& common, std::size_t steps) {
  Result<std::shared_ptr<Database>> database = open_database(common);
  if (!database) return fail(database.error());
  const Result<std::size_t> count = (*database)->migrate_down(steps);
  return count ? report(common, "undone", *count) : fail(count.error());
}

int current(const Common& common) {
  Result<std::shared_ptr<Database>> database = open_database(common);
  if (!database) return fail(database.error());
  const Result<std::vector<MigrationStatus>> migrations = (*database)->migrations();
  if (!migrations) return fail(migrations.error());
  std::uint32_t newest = 0;
  std::size_t pending = 0;
  for (const MigrationStatus& migration : *migrations)
    migration.applied_at ? static_cast<void>(newest = migration.number) : static_cast<void>(++pending);
  if (common.json) {
    std::cout << JsonObject().number("version", newest).number("pending", static_cast<std::int64_t>(pending)).finish() << "\n";
  } else {
    std::cout << "version " << newest << ", " << pending << " pending\n";
  }
  const Result<void> fits = (*database)->check_schema();
  if (!fits && pending == 0) return fail(fits.error());
  return exit_ok;
}

int history(const Common& common) {
  Result<std::shared_ptr<Database>> database = open_database(common);
  if (!database) return fail(database.error());
  const Result<std::vector<MigrationStatus>> migrations = (*database)->migrations();
  if (!migrations) return fail(migrations.error());
  std::string items;
  for (const MigrationStatus& migration : *migrations) {
    const std::string when = migration.applied_at ? to_rfc3339(*migration.applied_at) : "pending";
    JsonObject row;
    row.number("number", migration.number).text("name", migration.name);
    row.raw("applied_at", migration.applied_at ? json_quote(when) : "null");
    items.append(items.empty() ? "" : ",").append(row.finish());
    if (!common.json) std::cout << migration.number << "  " << migration.name << "  " << when << "\n";
  }
  if (common.json) std::cout << "{\"items\":[" << items << "]}\n";
  return exit_ok;
}

}  // namespace

void add_database(CLI::App& app, Common& common) {
  CLI::App* migrate = app.add_subcommand("migrate", "Bring the database's schema to this program's, or back");
  migrate->require_subcommand(1);
  migrate->fallthrough();
  const auto add = [&](const char* name, const char* help) {
    CLI::App* command = migrate->add_subcommand(name, help);
    command->fallthrough();
    return command;
  };
  add("up", "Apply what is pending")->callback([&common] { common.exit = up(common); });
  add("current", "Tell the version, and whether anything is pending")->callback([&common] { common.exit = current(common); });
  add("history", "List all migrations")->callback([&common] { common.exit = history(common); });

  CLI::App* undoing = add("down", "Undo the newest migrations; what they hold is lost");
  auto steps = std::make_shared<std::size_t>(1);
  auto all = std::make_shared<bool>(false);
  CLI::Option* some = undoing->add_option("--steps", *steps, "How many; default 1")->check(CLI::Range(1, 10'000));
  undoing->add_flag("--all", *all, "All of them")->excludes(some);
  undoing->callback([&common, steps, all] { common.exit = down(common, *all ? 10'000 : *steps); });
}

}  // namespace authkit::server
