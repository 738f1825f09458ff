#include "core/random.hpp"
#include "server/program.hpp"
#include "server/raw_client.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <cstdlib>

using namespace authkit::test;

namespace {

/// The command line on a database of its own, with cheap hashes.
struct Shell {
  Folder folder;
  std::string database = "sqlite:" + folder.file("auth.db");

  Ran run(std::vector<std::string> words, const std::string& input = {}) const {
    words.insert(words.end(), {"--database", database, "--set", "password.memory_kib=64", "--set", "password.passes=1"});
    return run_program(words, input);
  }
};

}  // namespace

TEST_CASE("users: create with a given or a generated password, list, disable, enable") {
  const Shell shell;
  const Ran made = shell.run({"users", "create", "ada@example.org", "--username", "ada", "--role", "admin", "--role", "auditor", "--password-stdin"},
                             "correct horse battery staple\n");
  CHECK(made.exit == 0);
  CHECK(made.out.find("ada@example.org") != std::string::npos);
  CHECK(made.out.find("correct horse") == std::string::npos);
  const Ran generated = shell.run({"users", "create", "bob@example.org", "--generate-password", "--json"});
  REQUIRE(generated.exit == 0);
  const std::string secret(boost::json::parse(generated.out).at("password").as_string());
  CHECK(secret.size() == 24);

  const Ran twice = shell.run({"users", "create", "ADA@example.org", "--generate-password"});
  CHECK(twice.exit == 1);
  CHECK(twice.err.find("taken") != std::string::npos);
  const Ran silent = shell.run({"users", "create", "eve@example.org"});
  CHECK(silent.exit == 2);
  CHECK(silent.err.find("--password-stdin") != std::string::npos);

  const Ran list = shell.run({"users", "list", "--json", "--role", "admin"});
  const auto items = boost::json::parse(list.out).at("items").as_array();
  REQUIRE(items.size() == 1);
  CHECK(items[0].at("username").as_string() == "ada");
  CHECK(shell.run({"users", "disable", "ada"}).exit == 0);
  CHECK(boost::json::parse(shell.run({"users", "list", "--json", "--status", "disabled"}).out).at("items").as_array().size() == 1);
  CHECK(shell.run({"users", "enable", "ada"}).exit == 0);
  CHECK(shell.run({"users", "enable", "nobody@example.org"}).exit == 1);
}

TEST_CASE("there is no default account") {
  const Shell shell;
  CHECK(boost::json::parse(shell.run({"users", "list", "--json"}).out).at("items").as_array().empty());
}

TEST_CASE("migrate: up, current, history, down and up again") {
  const Shell shell;
  const Ran up = shell.run({"migrate", "up", "--json"});
  REQUIRE(up.exit == 0);
  CHECK(boost::json::parse(up.out).at("applied").as_int64() >= 1);
  CHECK(boost::json::parse(shell.run({"migrate", "current", "--json"}).out).at("pending").as_int64() == 0);
  CHECK(shell.run({"migrate", "down", "--all"}).exit == 0);
  CHECK(boost::json::parse(shell.run({"migrate", "current", "--json"}).out).at("version").as_int64() == 0);
  CHECK(boost::json::parse(shell.run({"migrate", "history", "--json"}).out).at("items").at(0).at("applied_at").is_null());
  CHECK(shell.run({"migrate", "up"}).exit == 0);
}

TEST_CASE("token inspect decodes without trusting, and --verify judges") {
  const Shell shell;
  const Ran foreign = shell.run({"token", "inspect"}, "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.\n");
  CHECK(foreign.exit == 0);
  CHECK(boost::json::parse(foreign.out).at("payload").at("sub").as_string() == "x");
  CHECK(foreign.err.find("not verified") != std::string::npos);
  CHECK(shell.run({"token", "inspect", "--verify"}, "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.\n").exit == 1);
  CHECK(shell.run({"token", "inspect", "nonsense"}).exit == 1);
  CHECK(shell.run({"token", "inspect", "\x1b[31m.\x1b.x"}).out.find('\x1b') == std::string::npos);

  Program program(shell.folder.file("auth.db"));
  RawClient client(program.port);
  const char* body = R"({"email":"ada@example.org","password":"correct horse battery staple"})";
  REQUIRE(client.exchange(raw_request("POST", "/v1/auth/register", "", body))->status == 201);
  const auto login = client.exchange(raw_request("POST", "/v1/auth/login", "", body));
  REQUIRE(login);
  const std::string token(boost::json::parse(login->body).at("access_token").as_string());
  const Ran good = shell.run({"token", "inspect", "--verify"}, token + "\n");
  CHECK(good.exit == 0);
  CHECK(boost::json::parse(good.out).at("verified").as_bool());
}

