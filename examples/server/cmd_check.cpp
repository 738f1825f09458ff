#include "body.hpp"
#include "cli.hpp"

#include <iostream>

namespace authkit::server {
namespace {

/// The outcome of one component; `found` says what was looked at.
struct Finding {
  std::string_view component;
  Result<void> outcome;
  std::string found;
  std::optional<DatabaseStatus> status = {};
};

Finding check_database(Auth& auth) {
  Database* database = auth.database();
  if (database == nullptr) return {"database", auth.ready(), "memory:"};
  Result<void> outcome = auth.ready();
  if (outcome) outcome = database->check_schema();
  return {"database", std::move(outcome), database->redacted_url(), database->status()};
}

void print(const DatabaseStatus& status) {
  for (const NodeStatus& node : status.nodes) {
    std::cout << "  " << node.url << ": " << to_text(node.role) << ", " << to_text(node.health);
    if (node.position.timeline != 0) std::cout << ", timeline " << node.position.timeline << " at " << node.position.lsn;
    if (node.lag) std::cout << ", " << node.lag->count() << " ms behind";
    if (node.role == NodeRole::replica && !node.lag) std::cout << ", too far behind to say";
    if (!node.trouble.empty()) std::cout << " (" << node.trouble << ")";
    std::cout << "\n";
  }
}

/// Issues a token for nobody and verifies it, the way every login and request does.
Finding check_tokens(Auth& auth) {
  const std::shared_ptr<const KeyRing::Snapshot> keys = auth.keys().snapshot();
  std::string found = std::to_string(keys->verify.size()) + (keys->verify.size() == 1 ? " key" : " keys");
  if (keys->sign) found.append(", signs with ").append(to_text(keys->sign->algorithm())).append(" ").append(keys->sign->id());
  TokenContent content;
  content.subject.bytes.fill(0xff);  // nobody's id: a version and variant that no UUID has
  content.session.bytes.fill(0xff);
  content.auth_time = auth.config().clock();
  const Result<IssuedToken> issued = auth.tokens().issue(content);
  if (!issued) return {"tokens", issued.error(), std::move(found)};
  const Result<Claims> claims = auth.tokens().verify(issued->token);
  return {"tokens", claims ? Result<void>() : Result<void>(claims.error()), std::move(found)};
}

int check(const Common& common, const std::string& component, bool verbose) {
  Result<std::unique_ptr<Auth>> auth = common.open();
  if (!auth) return fail(auth.error());
  std::vector<Finding> findings;
  if (component != "tokens") findings.push_back(check_database(**auth));
  if (component != "database") findings.push_back(check_tokens(**auth));

  int exit = exit_ok;
  std::string items;
  for (const Finding& finding : findings) {
    const bool good = finding.outcome.has_value();
    JsonObject row;
    row.text("name", finding.component).text("status", good ? "ok" : "failed").text("found", finding.found);
    if (finding.status) row.raw("database", to_json(*finding.status));
    items.append(items.empty() ? "" : ",").append(row.finish());
    if (!common.json) std::cout << finding.component << ": " << (good ? "ok" : "failed") << (verbose ? " (" + finding.found + ")" : "") << "\n";
    if (!common.json && verbose && finding.status) print(*finding.status);
    if (!good) exit = fail(finding.outcome.error());
  }
  if (common.json) std::cout << "{\"status\":\"" << (exit == exit_ok ? "ok" : "failed") << "\",\"checks\":[" << items << "]}\n";
  return exit;
}

}  // namespace

void add_check(CLI::App& app, Common& common) {
  CLI::App* command = app.add_subcommand("check", "Try what the server needs: the database and its schema, the keys");
  auto component = std::make_shared<std::string>("all");
  auto verbose = std::make_shared<bool>(false);
  command->add_option("--component", *component, "all, database or tokens")->check(CLI::IsMember({"all", "database", "tokens"}));
  command->add_flag("--verbose", *verbose, "Tell what was looked at");
  command->callback([&common, component, verbose] { common.exit = check(common, *component, *verbose); });
}

}  // namespace authkit::server
