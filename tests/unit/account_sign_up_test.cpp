#include "unit/account_fixture.hpp"

#include <doctest/doctest.h>

using namespace authkit;
using namespace authkit::test;
using namespace std::chrono_literals;

TEST_CASE_FIXTURE(Fixture, "a sign-up makes an account that can log in") {
  CHECK(ann.email == "Ann@Example.org");
  CHECK(ann.email_key == "ann@example.org");
  CHECK(ann.username == "Ann");
  CHECK(ann.username_key == "ann");
  CHECK(ann.password_hash.empty());
  CHECK(ann.status == AccountStatus::active);
  CHECK(ann.created_at == clock->now());
  CHECK_FALSE(ann.email_verified_at);
  CHECK((ann.id.bytes[6] >> 4) == 7);
  CHECK(stored().password_hash.find("$argon2id$") == 0);
  CHECK(log_in().account.id == ann.id);

  const auto made = events(stores, "user.registered");
  REQUIRE(made.size() == 1);
  CHECK(made[0].subject == to_text(ann.id));
  CHECK(made[0].success);
}

TEST_CASE_FIXTURE(Fixture, "names are unique in their canonical form, and a taken one costs a hash like a free one") {
  const auto attempt = [&](const Registration& wanted) {
    const auto runs = service->passwords->kdf_runs();
    const Errc result = code(accounts().sign_up(wanted));
    CHECK(service->passwords->kdf_runs() == runs + 1);
    return result;
  };
  CHECK(attempt(registration("bob@example.org")) == Errc{});
  CHECK(attempt(registration("ANN@example.ORG")) == Errc::email_taken);
  CHECK(attempt(registration("other@example.org", "aNN")) == Errc::username_taken);
  CHECK(attempt(registration("other@example.org")) == Errc{});
  CHECK(attempt(registration("third@example.org")) == Errc{});  // no user name is not a name
  CHECK(events(stores, "user.registered").size() == 4);
}