TEST_CASE("keys, check and hash answer") {
  const Shell shell;
  CHECK(boost::json::parse(shell.run({"keys", "list", "--json"}).out).at("items").as_array().size() == 1);
  CHECK(boost::json::parse(shell.run({"keys", "rotate", "--json"}).out).at("items").as_array().size() == 2);
  const Ran check = shell.run({"check", "--verbose"});
  CHECK(check.exit == 0);
  CHECK(check.out.find("database: ok") != std::string::npos);
  CHECK(check.out.find("tokens: ok") != std::string::npos);
  CHECK(shell.run({"check", "--component=database", "--json"}).out.find("tokens") == std::string::npos);
  CHECK(shell.run({"hash"}, "correct horse battery staple\n").out.starts_with("$argon2id$"));
}

TEST_CASE("check tells of every server of the database") {
  const char *primary = std::getenv("AUTHKIT_TEST_POSTGRESQL"), *replicas = std::getenv("AUTHKIT_TEST_REPLICAS");
  if (primary == nullptr || replicas == nullptr)
    FAIL("AUTHKIT_TEST_POSTGRESQL and AUTHKIT_TEST_REPLICAS are not set: tests/run.sh starts the servers");
  std::vector<std::string> words{"check", "--component=database", "--verbose"};
  for (const std::string& setting : {"database.url=" + std::string(primary), "database.replica_url=" + std::string(replicas),
                                     "tenant=check-" + authkit::to_text(authkit::random_id<authkit::TokenId>().value()),
                                     std::string("database.deadline=30s"), std::string("master_key=MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")}) {
    words.insert(words.end(), {"--set", setting});
  }
  const Ran told = run_program(words);
  CHECK(told.exit == 0);
  CHECK(told.out.find(": primary, up, timeline 1 at ") != std::string::npos);
  CHECK(told.out.find("authkit:authkit@") == std::string::npos);
  words.push_back("--json");
  const auto document = boost::json::parse(run_program(words).out);
  const auto& nodes = document.at("checks").at(0).at("database").at("nodes").as_array();
  REQUIRE(nodes.size() == 3);
  CHECK(nodes.at(0).at("role").as_string() == "primary");
  CHECK(nodes.at(0).at("health").as_string() == "up");
}

TEST_CASE("exit codes tell a wrong command line from a store that is not there") {
  for (const std::vector<std::string>& words : {std::vector<std::string>{},
                                                {"nonsense"},
                                                {"serve", "--nonsense"},
                                                {"users", "list", "--set", "no.such=1"},
                                                {"users", "list", "--set", "http.listen=x"},
                                                {"users", "list", "--config", "/nowhere"},
                                                {"serve", "--set", "novalue"}}) {
    const Ran ran = run_program(words);
    CHECK(ran.exit == 2);
    CHECK(ran.err.starts_with("authkit: "));
    CHECK(ran.err.find('\n') == ran.err.size() - 1);
  }
  CHECK(run_program({"users", "list", "--database", "sqlite:/nowhere/auth.db"}).exit == 3);
  CHECK(run_program({"--help"}).exit == 0);
  CHECK(run_program({"--version"}).out.starts_with("authkit "));
}

TEST_CASE("vectors answers every line at once") {
  const Ran ran = run_program({"vectors"}, "{}\nnonsense\n");
  CHECK(ran.exit == 0);
  CHECK(ran.out.find("reject") == 0);
  CHECK(std::count(ran.out.begin(), ran.out.end(), '\n') == 2);
}
