#include "server/program.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

using namespace authkit::test;

namespace {

/// The program over one database, with the cheapest hash.
struct Command {
  Ran operator()(std::vector<std::string> words, const std::string& input = {}) const {
    words.insert(words.end(), {"--database", "sqlite:" + folder.file("auth.db"), "--set", "password.memory_kib=64", "--set", "password.passes=1"});
    return run_program(words, input);
  }
  Folder folder;
};

std::string output_of(const std::string& command) {
  std::string text;
  FILE* const pipe = popen(command.c_str(), "r");
  std::array<char, 4096> some;
  for (std::size_t n = 0; (n = fread(some.data(), 1, some.size(), pipe)) > 0;) text.append(some.data(), n);
  pclose(pipe);
  return text;
}

/// Every command of the program with its words, as the completion has them.
std::vector<std::pair<std::string, std::vector<std::string>>> commands() {
  std::vector<std::pair<std::string, std::vector<std::string>>> all;
  std::istringstream script(run_program({"completion", "bash"}).out);
  bool in_list = false;
  for (std::string line; std::getline(script, line);) {
    if (line.starts_with("_authkit_words='")) {
      in_list = true;
      line.erase(0, line.find('\'') + 1);
    }
    const std::size_t equals = line.find('=');
    if (!in_list || equals == line.npos) continue;
    std::istringstream words(line.substr(equals + 1));
    all.emplace_back(line.substr(0, equals), std::vector<std::string>{std::istream_iterator<std::string>(words), {}});
  }
  return all;
}

std::vector<std::string> split(const std::string& path) {
  std::istringstream words(path);
  return {std::istream_iterator<std::string>(words), {}};
}

}  // namespace

TEST_CASE("every command tells what it does, takes the common options, and refuses what it does not know") {
  const auto all = commands();
  CHECK(all.size() > 30);
  for (const auto& [path, words] : all) {
    CAPTURE(path);
    std::vector<std::string> help = split(path), wrong = help;
    help.emplace_back("--help");
    wrong.emplace_back("--no-such-option");
    const Ran helped = run_program(help);
    CHECK(helped.exit == 0);
    CHECK(helped.out.size() > 60);
    for (const char* common : {"--json", "--database", "--config", "--set"}) CHECK(std::find(words.begin(), words.end(), common) != words.end());
    const Ran refused = run_program(wrong);
    CHECK(refused.exit == 2);
    CHECK(refused.err.starts_with("authkit: "));
  }
}

TEST_CASE("a shell completes commands and options from what the program prints") {
  const Command run;
  const std::string script = run.folder.file("completion.bash"), ask = run.folder.file("ask.bash");
  std::ofstream(script) << run_program({"completion", "bash"}).out;
  std::ofstream(ask)
      << ". " << script << "\ncomplete -p authkit\n"
      << "ask() { COMP_WORDS=(authkit \"$@\"); COMP_CWORD=$#; _authkit; echo \"${COMPREPLY[*]}\"; }\n"
      << "ask us\nask users cr\nask users create --user\nask users create ada@example.org --pass\nask --json token i\nask check --comp\nask no\n";
  const std::string answer = output_of("bash " + ask);
  CHECK(answer == "complete -o default -F _authkit authkit\nusers\ncreate\n--username\n--password-stdin\nissue inspect\n--component\n\n");
  for (const char* shell : {"zsh", "fish"}) CHECK(run_program({"completion", shell}).out.find("users create=") != std::string::npos);
  CHECK(run_program({"completion", "cmd"}).exit == 2);
}

TEST_CASE("test users are made where nobody can take them for others") {
  const Command run;
  const Ran refused = run({"create-test-users"});
  CHECK(refused.exit == 2);
  CHECK(refused.err.find("--not-production") != std::string::npos);
  const Ran made = run({"create-test-users", "--count", "2", "--role", "admin", "--not-production", "--json"});
  REQUIRE(made.exit == 0);
  const auto items = boost::json::parse(made.out).at("items").as_array();
  REQUIRE(items.size() == 2);
  std::set<std::string> passwords;
  for (const auto& item : items) passwords.insert(std::string(item.at("password").as_string()));
  CHECK(passwords.size() == 2);
  const Ran more = run({"create-test-users", "--count", "3", "--not-production"});
  CHECK(more.exit == 0);
  CHECK(more.out.find("test-user-1@example.test  was there already") != std::string::npos);
  CHECK(run({"users", "list", "--role", "admin"}).out.find("test-user-2@example.test") != std::string::npos);
  const Ran all = run({"users", "list"});
  CHECK(std::count(all.out.begin(), all.out.end(), '\n') == 3);
  CHECK(run({"create-test-users", "--count", "0", "--not-production"}).exit == 2);
}

