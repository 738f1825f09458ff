#include "options.hpp"

#include "address.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <unistd.h>

using namespace authkit;
using namespace authkit::server;

namespace {

Origin from(std::string_view peer, std::vector<Field> fields, std::string_view trusted = "10.0.0.0/8, ::1") {
  Request request;
  request.peer = peer;
  request.fields = std::move(fields);
  return origin_of(request, *Networks::parse(trusted));
}

}  // namespace

TEST_CASE("X-Forwarded-For counts from the right, and only from a listed proxy") {
  CHECK(from("192.0.2.9", {{"X-Forwarded-For", "1.1.1.1"}}).address == "192.0.2.9");
  CHECK(from("10.0.0.1", {{"X-Forwarded-For", "1.1.1.1"}}).address == "1.1.1.1");
  CHECK(from("10.0.0.1", {{"X-Forwarded-For", "9.9.9.9, 1.1.1.1"}}).address == "1.1.1.1");
  CHECK(from("10.0.0.1", {{"X-Forwarded-For", "9.9.9.9, 1.1.1.1, 10.2.2.2"}}).address == "1.1.1.1");
  CHECK(from("10.0.0.1", {{"X-Forwarded-For", "9.9.9.9"}, {"x-forwarded-for", "1.1.1.1"}}).address == "1.1.1.1");
  CHECK(from("10.0.0.1", {}).address == "10.0.0.1");
  CHECK(from("10.0.0.1", {{"X-Forwarded-For", "10.3.3.3"}}).address == "10.3.3.3");
  CHECK(from("10.0.0.1", {{"X-Forwarded-For", "1.1.1.1, nonsense"}}).address == "10.0.0.1");
  CHECK(from("10.0.0.1", {{"X-Forwarded-For", "1.1.1.1:4711"}}).address == "1.1.1.1");
  CHECK(from("::1", {{"X-Forwarded-For", "[2001:db8::7]:4711"}}).address == "2001:db8::7");
  CHECK(from("::ffff:10.0.0.1", {{"X-Forwarded-For", "::ffff:1.1.1.1"}}).address == "1.1.1.1");
}

TEST_CASE("no other header and no other spelling says who the client is") {
  for (const char* name : {"X-Forwarded_For", "X_Forwarded_For", "XForwardedFor", "Forwarded", "X-Real-IP", "Client-IP", "True-Client-IP",
                           "CF-Connecting-IP", "X-Client-IP"}) {
    CAPTURE(name);
    CHECK(from("10.0.0.1", {{name, "1.1.1.1"}}).address == "10.0.0.1");
    CHECK(from("10.0.0.1", {{name, "for=1.1.1.1"}}).address == "10.0.0.1");
  }
  CHECK(from("10.0.0.1", {{"X-Forwarded-Proto", "https"}}).https);
  CHECK_FALSE(from("192.0.2.9", {{"X-Forwarded-Proto", "https"}}).https);
  CHECK_FALSE(from("10.0.0.1", {{"X-Forwarded_Proto", "https"}}).https);
}

TEST_CASE("networks are exact to the bit") {
  const Networks networks = *Networks::parse("192.168.0.0/23,2001:db8::/33,203.0.113.7");
  for (const char* inside : {"192.168.0.0", "192.168.1.255", "2001:db8:7fff::1", "203.0.113.7", "::ffff:203.0.113.7"})
    CHECK(networks.contain(*parse_address(inside)));
  for (const char* outside : {"192.168.2.0", "192.167.255.255", "2001:db8:8000::", "203.0.113.8", "::1"})
    CHECK_FALSE(networks.contain(*parse_address(outside)));
  for (const char* bad : {"10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/+8", "nonsense", "10.0.0"}) {
    CAPTURE(bad);
    CHECK_FALSE(Networks::parse(bad));
  }
  CHECK(Networks::parse("0.0.0.0/0")->contain(*parse_address("8.8.8.8")));
  CHECK_FALSE(Networks::parse("0.0.0.0/0")->contain(*parse_address("2001:db8::1")));
}

