#include "import_file.hpp"
#include "server/program.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <fstream>

using namespace authkit;
using namespace authkit::server;
using namespace authkit::test;

namespace {

const std::string bcrypt = "$2b$04$V7TwCWfcjHSjn7CUgRrgVe0ieywFUpqA8M5A7kWeJlNoaPuZkW1yC";  // correct horse battery staple

std::string written(const Folder& folder, const std::string& name, const std::string& content) {
  std::ofstream(folder.file(name), std::ios::binary) << content;
  return folder.file(name);
}

Ran run(const Folder& folder, std::vector<std::string> words, const std::string& input = {}) {
  words.insert(words.end(), {"--database", "sqlite:" + folder.file("auth.db"), "--set", "password.memory_kib=64", "--set", "password.passes=1"});
  return run_program(words, input);
}

std::int64_t number(const Ran& ran, const char* name) { return boost::json::parse(ran.out).at(name).as_int64(); }

}  // namespace

TEST_CASE("a CSV file is read by RFC 4180, each record with its own outcome") {
  const Folder folder;
  const auto lines = read_import(written(folder, "users.csv",
                                         "email,password_hash,username,roles,profile,email_verified,created_at,status\r\n"
                                         "ada@example.org," +
                                             bcrypt +
                                             ",ada,admin support,\"{\"\"name\"\":\"\"Ada, the\n2nd\"\"}\",true,2020-01-02T03:04:05Z,disabled\r\n"
                                             "\n"
                                             "bob@example.org,!,,,,,,\n"
                                             "short,record\n"
                                             "carl@example.org,,,,,,,\n"
                                             "dora@example.org,!,,,,maybe,,\n"
                                             "eve@example.org,!,,,,,yesterday,\n"
                                             "fay@example.org,!,,,,,,deleted"))
                         .value();
  REQUIRE(lines.size() == 7);
  REQUIRE(lines[0].account);
  const NewAccount& ada = *lines[0].account;
  CHECK(ada.email == "ada@example.org");
  CHECK(ada.password_hash == bcrypt);
  CHECK(ada.roles == std::vector<std::string>{"admin", "support"});
  CHECK(ada.profile == "{\"name\":\"Ada, the\n2nd\"}");
  CHECK(ada.email_verified);
  CHECK(ada.created_at == Time{Duration{1'577'934'245'000}});
  CHECK(ada.status == AccountStatus::disabled);
  CHECK(lines[1].account);
  for (std::size_t i = 2; i < lines.size(); ++i) CHECK_FALSE(lines[i].account);
  CHECK(lines[0].number == 2);
  CHECK(lines[1].number == 5);
  CHECK(lines[2].number == 6);
}

TEST_CASE("a file that cannot be read as a whole is refused with the reason") {
  const Folder folder;
  const std::pair<const char*, const char*> rows[] = {
      {"a.csv", "email,shoe_size\n"}, {"b.csv", "email,email\n"}, {"c.csv", "\"email\n"}, {"d.txt", "email\n"}};
  for (const auto& [name, content] : rows) {
    CAPTURE(name);
    CHECK(read_import(written(folder, name, content)).error().code == Errc::config_invalid);
  }
  CHECK(read_import(folder.file("missing.csv")).error().code == Errc::config_invalid);
  const auto open_quote = read_import(written(folder, "e.csv", "email,password_hash\na@b.example,\"!\nc@d.example,!\n")).value();
  REQUIRE(open_quote.size() == 1);
  CHECK_FALSE(open_quote[0].account);
}

TEST_CASE("users come along with their hashes: a dry run, all or nothing, the good ones, and the same file again") {
  const Folder folder;
  const std::string file = written(folder, "users.jsonl",
                                   R"({"email":"ada@example.org","password_hash":")" + bcrypt +
                                       R"(","roles":["admin"],"profile":{"name":"Ada"}})"
                                       "\n"
                                       R"({"email":"bob@example.org","password_hash":"md5$x"})"
                                       "\n"
                                       R"({"email":"carl@example.org","password_hash":"!","shoe_size":9})"
                                       "\n"
                                       R"({"email":"dora@example.org","password":"correct horse battery staple"})"
                                       "\n");
  const Ran dry = run(folder, {"users", "import", file, "--dry-run", "--json"});
  CHECK(dry.exit == 1);
  CHECK(number(dry, "failed") == 2);
  CHECK(number(dry, "imported") == 0);
  CHECK(dry.err.find("line 2: ") != std::string::npos);
  CHECK(dry.err.find("line 3: ") != std::string::npos);
  CHECK(dry.err.find("shoe_size") != std::string::npos);
  const Ran refused = run(folder, {"users", "import", file, "--json"});
  CHECK(refused.exit == 1);
  CHECK(number(refused, "imported") == 0);
  const Ran partly = run(folder, {"users", "import", file, "--skip-errors", "--json"});
  CHECK(number(partly, "imported") == 2);
  const Ran again = run(folder, {"users", "import", file, "--skip-errors", "--json"});
  CHECK(number(again, "imported") == 0);
  CHECK(number(again, "existing") == 2);
  CHECK(run(folder, {"users", "import", folder.file("missing.csv")}).exit == 2);

  const Ran roles = run(folder, {"users", "set-role", "ada@example.org", "support", "auditor", "--json"});
  CHECK(boost::json::parse(roles.out).at("user").at("roles").as_array().size() == 2);
  CHECK(run(folder, {"users", "reset-password", "ada@example.org"}, "a wholly different sentence\n").exit == 0);
  CHECK(run(folder, {"users", "reset-password", "ada@example.org"}, "short\n").exit == 1);
  CHECK(run(folder, {"users", "reset-mfa", "ada@example.org"}).exit == 0);
  CHECK(run(folder, {"users", "end-sessions", "nobody@example.org"}).exit == 1);
}

TEST_CASE("thousands of users are imported in one run that tells how far it is") {
  const Folder folder;
  std::string content = "email,password_hash\n";
  for (int i = 0; i < 2000; ++i) content += "user" + std::to_string(i) + "@example.org," + bcrypt + "\n";
  const Ran ran = run(folder, {"users", "import", written(folder, "many.csv", content), "--json"});
  CHECK(ran.exit == 0);
  CHECK(number(ran, "imported") == 2000);
  CHECK(ran.err.find("1500 of 2000") != std::string::npos);
}
