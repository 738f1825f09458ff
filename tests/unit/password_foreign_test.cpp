#include "core/base64url.hpp"
#include "core/json.hpp"
#include "unit/account_fixture.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

using namespace authkit;
using namespace authkit::test;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

constexpr std::array files{"aspnet.json", "bcrypt.json",        "bcrypt_2x.json", "better_auth.json", "crypt.json",  "devise.json",
                           "django.json", "django_scrypt.json", "keycloak.json",  "passlib.json",     "spring.json", "werkzeug.json"};
constexpr const char* pepper = "pepper-of-the-old-site";

/// What the vectors of a file are to be read with.
PasswordOptions options(std::string_view file = {}) {
  return {.memory_kib = 64, .passes = 1, .pepper = file == "devise.json" ? pepper : "", .accept_2x = file == "bcrypt_2x.json"};
}

Passwords cheap(std::string_view file = {}) { return Passwords::open(options(file)).value(); }

struct Vector {
  std::string id, secret, encoded;
};

/// The vectors of a file that have the verdict.
std::vector<Vector> vectors(const std::string& name, std::string_view verdict = "ok") {
  std::ifstream file(std::filesystem::path(AUTHKIT_VECTORS) / "password" / name);
  std::stringstream text;
  text << file.rdbuf();
  const json::Value read = json::parse(text.str(), {.depth = 4, .members = 10'000}).value();
  std::vector<Vector> all;
  std::set<std::string> ids;
  for (const json::Value& one : read.find("cases")->items) {
    CHECK(ids.insert(one.find("id")->text).second);
    if (one.find("verdict")->text != verdict) continue;
    all.push_back({one.find("id")->text, base64url::decode_lenient(one.find("password_b64")->text).value(), one.find("encoded")->text});
  }
  return all;
}

}  // namespace

TEST_CASE("what other systems stored verifies as it is, and is to be replaced") {
  std::size_t count = 0;
  for (const char* file : files) {
    const Passwords passwords = cheap(file);
    for (const Vector& one : vectors(file)) {
      CAPTURE(one.encoded);
      ++count;
      CHECK(code(passwords.check(one.encoded)) == Errc{});
      const auto verified = passwords.verify(one.secret, one.encoded);
      REQUIRE(verified);
      CHECK(verified->needs_rehash);
    }
    for (const Vector& one : vectors(file, "mismatch")) {
      CAPTURE(one.encoded);
      CHECK(code(passwords.verify(one.secret, one.encoded)) == Errc::invalid_credentials);
    }
    for (const Vector& one : vectors(file, "invalid")) {
      CAPTURE(one.encoded);
      const auto runs = passwords.kdf_runs();
      CHECK(code(passwords.check(one.encoded)) == Errc::password_hash_invalid);
      CHECK(code(passwords.verify(one.secret, one.encoded)) == Errc::password_hash_invalid);
      CHECK(passwords.kdf_runs() == runs);
    }
  }
  CHECK(count >= 80);
}

TEST_CASE("what is shorter, empty, or holds a NUL is another password in every form") {
  for (const char* file : files) {
    const Passwords passwords = cheap(file);
    std::string seen;
    for (const Vector& one : vectors(file)) {
      const std::string kind = one.encoded.substr(0, one.encoded.find_first_of("$:{}0123456789=", 1));
      if (seen.find("<" + kind + ">") != seen.npos) continue;
      seen += "<" + kind + ">";
      CAPTURE(one.encoded);
      for (const std::string& wrong :
           {one.secret.substr(0, 5), std::string(), one.secret.substr(0, 3) + '\0' + one.secret.substr(3), std::string(1024, 'x')})
        CHECK(code(passwords.verify(wrong, one.encoded)) == (wrong == one.secret ? Errc{} : Errc::invalid_credentials));
    }
  }
}

TEST_CASE("what was cut off, holds a NUL or goes on for a megabyte is refused, and never computed") {
  std::set<std::string> kinds;
  for (const char* file : files) {
    const Passwords passwords = cheap(file);
    for (const Vector& one : vectors(file)) {
      if (!kinds.insert(file + one.id.substr(0, one.id.find('.'))).second) continue;
      CAPTURE(one.encoded);
      const bool is_argon2 = one.encoded.find("argon2") != std::string::npos;  // of many lengths, each with a tag of its own
      for (std::size_t at = 0; at < one.encoded.size(); ++at) {
        CAPTURE(at);
        std::string damaged = one.encoded;
        damaged[at] = '\0';
        CHECK(code(passwords.check(damaged)) == Errc::password_hash_invalid);
        const std::string_view cut = std::string_view(one.encoded).substr(0, at);
        const Errc verdict = is_argon2 ? code(passwords.verify(one.secret, cut)) : code(passwords.check(cut));
        CHECK((verdict == Errc::password_hash_invalid || (is_argon2 && verdict == Errc::invalid_credentials)));
      }
      const auto runs = passwords.kdf_runs();
      CHECK(code(passwords.verify(one.secret, one.encoded + std::string(1 << 20, one.encoded.back()))) == Errc::password_hash_invalid);
      CHECK(passwords.kdf_runs() == runs);
    }
  }
  CHECK(kinds.size() >= 30);
}

TEST_CASE("$2x$, the bcrypt that took bytes for signed ones, verifies only where that is asked for") {
  const Passwords strict = cheap(), asked = cheap("bcrypt_2x.json");
  std::size_t weak = 0;
  for (const Vector& one : vectors("bcrypt_2x.json")) {
    CAPTURE(one.encoded);
    const bool is_weak = one.encoded.starts_with("$2x$");
    CHECK(code(strict.verify(one.secret, one.encoded)) == (is_weak ? Errc::password_hash_invalid : Errc{}));
    CHECK(asked.verify(one.secret, one.encoded).value().needs_rehash);
    if (!is_weak) continue;
    ++weak;
    CHECK(code(asked.verify(one.secret, "$2x$31" + one.encoded.substr(6))) == Errc::password_hash_invalid);
  }
  CHECK(weak == 8);
}

TEST_CASE("a pepper belongs to bcrypt alone") {
  const auto [id, secret, encoded] = vectors("devise.json").front();
  CHECK(code(cheap().verify(secret, encoded)) == Errc::invalid_credentials);
  CHECK(code(cheap().verify(secret + pepper, encoded)) == Errc{});
  const Passwords peppered = cheap("devise.json");
  CHECK(code(peppered.verify(secret + pepper, encoded)) == Errc::invalid_credentials);
  const std::string own = peppered.hash(secret).value();
  CHECK(code(cheap().verify(secret, own)) == Errc{});
  CHECK(code(peppered.verify(secret, own)) == Errc{});
}

TEST_CASE("bcrypt knows 72 bytes and no NUL; wrapped in SHA-256 it knows all of them") {
  const Passwords passwords = cheap();
  for (const auto& [id, secret, encoded] : vectors("bcrypt.json")) {
    if (secret.size() < 72) continue;
    CHECK(code(passwords.verify(secret.substr(0, 72), encoded)) == Errc{});
    CHECK(code(passwords.verify(secret.substr(0, 72) + "anything", encoded)) == Errc{});
    CHECK(code(passwords.verify(secret.substr(0, 71), encoded)) == Errc::invalid_credentials);
    CHECK(code(passwords.verify(secret.substr(0, 72) + "\0x"s, encoded)) == Errc::invalid_credentials);
  }
  for (const auto& [id, secret, encoded] : vectors("django.json")) {
    if (secret.size() < 73 || !encoded.starts_with("bcrypt_sha256$")) continue;
    CHECK(code(passwords.verify(secret.substr(0, 73), encoded)) == Errc::invalid_credentials);
  }
}

TEST_CASE("a stored hash that is malformed or costs too much is refused before anything is computed") {
  const Passwords passwords = cheap();
  const std::string good = "$2b$04$V7TwCWfcjHSjn7CUgRrgVe0ieywFUpqA8M5A7kWeJlNoaPuZkW1yC";
  const auto with_rounds = [&](const char* rounds) { return "$2b$" + std::string(rounds) + good.substr(6); };
  const std::string tail = "$salt$" + std::string(43, 'A') + "=";
  const std::vector<std::string> bad{with_rounds("17"),
                                     with_rounds("31"),
                                     with_rounds("32"),
                                     with_rounds("03"),
                                     with_rounds("-1"),
                                     with_rounds("4$"),
                                     with_rounds("00"),
                                     good.substr(0, 59),
                                     good + "A",
                                     "$2x$" + good.substr(4),
                                     "$2c$" + good.substr(4),
                                     good.substr(0, 30) + "*" + good.substr(31),
                                     "pbkdf2_sha256$1000000000" + tail,
                                     "pbkdf2_sha256$2000001" + tail,
                                     "pbkdf2_sha256$0" + tail,
                                     "pbkdf2_sha256$-1" + tail,
                                     "pbkdf2_sha256$01000" + tail,
                                     "pbkdf2_sha256$1000$$" + std::string(43, 'A') + "=",
                                     "pbkdf2_sha256$1000$salt$" + std::string(43, 'A'),
                                     "pbkdf2_sha256$1000$salt$AAAA",
                                     "pbkdf2_sha1$1000" + tail,
                                     "pbkdf2_md5$1000" + tail,
                                     "pbkdf2_sha256",
                                     "pbkdf2_sha256$",
                                     "bcrypt$",
                                     "bcrypt$x",
                                     "bcrypt_sha256$$2b$31" + good.substr(6),
                                     "argon2$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHQ$" + std::string(43, 'A'),
                                     "argon2$argon2id$",
                                     "pbkdf2_sha256$1000$" + std::string(129, 's') + "$" + std::string(43, 'A') + "=",
                                     "pbkdf2_sha256$1000$s\0lt$"s + std::string(43, 'A') + "=",
                                     "scrypt:262144:8:1$salt$" + std::string(128, '0'),
                                     "scrypt:131072:8:9$salt$" + std::string(128, '0'),
                                     "scrypt:1024:8:17$salt$" + std::string(128, '0'),
                                     "$scrypt$ln=30,r=8,p=1$c2FsdHNhbHQ$" + std::string(43, 'A'),
                                     "md5$x$y",
                                     "sha1$salt$" + std::string(40, 'a'),
                                     std::string(1 << 20, '$'),
                                     "pbkdf2_sha256$1000$" + std::string(1 << 20, 's') + "$AAAA"};
  for (const std::string& encoded : bad) {
    CAPTURE(encoded.substr(0, 80));
    const auto runs = passwords.kdf_runs();
    CHECK(code(passwords.verify("x", encoded)) == Errc::password_hash_invalid);
    CHECK(code(passwords.check(encoded)) == Errc::password_hash_invalid);
    CHECK(passwords.kdf_runs() == runs);
  }
}

TEST_CASE("what costs as much as the ceilings allow is taken") {
  const Passwords passwords = cheap();
  const std::string scrypt_tail = "$salt$" + std::string(128, '0');
  for (const std::string& good : {"scrypt:131072:8:7" + scrypt_tail, "scrypt:1024:8:16" + scrypt_tail, "scrypt:65536:31:1" + scrypt_tail,
                                  "pbkdf2:sha1:2000000$salt$" + std::string(40, '0'), "$2b$16$V7TwCWfcjHSjn7CUgRrgVe0ieywFUpqA8M5A7kWeJlNoaPuZkW1yC"s,
                                  "$argon2id$v=19$m=262144,t=16,p=16$c2FsdHNhbHQ$" + std::string(43, 'A')}) {
    CAPTURE(good);
    CHECK(code(passwords.check(good)) == Errc{});
  }
}

TEST_CASE_FIXTURE(Fixture, "who comes with a foreign hash logs in, and is stored as Argon2id afterwards") {
  int n = 0;
  for (const char* file : files) {
    setup.password = options(file);
    reopen();
    for (const Vector& one : vectors(file)) {
      if (one.secret.empty()) continue;  // nobody logs in with nothing
      CAPTURE(one.encoded);
      NewAccount brought;
      brought.email = "brought" + std::to_string(++n) + "@example.org";
      brought.password_hash = one.encoded;
      const Account made = accounts().create(brought).value();
      // Where bcrypt cannot tell them apart the first that comes is what counts from then on.
      const bool cut = one.encoded.starts_with("$2") && one.secret.size() >= 72;
      if (!cut) CHECK(code(accounts().log_in(login(brought.email, one.secret + "x"))) == Errc::invalid_credentials);
      CHECK(code(accounts().log_in(login(brought.email, one.secret))) == Errc{});
      CHECK(stores.accounts->find(made.id, {}).value()->password_hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
      CHECK(code(accounts().log_in(login(brought.email, one.secret + "x"))) == Errc::invalid_credentials);
      CHECK(code(accounts().log_in(login(brought.email, one.secret))) == Errc{});
    }
  }
}

TEST_CASE("a guessable password is refused by the default and the strict policy, and what it says helps") {
  const std::vector<std::string> words{"ada.lovelace@example.org", "ada.lovelace", "authkit", "lovelace"};
  struct Row {
    const char* password;
    bool lenient, standard, strict;
  };
  const Row rows[] = {{"password", true, false, false},
                      {"qwertyuiop1", true, false, false},
                      {"adalovelace1", true, false, false},
                      {"authkit2026", true, false, false},
                      {"aaaaaaaaaaaaaaaaaaaaaaa", true, false, false},
                      {"zxcvbn-x9!Lp", true, true, false},
                      {"correct horse battery staple", true, true, true},
                      {"short7!", false, false, false}};
  for (const Row& row : rows) {
    CAPTURE(row.password);
    for (const auto& [level, good] :
         {std::pair{PolicyLevel::lenient, row.lenient}, {PolicyLevel::standard, row.standard}, {PolicyLevel::strict, row.strict}}) {
      const auto done = check_policy({level}, row.password, words);
      CHECK(done.has_value() == good);
      if (!done) CHECK(done.error().detail.find("use ") == 0);
    }
  }
  // What is long is judged in bounded time.
  CHECK(code(check_policy({}, std::string(1024, 'a'))) == Errc::weak_password);
}