TEST_CASE("server options refuse what they do not take, and say what they do") {
  ServerOptions options;
  const std::pair<const char*, const char*> bad[] = {{"http.cors_origins", "*"},
                                                     {"http.cors_origins", "app.example"},
                                                     {"http.cors_origins", "https://a.example/x"},
                                                     {"http.cors_origins", "null"},
                                                     {"http.cors_origins", "https://A.example"},
                                                     {"http.listen", "8000"},
                                                     {"http.listen", "127.0.0.1:65536"},
                                                     {"http.threads", "0"},
                                                     {"http.threads", "many"},
                                                     {"http.request_deadline", "0s"},
                                                     {"http.request_deadline", "1 day"},
                                                     {"http.access_log", "maybe"},
                                                     {"http.trusted_proxies", "10.0.0/8"},
                                                     {"http.allowed_hosts", "a b"},
                                                     {"http.public_url", "example.org"}};
  for (const auto& [name, value] : bad) {
    CAPTURE(name);
    CAPTURE(value);
    const Result<void> done = options.set(name, value);
    REQUIRE_FALSE(done);
    CHECK(done.error().code == Errc::config_invalid);
    CHECK(done.error().detail.find(name) != std::string::npos);
  }
  CHECK_FALSE(options.set("http.nonsense", "1"));
  CHECK(options.listen == "127.0.0.1:8000");
  REQUIRE(options.set("http.public_url", "https://auth.example/base"));
  CHECK(options.allows_origin("https://auth.example"));
  CHECK_FALSE(options.allows_origin("https://auth.example/base"));
  CHECK_FALSE(ServerOptions{}.allows_origin(""));
  REQUIRE(options.set("http.allowed_hosts", "*"));
  CHECK(options.allowed_hosts.empty());
  REQUIRE(options.set("http.request_deadline", "500ms"));
  CHECK(options.request_deadline == Duration{500});
}

TEST_CASE("every server option has its own name and variable") {
  std::set<std::string_view> names;
  for (const std::vector<Option>* table : {&options(), &server_options()}) {
    for (const Option& option : *table) {
      CHECK(names.insert(option.name).second);
      CHECK(names.insert(option.env).second);
      CHECK_FALSE(option.help.empty());
    }
  }
}

TEST_CASE("a file sets both kinds of options and reports the line of what it cannot") {
  const std::filesystem::path path = std::filesystem::temp_directory_path() / ("authkit-options-" + std::to_string(::getpid()));
  const auto load = [&](const char* text) {
    std::ofstream(path) << text;
    Settings settings;
    Result<void> done = settings.load_file(path.string());
    std::filesystem::remove(path);
    return done ? settings.server.listen + " " + settings.config.token.issuer : done.error().detail.substr(path.string().size());
  };
  CHECK(load("# comment\n\nhttp.listen = 127.0.0.1:1  # here\r\ntoken.issuer = \"a # b\" # there\n") == "127.0.0.1:1 a # b");
  CHECK(load("http.listen = 127.0.0.1:1\nhttp.listen = 127.0.0.1:2\n").starts_with(":2: "));
  CHECK(load("\nno equals\n").starts_with(":2: "));
  CHECK(load("no.such = 1\n").starts_with(":1: no.such"));
  CHECK(load("http.no_such = 1\n").starts_with(":1: "));
  CHECK_FALSE(Settings().load_file("/nowhere/at/all"));
}

TEST_CASE("the environment sets both kinds, by name or by alias") {
  ::setenv("AUTHKIT_HTTP_LISTEN", "127.0.0.1:7", 1);
  ::setenv("ALLOWED_HOSTS", "a.example", 1);
  ::setenv("DATABASE_URL", "sqlite:x.db", 1);
  Settings settings;
  CHECK(settings.load_environment());
  CHECK(settings.server.listen == "127.0.0.1:7");
  CHECK(settings.server.allowed_hosts == std::vector<std::string>{"a.example"});
  CHECK(settings.config.database.url == "sqlite:x.db");
  ::setenv("AUTHKIT_HTTP_LISTEN", "nonsense", 1);
  const Result<void> bad = settings.load_environment();
  REQUIRE_FALSE(bad);
  CHECK(bad.error().detail.find("AUTHKIT_HTTP_LISTEN") == 0);
  for (const char* name : {"AUTHKIT_HTTP_LISTEN", "ALLOWED_HOSTS", "DATABASE_URL"}) ::unsetenv(name);
}
