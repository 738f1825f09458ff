#include "authkit/password.hpp"

#include "core/base64url.hpp"
#include "core/random.hpp"
#include "password/gate.hpp"
#include "vectors/stopwatch.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <set>
#include <sstream>
#include <thread>

using namespace authkit;
using namespace std::chrono_literals;
using password::Gate;
using test::processor_seconds;

namespace {

// The cheapest there is: what these tests are about is not the cost.
PasswordOptions cheap() {
  PasswordOptions options;
  options.memory_kib = 64;
  options.passes = 1;
  return options;
}

template <class T>
Errc code(const Result<T>& result) {
  REQUIRE_FALSE(result);
  return result.error().code;
}

boost::json::value vectors(const char* name) {
  const auto path = std::filesystem::path(AUTHKIT_VECTORS) / "password" / name;
  std::ifstream file(path);
  REQUIRE_MESSAGE(file, path);
  std::stringstream text;
  text << file.rdbuf();
  return boost::json::parse(text.str());
}

std::string text(const boost::json::value& value) { return std::string(value.as_string()); }

}  // namespace

TEST_CASE("every stored hash gets the verdict of its vector, and what is refused is never computed") {
  for (const char* file : {"argon2id.json", "bcrypt.json", "django.json"}) {
    PasswordOptions options = cheap();
    options.slots = 1;
    const Passwords passwords = Passwords::open(options).value();
    const auto document = vectors(file);
    std::set<std::string> seen;
    for (const auto& row : document.at("cases").as_array()) {
      const std::string id = text(row.at("id")), expected = text(row.at("verdict")), encoded = text(row.at("encoded"));
      CAPTURE(id);
      seen.insert(expected);
      const std::string password = *base64url::decode_lenient(text(row.at("password_b64")));
      const std::uint64_t before = passwords.kdf_runs();
      const auto verdict = passwords.verify(password, encoded);
      CHECK(passwords.kdf_runs() - before == (expected == "invalid" ? 0 : 1));
      if (expected == "ok") {
        CHECK(verdict);
      } else {
        CHECK(code(verdict) == (expected == "mismatch" ? Errc::invalid_credentials : Errc::password_hash_invalid));
      }
    }
    CHECK(seen == std::set<std::string>{"ok", "mismatch", "invalid"});
  }
}

