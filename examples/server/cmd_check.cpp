#include "body.hpp"
#include "cli.hpp"

#include <chrono>
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

/// Hashes a password and verifies it, right and wrong, with the cost that is configured.
Finding check_auth(Auth& auth) {
  const PasswordOptions& options = auth.config().password;
  std::string found = "Argon2id, " + std::to_string(options.memory_kib) + " KiB, " + std::to_string(options.passes) + " passes";
  const auto from = std::chrono::steady_clock::now();
  const Result<std::string> encoded = auth.passwords().hash("right");
  if (!encoded) return {"auth", encoded.error(), std::move(found)};
  found += ", " + std::to_string(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - from).count()) + " ms";
  const Result<Verified> right = auth.passwords().verify("right", *encoded);
  if (!right) return {"auth", right.error(), std::move(found)};
  const Result<Verified> wrong = auth.passwords().verify("wrong", *encoded);
  if (wrong) return {"auth", Error{Errc::internal, "a wrong password was taken"}, std::move(found)};
  return {"auth", wrong.error().code == Errc::invalid_credentials ? Result<void>() : Result<void>(wrong.error()), std::move(found)};
}

/// Connects and logs in; sends nothing.
Finding check_mail_server(Auth& auth) {
  const std::string& url = auth.config().mail.url;
  if (url.empty()) return {"mail", {}, "none: mail.url is empty"};
  return {"mail", check_mail(auth.config()), auth.config().get("mail.url").value_or(url)};
}

struct Component {
  const char* name;
  Finding (*check)(Auth& auth);
};

constexpr Component components[] = {{"database", check_database}, {"auth", check_auth}, {"tokens", check_tokens}, {"mail", check_mail_server}};

int check(const Common& common, const std::string& component, bool verbose) {
  Result<std::unique_ptr<Auth>> auth = common.open();
  if (!auth) return fail(auth.error());
  std::vector<Finding> findings;
  for (const auto& [name, check_one] : components)
    if (component == "all" || component == name) findings.push_back(check_one(**auth));

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
  CLI::App* command = app.add_subcommand("check", "Try what the server needs: the database and its schema, hashing, the keys, the mail server");
  auto component = std::make_shared<std::string>("all");
  auto verbose = std::make_shared<bool>(false);
  command->add_option("--component", *component, "all, database, auth, tokens or mail")
      ->check(CLI::IsMember({"all", "database", "auth", "tokens", "mail"}));
  command->add_flag("--verbose", *verbose, "Tell what was looked at");
  command->callback([&common, component, verbose] { common.exit = check(common, *component, *verbose); });
}

}  // namespace authkit::server
