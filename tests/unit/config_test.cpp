#include "authkit/config.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <set>
#include <unistd.h>
#include <utility>

using namespace authkit;

namespace {

/// Environment variables for one scope; every variable that any option knows is unset before and after.
class Environment {
 public:
  explicit Environment(std::initializer_list<std::pair<const char*, const char*>> variables = {}) {
    clear();
    for (const auto& [name, value] : variables) ::setenv(name, value, 1);
  }
  ~Environment() { clear(); }

 private:
  static void clear() {
    for (const Option& option : options()) {
      ::unsetenv(std::string(option.env).c_str());
      for (std::string_view rest = option.aliases; !rest.empty();) {
        const auto alias = rest.substr(0, rest.find(','));
        ::unsetenv(std::string(alias).c_str());
        rest.remove_prefix(std::min(alias.size() + 1, rest.size()));
      }
    }
  }
};

class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view text) {
    char name[] = "/tmp/authkit-config-XXXXXX";
    const int file = ::mkstemp(name);
    REQUIRE(file >= 0);
    REQUIRE(::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    ::close(file);
    path = name;
  }
  ~TemporaryFile() { ::unlink(path.c_str()); }
  std::string path;
};

const std::string key_text = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

}  // namespace

TEST_CASE("every option has a name, a variable, a form, a line of help and a value that it takes") {
  std::set<std::string_view> names, variables;
  const Config defaults;
  for (const Option& option : options()) {
    CAPTURE(option.name);
    CHECK(names.insert(option.name).second);
    CHECK(variables.insert(option.env).second);
    CHECK(option.env.starts_with("AUTHKIT_"));
    CHECK_FALSE(option.takes.empty());
    CHECK_FALSE(option.help.empty());
    CHECK(option.help.find('\n') == std::string_view::npos);
    Config config;
    const std::string value = defaults.get(option.name).value();
    CHECK(config.set(option.name, value));
    CHECK(config.get(option.name).value() == value);
  }
  CHECK(variables.contains("AUTHKIT_TOKEN_ACCESS_LIFETIME"));
  CHECK(defaults.validate());
}

TEST_CASE("links lead where the configuration says, to a URL and nothing else") {
  Config config;
  for (const char* bad :
       {"app.example", "ftp://app.example", "https://app.example/", "https://app.example/?a=b", "https://app.example/#x", "javascript:x"})
    CHECK(config.set("account.link_url", bad).error().code == Errc::config_invalid);
  CHECK(config.set("mail.url", "ftp://h").error().code == Errc::config_invalid);
  CHECK(config.set("mail.url", "smtp://u:CANARY@h"));
  CHECK(config.get("mail.url").value() == "smtp://u:***@h");
  CHECK(config.set("account.roles", "admin").error().code == Errc::config_invalid);
}

TEST_CASE("a list of URLs is refused as a whole") {
  Config config;
  CHECK(config.set("database.replica_url", "postgresql://u:CANARY@h1/a,no URL").error().detail.find("CANARY") == std::string::npos);
  CHECK(config.database.replica_url.empty());
}