TEST_CASE("a new hash is a PHC string of the options' cost with a salt of its own, and verifies") {
  const Passwords passwords = Passwords::open(cheap()).value();
  const std::string hash = passwords.hash("correct horse").value();
  CHECK(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
  CHECK(hash.size() == 28 + 22 + 1 + 43);
  CHECK(passwords.hash("correct horse").value() != hash);
  CHECK_FALSE(passwords.verify("correct horse", hash).value().needs_rehash);
  CHECK(code(passwords.verify("Correct horse", hash)) == Errc::invalid_credentials);
}

TEST_CASE("the defaults are m=19 MiB, t=2, p=1") {
  const Passwords passwords = Passwords::open().value();
  const std::string hash = passwords.hash("correct horse").value();
  CHECK(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  CHECK(passwords.verify("correct horse", hash));
}

TEST_CASE("a hash of another cost or shape verifies and asks to be replaced") {
  const Passwords passwords = Passwords::open(cheap()).value();
  for (auto [memory, passes] : {std::pair{32U, 1U}, {128U, 1U}, {64U, 2U}}) {
    PasswordOptions other = cheap();
    other.memory_kib = memory;
    other.passes = passes;
    const std::string hash = Passwords::open(other).value().hash("pw").value();
    CHECK(passwords.verify("pw", hash).value().needs_rehash);
  }
  // libargon2, p=2 and an 8-byte salt
  CHECK(passwords.verify("password", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc").value().needs_rehash);
}

TEST_CASE("the bytes of a password count as they are, at every length around the edges of older formats (CVE-2020-7689)") {
  const Passwords passwords = Passwords::open(cheap()).value();
  for (std::size_t length : {0U, 1U, 71U, 72U, 73U, 127U, 128U, 129U, 255U, 256U, 257U, 1023U, 1024U}) {
    CAPTURE(length);
    const std::string password(length, 'p');
    const std::string hash = passwords.hash(password).value();
    CHECK(passwords.verify(password, hash));
    CHECK(code(passwords.verify(password + "p", hash)) == Errc::invalid_credentials);
    if (length > 0) CHECK(code(passwords.verify(std::string_view(password).substr(1), hash)) == Errc::invalid_credentials);
  }
  for (std::size_t length : {1025U, 65'535U, 65'536U, 65'537U, 1'000'000U}) {
    CAPTURE(length);
    CHECK(code(passwords.hash(std::string(length, 'p'))) == Errc::weak_password);
    CHECK(code(passwords.verify(std::string(length, 'p'), passwords.hash(std::string(length % 65'536 % 1025, 'p')).value())) ==
          Errc::invalid_credentials);
  }
}

TEST_CASE("a NUL is a character like any other") {
  const Passwords passwords = Passwords::open(cheap()).value();
  using namespace std::string_literals;
  const std::string hash = passwords.hash("a\0b"s).value();
  CHECK(passwords.verify("a\0b"s, hash));
  for (const auto& other : {"a"s, "a\0"s, "a\0c"s, ""s}) CHECK(code(passwords.verify(other, hash)) == Errc::invalid_credentials);
  CHECK(code(passwords.verify("a\0b"s, passwords.hash("a").value())) == Errc::invalid_credentials);
}

TEST_CASE("too long is a mismatch even where the empty password would match") {
  const Passwords passwords = Passwords::open(cheap()).value();
  const std::string hash = passwords.hash("").value();
  CHECK(passwords.verify({}, hash));
  CHECK(code(passwords.verify(std::string(1025, 'p'), hash)) == Errc::invalid_credentials);
}

TEST_CASE("wrong, absent, too long and unusable cost the same: one computation") {
  const Passwords passwords = Passwords::open(cheap()).value();
  const std::string hash = passwords.hash("pw").value(), longer(1025, 'p');
  const auto runs = [&](auto call) {
    const std::uint64_t before = passwords.kdf_runs();
    CHECK(code(call()) == Errc::invalid_credentials);
    return passwords.kdf_runs() - before;
  };
  for (const std::string& password : {std::string("wrong"), std::string(), longer}) {
    CAPTURE(password.size());
    CHECK(runs([&] { return passwords.verify(password, hash); }) == 1);
    CHECK(runs([&] { return passwords.verify_absent(password); }) == 1);
    CHECK(runs([&] { return passwords.verify(password, "!"); }) == 1);
    CHECK(runs([&] { return passwords.verify(password, "!" + hash); }) == 1);
    CHECK(runs([&] { return passwords.verify(password, "!" + std::string(1'000'000, 'x')); }) == 1);
  }
  CHECK(runs([&] { return passwords.verify("pw", "!" + hash); }) == 1);
  CHECK(runs([&] { return passwords.verify_absent("pw"); }) == 1);
}

TEST_CASE("a mismatch with a cheaper stored hash is evened out") {
  // Compared in CPU time of this thread, 1 : 64 without evening out; the bound is wide because the machine may be busy.
  PasswordOptions options = cheap();
  options.memory_kib = 16'384;
  const Passwords passwords = Passwords::open(options).value();
  options.memory_kib = 256;
  const std::string old = Passwords::open(options).value().hash("pw").value();
  const std::string stored[] = {old, "$2b$04$V7TwCWfcjHSjn7CUgRrgVe0ieywFUpqA8M5A7kWeJlNoaPuZkW1yC",
                                "pbkdf2_sha256$1000$1gdBWP1MQ08KG9Lm2xvtud$WKZJGzkEz9mf/EcY9UoXwzdAcYyWueDn9iQm+4ETyNM=",
                                "$7$2/..../....SodiumChloride$9PClfwFw4uppbTuSRy.lw9A6rEOR.Yx6LsA9aSokMN8"};
  double absent = 0;
  std::array<double, std::size(stored)> mismatch{};
  for (int i = 0; i < 5; ++i) {
    absent += processor_seconds([&] { CHECK(code(passwords.verify_absent("wrong")) == Errc::invalid_credentials); });
    for (std::size_t kind = 0; kind < mismatch.size(); ++kind)
      mismatch[kind] += processor_seconds([&] { CHECK(code(passwords.verify("wrong", stored[kind])) == Errc::invalid_credentials); });
  }
  for (const double cheaper : mismatch) CHECK(cheaper > absent / 3);
}

TEST_CASE("a mismatch with a cheaper stored hash is evened out before any hash of our own was timed") {
  PasswordOptions options = cheap();
  options.memory_kib = 16'384;
  const std::string bcrypt = "$2b$04$V7TwCWfcjHSjn7CUgRrgVe0ieywFUpqA8M5A7kWeJlNoaPuZkW1yC";
  double first = 0, absent = 0;
  for (int i = 0; i < 5; ++i) {
    const Passwords passwords = Passwords::open(options).value();
    first += processor_seconds([&] { CHECK(code(passwords.verify("wrong", bcrypt)) == Errc::invalid_credentials); });
    absent += processor_seconds([&] { CHECK(code(passwords.verify_absent("wrong")) == Errc::invalid_credentials); });
  }
  CHECK(first > absent / 3);
}

TEST_CASE("a stored string that is no hash is refused at once, whatever its size") {
  const Passwords passwords = Passwords::open(cheap()).value();
  const std::string hash = passwords.hash("pw").value();
  const std::uint64_t before = passwords.kdf_runs();
  const auto refuses = [&](std::string_view encoded) { return code(passwords.verify("pw", encoded)) == Errc::password_hash_invalid; };
  CHECK(refuses({}));
  CHECK(refuses(std::string(1'000'000, '$')));
  CHECK(refuses(hash + std::string(1'000'000, 'A')));
  CHECK(refuses("$argon2id$v=19$m=" + std::string(1'000'000, '9')));
  CHECK(refuses("pw"));
  CHECK(refuses("*"));
  CHECK(refuses("plain$pw"));
  // Cutting the tag at a whole number of bytes leaves a well-formed, shorter one: a mismatch, or refused below 16 bytes.
  for (std::size_t length = 0; length < hash.size(); ++length) {
    CAPTURE(length);
    const std::uint64_t at = passwords.kdf_runs();
    const Errc verdict = code(passwords.verify("pw", std::string_view(hash).substr(0, length)));
    CHECK((verdict == Errc::password_hash_invalid || (verdict == Errc::invalid_credentials && passwords.kdf_runs() == at + 1)));
  }
  CHECK(passwords.kdf_runs() - before < 20);
}

TEST_CASE("every stored hash that differs in one bit is refused") {
  const Passwords passwords = Passwords::open(cheap()).value();
  const std::string hash = passwords.hash("pw").value();
  for (std::size_t bit = hash.find(",p=") * 8; bit < hash.size() * 8; ++bit) {
    std::string flipped = hash;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    CAPTURE(flipped);
    CHECK_FALSE(passwords.verify("pw", flipped));
  }
}

TEST_CASE("a memory budget of its own refuses what it cannot hold; without one a large hash runs alone") {
  const std::string large = [] {
    PasswordOptions options = cheap();
    options.memory_kib = 1024;
    return Passwords::open(options).value().hash("pw").value();
  }();
  PasswordOptions options = cheap();
  options.slots = 2;
  CHECK(Passwords::open(options).value().verify("pw", large));
  options.memory_budget = 512 * 1024;
  const Passwords strict = Passwords::open(options).value();
  CHECK(code(strict.verify("pw", large)) == Errc::password_hash_invalid);
  CHECK(strict.kdf_runs() == 0);
  options.memory_budget = 1024 * 1024;
  CHECK(Passwords::open(options).value().verify("pw", large));
}

TEST_CASE("options out of range are refused by name") {
  const auto refused = [](auto change) {
    PasswordOptions options;
    change(options);
    const auto opened = Passwords::open(options);
    return !opened && opened.error().code == Errc::config_invalid && opened.error().detail.starts_with("password.");
  };
  CHECK(refused([](auto& o) { o.memory_kib = 7; }));
  CHECK(refused([](auto& o) { o.memory_kib = 1'048'577; }));
  CHECK(refused([](auto& o) { o.passes = 0; }));
  CHECK(refused([](auto& o) { o.passes = 17; }));
  CHECK(refused([](auto& o) { o.slots = 1025; }));
  CHECK(refused([](auto& o) { o.memory_budget = 19456 * 1024 - 1; }));
  CHECK(refused([](auto& o) { o.queue_deadline = Duration{-1}; }));
  CHECK_FALSE(refused([](auto& o) { o.memory_kib = 8; }));
}

TEST_CASE("a failing random source makes no hash") {
  const Passwords passwords = Passwords::open(cheap()).value();
  fail_random_for_tests(1);
  CHECK(code(passwords.hash("pw")) == Errc::random_unavailable);
  fail_random_for_tests(1);
  CHECK(code(Passwords::open(cheap())) == Errc::random_unavailable);
  CHECK(passwords.hash("pw"));
}

TEST_CASE("the policy says what to change and never repeats the password") {
  using namespace std::string_literals;
  const PasswordPolicy policy;
  CHECK(check_policy(policy, "eight ch"));
  CHECK(check_policy(policy, "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xe2\x82\xac\xf0\x9f\x94\x91zz"));  // 8 code points
  CHECK(check_policy({PolicyLevel::lenient}, std::string(1024, 'x')));
  const auto detail = [&](std::string_view password) {
    const auto checked = check_policy(policy, password);
    CHECK(code(checked) == Errc::weak_password);
    return checked.error().detail;
  };
  CHECK(detail("seven77") == "use at least 8 characters");
  CHECK(detail("") == "use at least 8 characters");
  CHECK(detail("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f") == "use at least 8 characters");  // 8 bytes, 4 code points
  CHECK(detail(std::string(1025, 'x')) == "use at most 1024 bytes");
  CHECK(detail("eight\0characters"s) == "leave out the NUL character");
  CHECK(detail("latin-1 \xe4\xf6\xfc") == "use text in UTF-8");
  CHECK(code(check_policy(PasswordPolicy{PolicyLevel::lenient, 15}, "fourteen chars")) == Errc::weak_password);
}

TEST_CASE("never more than the slots run at once, nor more than the budget is held") {
  Gate gate({2, 1000, 64});
  std::atomic<int> running{0}, most_running{0}, passed{0};
  std::atomic<std::uint64_t> held{0}, most_held{0};
  const auto raise = [](auto& most, auto value) {
    for (auto seen = most.load(); value > seen && !most.compare_exchange_weak(seen, value);) {
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 64; ++i) {
    threads.emplace_back([&, i] {
      for (unsigned round = 0; round < 50; ++round) {
        const std::uint64_t bytes = (i + round) % 7 == 0 ? 5000 : 300 + 50 * (i % 8);
        const auto pass = gate.enter(bytes, 60s);
        if (!pass) continue;
        raise(most_running, ++running);
        raise(most_held, held += std::min<std::uint64_t>(bytes, 1000));
        std::this_thread::yield();
        held -= std::min<std::uint64_t>(bytes, 1000);
        --running;
        ++passed;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(passed == 64 * 50);
  CHECK(most_running == 2);
  CHECK(most_held <= 1000);
}

TEST_CASE("64 threads on two slots all get their verdict") {
  PasswordOptions options = cheap();
  options.slots = 2;
  options.queue_deadline = 60s;
  const Passwords passwords = Passwords::open(options).value();
  const std::string hash = passwords.hash("pw").value();
  std::vector<std::future<bool>> verdicts;
  for (int i = 0; i < 64; ++i) verdicts.push_back(std::async(std::launch::async, [&, i] { return !!passwords.verify(i % 2 ? "pw" : "no", hash); }));
  for (std::size_t i = 0; i < 64; ++i) CHECK(verdicts[i].get() == (i % 2 != 0));
  CHECK(passwords.kdf_runs() == 65);
}

TEST_CASE("who does not fit into the queue is told at once when to come again; the others get in by order of arrival") {
  Gate gate({1, 100, 2});
  std::vector<int> order;
  std::vector<std::thread> waiters;
  {
    const auto pass = gate.enter(100, 60s);
    REQUIRE(pass);
    for (int i = 0; i < 2; ++i) {
      waiters.emplace_back([&, i] {
        const auto own = gate.enter(static_cast<std::uint64_t>(i) * 50, 60s);
        if (own) order.push_back(i);  // one slot: nobody else is in here
      });
      while (gate.waiting() < static_cast<std::size_t>(i) + 1) std::this_thread::yield();
    }
    const auto from = std::chrono::steady_clock::now();
    const auto refused = gate.enter(1, 60s);
    CHECK(std::chrono::steady_clock::now() - from < 10s);  // not the 60 s of the deadline
    CHECK(code(refused) == Errc::overloaded);
    CHECK(refused.error().retry_after >= 100ms);
    CHECK(refused.error().retry_after <= 60s);
  }
  for (auto& waiter : waiters) waiter.join();
  CHECK(order == std::vector<int>{0, 1});
}

TEST_CASE("who waits longer than the deadline is refused and leaves nothing behind") {
  Gate gate({2, 100, 8});
  {
    const auto pass = gate.enter(60, 60s);
    REQUIRE(pass);
    const auto from = std::chrono::steady_clock::now();
    CHECK(code(gate.enter(60, 30ms)) == Errc::overloaded);  // a slot is free, the bytes are not
    CHECK(std::chrono::steady_clock::now() - from >= 30ms);
    CHECK(std::chrono::steady_clock::now() - from < 20s);
    CHECK(gate.waiting() == 0);
    CHECK(gate.enter(40, 0ms));
  }
  CHECK(gate.enter(100, 0ms));
}

TEST_CASE("a large one that gives up lets the smaller ones behind it in") {
  Gate gate({4, 100, 8});
  const auto pass = gate.enter(60, 60s);
  REQUIRE(pass);
  std::thread large([&] { CHECK(code(gate.enter(90, 100ms)) == Errc::overloaded); });
  while (gate.waiting() < 1) std::this_thread::yield();
  const auto small = gate.enter(10, 60s);
  large.join();
  CHECK(small);
}