TEST_CASE_FIXTURE(Fixture, "what cannot be an account is refused before any hashing") {
  const auto refused = [&](const std::function<void(Registration&)>& edit) {
    Registration wanted = registration("new@example.org");
    edit(wanted);
    const auto runs = service->passwords->kdf_runs();
    const Errc result = code(accounts().sign_up(wanted));
    CHECK(service->passwords->kdf_runs() == runs);
    return result;
  };
  CHECK(refused([](Registration& r) { r.email = "new"; }) == Errc::email_invalid);
  CHECK(refused([](Registration& r) { r.username = "a@b"; }) == Errc::username_invalid);
  CHECK(refused([](Registration& r) { r.password = "1234567"; }) == Errc::weak_password);
  CHECK(refused([](Registration& r) { r.password = std::string(1025, 'x'); }) == Errc::weak_password);
  for (const char* profile : {"", "[]", "1", "null", "{", "{} x", R"({"a":1,"a":2})", R"({"a":"\u0000"})", "{\"a\":\"\xff\"}"}) {
    CAPTURE(profile);
    CHECK(refused([&](Registration& r) { r.profile = profile; }) == Errc::profile_invalid);
  }
  CHECK(refused([](Registration& r) { r.profile = R"({"a":")" + std::string(16 * 1024, 'x') + R"("})"; }) == Errc::profile_invalid);
  CHECK(events(stores).size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a profile is kept as it was given") {
  Registration wanted = registration("new@example.org");
  wanted.profile = R"({ "name": "N\u00e9e", "age": 1.50, "tags": [true, null] })";
  CHECK(accounts().sign_up(wanted).value().profile ==
        "{\"name\":\"N\xc3\xa9"
        "e\",\"age\":1.50,\"tags\":[true,null]}");
}

TEST_CASE_FIXTURE(Fixture, "sign-up can be switched off; operators still make accounts") {
  setup.account.sign_up = false;
  reopen();
  CHECK(code(accounts().sign_up(registration("new@example.org"))) == Errc::signup_disabled);
  NewAccount wanted;
  wanted.email = "New@example.org";
  wanted.password = password;
  wanted.roles = {"admin"};
  wanted.email_verified = true;
  const Account made = accounts().create(wanted).value();
  CHECK(made.roles == std::vector<std::string>{"admin"});
  CHECK(made.email_verified_at == clock->now());
  CHECK(made.password_hash.empty());
  CHECK(accounts().log_in(login("new@example.org")));
  CHECK(events(stores, "user.created").at(0).actor == "system");

  CHECK(code(accounts().create(wanted)) == Errc::email_taken);
  wanted.email = "other@example.org";
  for (const auto& role : {std::string(), std::string("two words"), std::string("quo\"te"), std::string("n\0l", 3), std::string(65, 'r')}) {
    wanted.roles = {role};
    const auto refused = accounts().create(wanted);
    REQUIRE(code(refused) == Errc::field_invalid);
    CHECK(refused.error().fields.at(0).pointer == "/roles");
  }
}

TEST_CASE_FIXTURE(Fixture, "sign-ups are limited by address, whatever comes of them") {
  setup.limit = LimitOptions{};
  reopen();
  Context context;
  context.address = "2001:db8::1";
  CHECK(accounts().sign_up(registration("a@example.org"), context));
  CHECK(code(accounts().sign_up(registration("ann@example.org"), context)) == Errc::email_taken);
  CHECK(accounts().sign_up(registration("b@example.org"), context));
  context.address = "2001:db8::2";  // the same network
  const auto runs = service->passwords->kdf_runs();
  const auto limited = accounts().sign_up(registration("c@example.org"), context);
  REQUIRE(code(limited) == Errc::rate_limited);
  CHECK(limited.error().retry_after > 0ms);
  CHECK(service->passwords->kdf_runs() == runs);
  context.address = "2001:db8:1::1";
  CHECK(accounts().sign_up(registration("c@example.org"), context));
}

TEST_CASE_FIXTURE(Fixture, "a sign-up that fails for reasons of ours does not count") {
  setup.limit = LimitOptions{};
  reopen();
  Context context;
  context.address = "192.0.2.1";
  for (int i = 0; i < 10; ++i) {
    memory.work->failing_commits = 1;
    CHECK(code(accounts().sign_up(registration("new@example.org"), context)) == Errc::store_unavailable);
  }
  CHECK(accounts().sign_up(registration("new@example.org"), context));
}

TEST_CASE_FIXTURE(Fixture, "the host may refuse a sign-up: nothing is stored") {
  std::vector<std::string> called;
  setup.hooks.before = [&](std::string_view flow, const Account& account, const Context&) -> Result<void> {
    called.push_back("before " + std::string(flow));
    CHECK(account.password_hash.empty());
    if (account.email_key == "no@example.org") return Error{Errc::internal, "not you"};
    return {};
  };
  setup.hooks.after = [&](std::string_view flow, const Account&, const Context&) { called.push_back("after " + std::string(flow)); };
  reopen();
  const auto refused = accounts().sign_up(registration("no@example.org"));
  REQUIRE(code(refused) == Errc::refused_by_host);
  CHECK(refused.error().detail == "not you");
  CHECK(code(accounts().find("no@example.org")) == Errc::not_found);
  CHECK(events(stores, "user.registered").size() == 1);
  CHECK(accounts().sign_up(registration("yes@example.org")));
  CHECK(called == std::vector<std::string>{"before register", "before register", "after register"});
}

TEST_CASE_FIXTURE(Fixture, "accounts are found by address, user name and id") {
  for (const std::string& name : {std::string("ANN@example.org"), std::string("aNN"), to_text(ann.id)}) {
    const Account found = accounts().find(name).value();
    CHECK(found.id == ann.id);
    CHECK(found.password_hash.empty());
  }
  for (const std::string& name : {std::string(), std::string("bob"), std::string("bob@example.org"), std::string("a b"), to_text(UserId{})}) {
    CHECK(code(accounts().find(name)) == Errc::not_found);
  }
}

TEST_CASE_FIXTURE(Fixture, "accounts are listed page by page, and only from a cursor that was handed out") {
  for (int i = 0; i < 6; ++i) {
    clock->advance(1ms);
    REQUIRE(accounts().sign_up(registration("user" + std::to_string(i) + "@example.org")));
  }
  std::vector<std::string> seen;
  std::string cursor;
  do {
    const AccountPage page = accounts().list({}, cursor, 3).value();
    for (const auto& account : page.items) {
      seen.push_back(account.email_key);
      CHECK(account.password_hash.empty());
    }
    cursor = page.next_cursor;
  } while (!cursor.empty());
  CHECK(seen.size() == 7);
  CHECK(seen.front() == "ann@example.org");
  CHECK(seen.back() == "user5@example.org");
  CHECK(accounts().list({.email_prefix = "USER", .status = {}, .role = {}}, {}, 200).value().items.size() == 6);

  cursor = accounts().list({}, {}, 3).value().next_cursor;
  ring->set({ring->snapshot()->verify, ring->snapshot()->sign, {mac_key(2), mac_key(1)}});
  CHECK(accounts().list({}, cursor, 3));  // a rotation of the key breaks no list
  for (std::size_t i = 0; i < cursor.size(); ++i) {
    std::string other = cursor;
    other[i] = other[i] == '0' ? '1' : '0';
    if (other != cursor) CHECK(code(accounts().list({}, other, 3)) == Errc::field_invalid);
    if (i > 0) CHECK(code(accounts().list({}, cursor.substr(0, i), 3)) == Errc::field_invalid);
  }
  CHECK(code(accounts().list({}, to_text(ann.id), 3)) == Errc::field_invalid);
  CHECK(code(accounts().list({}, {}, 0)) == Errc::field_invalid);
  CHECK(code(accounts().list({}, {}, 201)) == Errc::field_invalid);
}
