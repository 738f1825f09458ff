#include "core/url.hpp"

#include <doctest/doctest.h>

using namespace authkit;

TEST_CASE("a URL is taken apart and decoded") {
  const Url url = Url::parse("PostgreSQL://us%65r:p%40ss%3A%2F@db.example:5432/na%20me?sslmode=require&connect_timeout=2").value();
  CHECK(url.scheme == "postgresql");
  CHECK(url.user == "user");
  CHECK(url.password == "p@ss:/");
  CHECK(url.host == "db.example");
  CHECK(url.port == "5432");
  CHECK(url.path == "/na me");
  CHECK(url.query.at("sslmode") == "require");
  CHECK(url.query.size() == 2);
}

TEST_CASE("a URL without an authority keeps the rest as its path") {
  CHECK(Url::parse("memory:").value().path.empty());
  CHECK(Url::parse("sqlite:/var/lib/a.db").value().path == "/var/lib/a.db");
  CHECK(Url::parse("sqlite:a.db").value().path == "a.db");
  CHECK(Url::parse("sqlite:///var/a.db").value().path == "/var/a.db");
  CHECK(Url::parse("sqlite:////var/a.db").value().path == "//var/a.db");
  CHECK(Url::parse("sqlite:/a.db?mode=ro").value().query.at("mode") == "ro");
}

TEST_CASE("hosts: IPv6 in brackets, several with their ports, none") {
  const Url six = Url::parse("redis://[::1]:6379/0").value();
  CHECK(six.host == "::1");
  CHECK(six.port == "6379");
  const Url several = Url::parse("redis+cluster://h1:7000,h2:7001,[::1]:7002").value();
  CHECK(several.host == "h1:7000,h2:7001,[::1]:7002");
  CHECK(several.port.empty());
  CHECK(Url::parse("redis://:secret@/0").value().password == "secret");
}

TEST_CASE("a URL that cannot be read says what is wrong and never repeats itself") {
  for (const char* bad : {"",
                          "CANARY",
                          "://CANARY",
                          "1x:CANARY",
                          "p g:CANARY",
                          "pg://u:CANARY@x@h/",
                          "pg://u:CANARY/x@h:1/",
                          "pg://u:CANARY#1@h/",
                          "pg://h:CANARY/",
                          "pg://h:70000/CANARY",
                          "pg://h:123456/CANARY",
                          "pg://[::1/CANARY",
                          "pg://[::1]CANARY/",
                          "pg://[CANARY]/",
                          "pg://[[CANARY&]:0",
                          "pg://[]/CANARY",
                          "pg://%5BCANARY/",
                          "pg://CANARY%3Ah/",
                          "pg://CANARY%2Ch:1/",
                          "pg:/%CANARY",
                          "pg:/%4",
                          "pg:/%00CANARY",
                          "pg:/%0aCANARY",
                          "pg:/%ffCANARY",
                          "pg:/x?CANARY",
                          "pg:/x?=CANARY",
                          "pg:/x?a=CANARY&a=2",
                          "pg:/\nCANARY"}) {
    CAPTURE(bad);
    const auto url = Url::parse(bad);
    REQUIRE_FALSE(url);
    CHECK(url.error().code == Errc::config_invalid);
    CHECK(url.error().detail.find("CANARY") == std::string::npos);
    CHECK(url.error().detail.size() > 10);
  }
}

TEST_CASE("a redacted URL shows where, never the secret") {
  const auto redacted = [](const char* text) { return Url::parse(text).value().redacted(); };
  CHECK(redacted("postgresql://user:hunter2@h:5432/name?sslmode=require&sslkey=hunter2&password=hunter2&x=hunter2") ==
        "postgresql://user:***@h:5432/name?password=***&sslkey=***&sslmode=require&x=***");
  CHECK(redacted("redis://:hunter2@[::1]:6379/0") == "redis://:***@[::1]:6379/0");
  CHECK(redacted("redis+cluster://u:hunter2@h1:7000,h2:7001") == "redis+cluster://u:***@h1:7000,h2:7001");
  CHECK(redacted("postgresql://u%3Ahunter2@h/") == "postgresql://u%3Ahunter2@h/");
}

TEST_CASE("a redacted URL without secrets is the same URL") {
  for (const char* text :
       {"memory:", "sqlite:/var/lib/a.db", "sqlite:////var/a.db", "sqlite:a%20b.db?mode=ro", "postgresql://user@h:1/n?sslmode=require",
        "redis://[::1]/0", "redis://[fe80::1%25eth0]:1/0", "sqlite:/a%3Fb%23%25.db", "redis+cluster://h1:7000,[::1]:7001"}) {
    CAPTURE(text);
    const Url url = Url::parse(text).value();
    const Url again = Url::parse(url.redacted()).value();
    CHECK(url.redacted() == text);
    CHECK(again.path == url.path);
    CHECK(again.host == url.host);
    CHECK(again.query == url.query);
  }
}
