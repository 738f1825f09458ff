#include "csv.hpp"
#include "server/program.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <algorithm>

using namespace authkit::server;
using namespace authkit::test;

TEST_CASE("no cell of an export is taken for a formula, and every text comes back") {
  const std::pair<const char*, const char*> rows[] = {{"", ""},
                                                      {"plain", "plain"},
                                                      {"a,b", "\"a,b\""},
                                                      {"say \"x\"", "\"say \"\"x\"\"\""},
                                                      {"=1+1", "\"'=1+1\""},
                                                      {"+1", "\"'+1\""},
                                                      {"-1", "\"'-1\""},
                                                      {"@x", "\"'@x\""},
                                                      {"\tx", "\"'\tx\""},
                                                      {"\rx", "\"'\rx\""},
                                                      {"a\nb", "\"a\nb\""},
                                                      {"a=b", "a=b"}};
  for (const auto& [text, cell] : rows) CHECK(csv_cell(text) == cell);
}

TEST_CASE("the audit log is listed and exported by the command line") {
  const Folder folder;
  const auto run = [&](std::vector<std::string> words, const std::string& input = {}) {
    words.insert(words.end(), {"--database", "sqlite:" + folder.file("auth.db"), "--set", "password.memory_kib=64", "--set", "password.passes=1"});
    return run_program(words, input);
  };
  for (const char* name : {"ada@example.org", "bob@example.org"})
    CHECK(run({"users", "create", name, "--password-stdin"}, "correct horse battery staple\n").exit == 0);
  CHECK(run({"users", "disable", "ada@example.org"}).exit == 0);
  const Ran list = run({"audit", "list", "--limit", "2"});
  CHECK(std::count(list.out.begin(), list.out.end(), '\n') == 2);
  CHECK(list.out.find("user.disabled") < list.out.find("user.created"));
  const Ran one = run({"audit", "list", "--action", "user.disabled", "--json"});
  CHECK(boost::json::parse(one.out.substr(0, one.out.find('\n'))).at("action").as_string() == "user.disabled");
  const Ran csv = run({"audit", "export", "--format", "csv"});
  CHECK(csv.out.starts_with("seq,time,actor,action,"));
  CHECK(std::count(csv.out.begin(), csv.out.end(), '\n') == 4);
  const Ran lines = run({"audit", "export"});
  CHECK(std::count(lines.out.begin(), lines.out.end(), '\n') == 3);
  CHECK(run({"audit", "export", "--to", "2000-01-01T00:00:00Z"}).out.empty());
  CHECK(run({"audit", "export", "--from", "yesterday"}).exit == 2);
}