TEST_CASE("durations are read with a unit, and as seconds without one") {
  Config config;
  for (const auto& [text, milliseconds] :
       {std::pair{"90", 90'000}, {"90s", 90'000}, {"2m", 120'000}, {"1500ms", 1500}, {"1h", 3'600'000}, {"1d", 86'400'000}}) {
    CAPTURE(text);
    REQUIRE(config.set("token.access_lifetime", text));
    CHECK(config.token.access_lifetime == Duration{milliseconds});
  }
  CHECK(config.set("token.access_lifetime", "90s"));
  CHECK(config.get("token.access_lifetime").value() == "90s");
}

TEST_CASE("a wrong value names the option and what it takes, and changes nothing") {
  const std::pair<const char*, const char*> wrong[] = {{"service.name", ""},
                                                       {"service.name", "a\nb"},
                                                       {"tenant", "a b"},
                                                       {"tenant", ""},
                                                       {"tenant", "a/b"},
                                                       {"master_key", "dG9vIHNob3J0"},
                                                       {"master_key", "%%%"},
                                                       {"auto_migrate", "maybe"},
                                                       {"database.url", "no url"},
                                                       {"database.synchronous", "off"},
                                                       {"database.busy_timeout", "2m"},
                                                       {"database.readers", "0"},
                                                       {"database.connections", "257"},
                                                       {"database.deadline", "9ms"},
                                                       {"password.memory_kib", "7"},
                                                       {"password.passes", "17"},
                                                       {"password.passes", "-1"},
                                                       {"password.passes", "1x"},
                                                       {"password.passes", ""},
                                                       {"password.min_length", "7"},
                                                       {"password.min_length", "1025"},
                                                       {"token.algorithm", "none"},
                                                       {"token.algorithm", "hs256"},
                                                       {"token.profile", "SimpleJWT"},
                                                       {"token.profile", ""},
                                                       {"token.issuer", ""},
                                                       {"token.access_lifetime", "0"},
                                                       {"token.access_lifetime", "25h"},
                                                       {"token.access_lifetime", "-1m"},
                                                       {"token.access_lifetime", "1.5m"},
                                                       {"token.access_lifetime", "15 m"},
                                                       {"token.access_lifetime", "m"},
                                                       {"token.access_lifetime", "99999999999999999999d"},
                                                       {"token.access_lifetime", "9223372036854775807d"},
                                                       {"token.leeway", "5m1s"},
                                                       {"token.leeway", "301s"},
                                                       {"token.max_bytes", "65537"},
                                                       {"session.grace_window", "61s"},
                                                       {"session.idle_lifetime", "1s"},
                                                       {"revocation.on_stale", "accept"},
                                                       {"revocation.on_stale", "accept 0s"},
                                                       {"revocation.on_stale", "accept 2d"},
                                                       {"revocation.on_stale", "maybe"},
                                                       {"limit.login_pair", "5"},
                                                       {"limit.login_pair", "0/15m"},
                                                       {"limit.login_pair", "5/0s"},
                                                       {"limit.login_pair", "/15m"},
                                                       {"limit.login_pair", "5/15m/1"},
                                                       {"log.level", "loud"}};
  for (const auto& [name, value] : wrong) {
    CAPTURE(name);
    CAPTURE(value);
    Config config;
    const std::string before = config.get(name).value();
    const auto done = config.set(name, value);
    REQUIRE_FALSE(done);
    CHECK(done.error().code == Errc::config_invalid);
    CHECK(done.error().detail.starts_with(std::string(name) + ": "));
    CHECK(done.error().detail.find("it takes ") != std::string::npos);
    CHECK(config.get(name).value() == before);
  }
  Config config;
  CHECK(config.set("token.acces_lifetime", "15m").error().code == Errc::config_invalid);
  CHECK(config.get("nothing").error().code == Errc::config_invalid);
}

TEST_CASE("secrets are taken and never shown, neither as a value nor in an error") {
  Config config;
  CHECK(config.get("master_key").value().empty());
  REQUIRE(config.set("master_key", key_text));
  CHECK(config.get("master_key").value() == "***");
  REQUIRE(config.set("token.secret", "CANARY-CANARY-CANARY-CANARY-CANARY"));
  CHECK(config.get("token.secret").value() == "***");
  CHECK(config.set("master_key", "CANARY").error().detail.find("CANARY") == std::string::npos);
  CHECK(config.validate().error().detail.find("CANARY") == std::string::npos);

  REQUIRE(config.set("database.url", "postgresql://u:CANARY@h/db"));
  CHECK(config.get("database.url").value() == "postgresql://u:***@h/db");
  CHECK(config.database.url == "postgresql://u:CANARY@h/db");
  CHECK(config.set("database.url", "postgresql://u:CANARY@x@h/db").error().detail.find("CANARY") == std::string::npos);

  REQUIRE(config.set("password.pepper", "CANARY"));
  CHECK(config.get("password.pepper").value() == "***");
  for (const Option& option : options())
    CHECK(option.secret == (option.name == "master_key" || option.name == "token.secret" || option.name == "password.pepper"));
}

TEST_CASE("the environment: every option by its own variable") {
  const Environment environment(
      {{"AUTHKIT_SERVICE_NAME", "one"}, {"AUTHKIT_TOKEN_ACCESS_LIFETIME", "5m"}, {"AUTHKIT_LIMIT_LOGIN_PAIR", "9/1h"}, {"AUTHKIT_TENANT", ""}});
  const Config config = Config::from_env().value();
  CHECK(config.service_name == "one");
  CHECK(config.token.access_lifetime == Duration{300'000});
  CHECK(config.limit.login_pair.burst == 9);
  CHECK(config.tenant == "default");  // empty is not set
}

TEST_CASE("the environment of a replaced system is understood") {
  const Environment environment({{"DATABASE_URL", "sqlite:/tmp/x.db"},
                                 {"SECRETS_ENCRYPTION_KEY", key_text.c_str()},
                                 {"SERVICE_NAME", "auth_service"},
                                 {"JWT_SECRET_KEY", "0123456789abcdef0123456789abcdef"},
                                 {"JWT_ALGORITHM", "HS256"},
                                 {"JWT_ACCESS_TOKEN_EXPIRE_MINUTES", "30"},
                                 {"JWT_REFRESH_TOKEN_EXPIRE_DAYS", "7"},
                                 {"PASSWORD_MIN_LENGTH", "12"},
                                 {"LOG_LEVEL", "WARNING"}});
  const Config config = Config::from_env().value();
  CHECK(config.database.url == "sqlite:/tmp/x.db");
  CHECK(config.master_key == key_text);
  CHECK(config.service_name == "auth_service");
  CHECK(config.token_algorithm == Algorithm::HS256);
  CHECK(config.token_secret == "0123456789abcdef0123456789abcdef");
  CHECK(config.token.access_lifetime == Duration{30 * 60'000});
  CHECK(config.session.idle_lifetime == Duration{7 * 86'400'000});
  CHECK(config.session.absolute_lifetime == Duration{30 * 86'400'000LL});
  CHECK(config.account.policy.min_length == 12);
  CHECK(config.log_level == LogLevel::warning);
  CHECK(config.notes.empty());
  CHECK(config.validate());
}

TEST_CASE("the environment: the own name wins over an alias") {
  const Environment environment(
      {{"LOG_LEVEL", "ERROR"}, {"AUTHKIT_LOG_LEVEL", "debug"}, {"SERVICE_NAME", "not valid\n"}, {"AUTHKIT_SERVICE_NAME", "a"}});
  const Config config = Config::from_env().value();
  CHECK(config.log_level == LogLevel::debug);
  CHECK(config.service_name == "a");
}

TEST_CASE("JWT_SECRET_KEY without an HS algorithm is left aside, with the reason and without its value") {
  const Environment environment({{"JWT_SECRET_KEY", "CANARY-CANARY-CANARY-CANARY-CANARY"}});
  const Config config = Config::from_env().value();
  CHECK(config.token_secret.empty());
  CHECK(config.token_algorithm == Algorithm::ES256);
  REQUIRE(config.notes.size() == 1);
  CHECK(config.notes[0].find("JWT_SECRET_KEY") != std::string::npos);
  CHECK(config.notes[0].find("JWT_ALGORITHM=HS256") != std::string::npos);
  CHECK(config.notes[0].find("CANARY") == std::string::npos);
  CHECK(config.validate());
}

TEST_CASE("JWT_SECRET_KEY goes with an HS algorithm that a file or the own variable names") {
  {
    const Environment environment({{"JWT_SECRET_KEY", "0123456789abcdef0123456789abcdef"}, {"AUTHKIT_TOKEN_ALGORITHM", "HS256"}});
    CHECK_FALSE(Config::from_env().value().token_secret.empty());
  }
  const Environment environment({{"JWT_SECRET_KEY", "0123456789abcdef0123456789abcdef"}});
  const TemporaryFile file("token.algorithm = HS256\n");
  Config config;
  REQUIRE(config.load_file(file.path));
  REQUIRE(config.load_env());
  CHECK_FALSE(config.token_secret.empty());
  CHECK(config.notes.empty());
}

TEST_CASE("a longer refresh lifetime of a replaced system moves the absolute one along, unless that is set") {
  {
    const Environment environment({{"JWT_REFRESH_TOKEN_EXPIRE_DAYS", "60"}});
    const Config config = Config::from_env().value();
    CHECK(config.session.idle_lifetime == Duration{60 * 86'400'000LL});
    CHECK(config.session.absolute_lifetime == config.session.idle_lifetime);
    CHECK(config.validate());
  }
  const Environment environment({{"JWT_REFRESH_TOKEN_EXPIRE_DAYS", "60"}, {"AUTHKIT_SESSION_ABSOLUTE_LIFETIME", "90d"}});
  CHECK(Config::from_env().value().session.absolute_lifetime == Duration{90 * 86'400'000LL});
}

TEST_CASE("a wrong variable is named, its value is not, and nothing is changed") {
  for (const auto& [name, value] : {std::pair{"AUTHKIT_TOKEN_LEEWAY", "CANARY"},
                                    {"JWT_ACCESS_TOKEN_EXPIRE_MINUTES", "30m"},
                                    {"JWT_REFRESH_TOKEN_EXPIRE_DAYS", "-1"},
                                    {"JWT_REFRESH_TOKEN_EXPIRE_DAYS", "99999999999999999"},
                                    {"SECRETS_ENCRYPTION_KEY", "CANARY"},
                                    {"PASSWORD_MIN_LENGTH", "6"},
                                    {"DATABASE_URL", "CANARY"},
                                    {"LOG_LEVEL", "CANARY"}}) {
    CAPTURE(name);
    const Environment environment({{name, value}, {"AUTHKIT_SERVICE_NAME", "changed"}});
    Config config;
    const auto done = config.load_env();
    REQUIRE_FALSE(done);
    CHECK(done.error().code == Errc::config_invalid);
    CHECK(done.error().detail.starts_with(name));
    CHECK(done.error().detail.find("it takes ") != std::string::npos);
    CHECK(done.error().detail.find("CANARY") == std::string::npos);
    CHECK(config.service_name == "authkit");
  }
}

TEST_CASE("a file: comments, quotes, blank lines and line ends") {
  const TemporaryFile file(
      "# a comment\r\n"
      "\n"
      "  tenant =  acme   # which one\r\n"
      "token.secret = \"with # and  blanks \" # quoted\n"
      "token.issuer = https://a.example/#fragment\n"
      "database.url = sqlite:/var/a.db?x=a=b\n"
      "master_key=\n"
      "log.level = warning");
  Config config;
  REQUIRE(config.load_file(file.path));
  CHECK(config.tenant == "acme");
  CHECK(config.token_secret == "with # and  blanks ");
  CHECK(config.token.issuer == "https://a.example/#fragment");
  CHECK(config.database.url == "sqlite:/var/a.db?x=a=b");
  CHECK(config.log_level == LogLevel::warning);
}

TEST_CASE("a wrong line is named by its number, and nothing of the file is applied") {
  for (const char* line : {"tenant", "= x", "no.such = 1", "token.leeway = CANARY", "tenant = \"open", "tenant = \"a\" b", "tenant = twice"}) {
    CAPTURE(line);
    const TemporaryFile file(std::string("tenant = acme\n\n") + line + "\n");
    Config config;
    const auto done = config.load_file(file.path);
    REQUIRE_FALSE(done);
    CHECK(done.error().code == Errc::config_invalid);
    CHECK(done.error().detail.starts_with(file.path + ":3: "));
    CHECK(done.error().detail.find("CANARY") == std::string::npos);
    CHECK(config.tenant == "default");
  }
  Config config;
  CHECK(config.load_file("/nowhere/authkit.conf").error().code == Errc::config_invalid);
  CHECK(config.load_file("/tmp").error().code == Errc::config_invalid);
}
