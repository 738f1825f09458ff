#include "authkit/json.hpp"

#include "cli.hpp"
#include "csv.hpp"
#include "parameters.hpp"

#include <iostream>

namespace authkit::server {
namespace {

constexpr std::size_t page_size = 200;

struct AuditRequest {
  EventFilter filter;
  std::string from, to, format = "jsonl";
  std::size_t limit = 50;  ///< of list
};

Result<void> read_times(AuditRequest& request) {
  for (const auto& [text, time, name] : {std::tuple{&request.from, &request.filter.from, "--from"}, {&request.to, &request.filter.to, "--to"}}) {
    if (text->empty()) continue;
    *time = parse_time(*text);
    if (!*time) return Error{Errc::config_invalid, std::string(name) + " takes a time in UTC, such as 2026-01-31T12:00:00Z"};
  }
  return {};
}

/// Calls `show` for up to `max` events, newest first.
template <class Show>
int walk(const Common& common, AuditRequest& request, std::size_t max, Show show) {
  if (const Result<void> good = read_times(request); !good) return fail(good.error());
  Result<std::unique_ptr<Auth>> auth = common.open();
  if (!auth) return fail(auth.error());
  std::string cursor;
  do {
    Result<EventPage> page = (*auth)->events().list(request.filter, cursor, std::min(max, page_size), {});
    if (!page) return fail(page.error());
    for (const Event& event : page->items) {
      if (max-- == 0) return exit_ok;
      show(event);
    }
    cursor = page->next_cursor;
  } while (!cursor.empty() && max > 0);
  return exit_ok;
}

void show_line(const Event& event) {
  std::cout << event.seq << "  " << to_rfc3339(event.time) << "  " << (event.success ? "success" : "failure") << "  " << event.action;
  if (!event.actor.empty()) std::cout << "  by " << event.actor;
  if (!event.subject.empty()) std::cout << "  about " << event.subject;
  if (!event.address.empty()) std::cout << "  from " << event.address;
  std::cout << "\n";
}

void show_csv(const Event& event) {
  std::cout << event.seq << "," << to_rfc3339(event.time);
  for (const std::string* text : {&event.actor, &event.action, &event.subject}) std::cout << "," << csv_cell(*text);
  std::cout << "," << (event.success ? "success" : "failure");
  for (const std::string* text : {&event.address, &event.user_agent, &event.request_id, &event.data, &event.hash})
    std::cout << "," << csv_cell(*text);
  std::cout << "\r\n";
}

int list(const Common& common, AuditRequest& request) {
  return walk(common, request, request.limit, [&](const Event& event) {
    if (common.json) {
      std::cout << to_json(event) << "\n";
    } else {
      show_line(event);
    }
  });
}

int write_all(const Common& common, AuditRequest& request) {
  const bool csv = request.format == "csv";
  if (csv) std::cout << "seq,time,actor,action,subject,outcome,ip,user_agent,request_id,data,hash\r\n";
  return walk(common, request, static_cast<std::size_t>(-1), [&](const Event& event) {
    if (csv) {
      show_csv(event);
    } else {
      std::cout << to_json(event) << "\n";
    }
  });
}

void add_filter(CLI::App& command, const std::shared_ptr<AuditRequest>& request) {
  command.fallthrough();
  command.add_option("--actor", request->filter.actor, "Only what this user id did");
  command.add_option("--subject", request->filter.subject, "Only what is about this user id");
  command.add_option("--action", request->filter.action, "Only this action, such as login.failed");
  command.add_option("--from", request->from, "Then or later, in UTC");
  command.add_option("--to", request->to, "Before then, in UTC");
}

}  // namespace

void add_audit(CLI::App& app, Common& common) {
  CLI::App* audit = app.add_subcommand("audit", "Read the audit log, newest first");
  audit->require_subcommand(1);
  audit->fallthrough();

  CLI::App* listing = audit->add_subcommand("list", "The newest events");
  auto wanted = std::make_shared<AuditRequest>();
  add_filter(*listing, wanted);
  listing->add_option("--limit", wanted->limit, "How many; default 50")->check(CLI::Range(1, 100'000));
  listing->callback([&common, wanted] { common.exit = list(common, *wanted); });

  CLI::App* exporting = audit->add_subcommand("export", "All events, for a file");
  auto all = std::make_shared<AuditRequest>();
  add_filter(*exporting, all);
  exporting->add_option("--format", all->format, "jsonl or csv (safe for spreadsheets)")->check(CLI::IsMember({"jsonl", "csv"}));
  exporting->callback([&common, all] { common.exit = write_all(common, *all); });
}

}  // namespace authkit::server