TEST_CASE("a token that was issued holds until its user is refused") {
  const Command run;
  REQUIRE(run({"users", "create", "ada@example.org", "--password-stdin", "--role", "admin"}, "correct horse battery staple\n").exit == 0);
  const Ran issued = run({"token", "issue", "ada@example.org", "--json"});
  REQUIRE(issued.exit == 0);
  const std::string token(boost::json::parse(issued.out).at("access_token").as_string());
  const Ran verified = run({"token", "verify"}, token + "\n");
  CHECK(verified.exit == 0);
  const auto said = boost::json::parse(verified.out);
  CHECK(said.at("verified").as_bool());
  CHECK(said.at("payload").at("roles").as_array().front().as_string() == "admin");
  CHECK(run({"token", "verify", token.substr(0, token.size() - 2) + "AA"}).exit == 1);
  CHECK(run({"token", "issue", "nobody@example.org"}).exit == 1);
  REQUIRE(run({"users", "disable", "ada@example.org"}).exit == 0);
  CHECK(run({"token", "verify"}, token + "\n").exit == 1);
  CHECK(run({"token", "issue", "ada@example.org"}).exit == 1);
}

TEST_CASE("check looks at each component, and says what is wrong with the mail server") {
  const Command run;
  const Ran all = run({"check", "--json"});
  REQUIRE(all.exit == 0);
  std::string names;
  const auto checks = boost::json::parse(all.out).at("checks").as_array();
  for (const auto& one : checks) names.append(one.at("name").as_string()).append(" ");
  CHECK(names == "database auth tokens mail ");
  CHECK(run({"check", "--component", "auth", "--verbose"}).out.find("auth: ok (Argon2id, 64 KiB, 1 passes, ") == 0);
  const Ran away = run({"check", "--component=mail", "--verbose", "--set", "mail.url=smtp://somebody:CANARY@127.0.0.1:9"});
  CHECK(away.exit == 3);
  CHECK(away.out.find("mail: failed (smtp://") == 0);
  CHECK((away.out + away.err).find("CANARY") == std::string::npos);
  const Ran spool = run({"check", "--component=mail", "--set", "mail.url=spool:" + run.folder.file("spool")});
  CHECK(spool.exit == 0);
}

TEST_CASE("a QR code is drawn for a terminal") {
  const std::string uri = "otpauth://totp/authkit:ada?secret=JBSWY3DPEHPK3PXP&issuer=authkit";
  const Ran drawn = run_program({"qr"}, uri + "\n");
  CHECK(drawn.exit == 0);
  CHECK(std::count(drawn.out.begin(), drawn.out.end(), '\n') > 15);
  CHECK(run_program({"qr", uri}).out == drawn.out);
  CHECK(run_program({"qr"}, "\n").exit == 2);
}

TEST_CASE("maintain delivers what waits") {
  const Command run;
  const std::string spool = run.folder.file("spool");
  REQUIRE(
      run({"users", "create", "ada@example.org", "--password-stdin", "--set", "mail.url=spool:" + spool}, "correct horse battery staple\n").exit ==
      0);
  REQUIRE(run({"users", "reset-password", "ada@example.org", "--set", "mail.url=spool:" + spool}, "another horse battery staple\n").exit == 0);
  const Ran done = run({"maintain", "--seconds", "1", "--json", "--set", "mail.url=spool:" + spool});
  REQUIRE(done.exit == 0);
  const auto delivered = boost::json::parse(done.out).at("delivered").as_int64();
  std::int64_t files = 0;
  for (const auto& file : std::filesystem::directory_iterator(spool)) files += file.path().extension() == ".eml" ? 1 : 0;
  CHECK(delivered == files);
  CHECK(delivered > 0);
}
