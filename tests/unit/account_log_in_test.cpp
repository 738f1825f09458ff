#include "unit/account_fixture.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace authkit;
using namespace authkit::test;
using namespace std::chrono_literals;

namespace {

Context from(std::string address) {
  Context context;
  context.address = std::move(address);
  return context;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a login by address or user name, however spelled, starts a session of its own") {
  std::set<SessionId> ids;
  for (const char* name : {"ann", "ANN", "ann@example.org", "Ann@EXAMPLE.ORG"}) {
    const Grant grant = accounts().log_in(login(name), from("192.0.2.7")).value();
    CHECK(grant.account.id == ann.id);
    CHECK(grant.account.password_hash.empty());
    CHECK(grant.account.last_login_at == clock->now());
    CHECK(grant.session.user == ann.id);
    CHECK(grant.session.address == "192.0.2.7");
    CHECK(grant.session.amr == "pwd");
    CHECK(grant.access_expires_at == clock->now() + 15min);
    CHECK(ids.insert(grant.session.id).second);

    const Identity who = accounts().authenticate(grant.access_token).value();
    CHECK(who.user == ann.id);
    CHECK(who.session == grant.session.id);
    CHECK(who.epoch == 1);
  }
  CHECK(stored().last_login_at == clock->now());
  CHECK(accounts().sessions(ann.id).value().size() == 4);
  const auto made = events(stores, "session.created");
  REQUIRE(made.size() == 4);
  CHECK(made[0].actor == to_text(ann.id));
  CHECK(made[0].address == "192.0.2.7");
}

TEST_CASE_FIXTURE(Fixture, "an access token carries the account's roles and the host's claims") {
  setup.hooks.claims = [](const Account& account) { return R"({"plan":"gold","name":")" + account.username + R"("})"; };
  reopen();
  change([](Account& account) { account.roles = {"admin", "editor"}; });
  const Claims claims = service->tokens->verify(log_in().access_token).value();
  CHECK(claims.has_role("editor"));
  CHECK(claims.amr() == std::vector<std::string>{"pwd"});
  CHECK(claims.json().find(R"("plan":"gold")") != std::string_view::npos);
  CHECK(claims.json().find(R"("name":"Ann")") != std::string_view::npos);
}

TEST_CASE_FIXTURE(Fixture, "in cookie mode a login hands out a cookie and no token") {
  const Grant grant = log_in(Transport::cookie);
  CHECK(grant.access_token.empty());
  CHECK(grant.access_expires_at == Time{});
  CHECK(accounts().authenticate_cookie(grant.session_secret).value().session == grant.session.id);
  CHECK(code(accounts().refresh(grant.session_secret)) == Errc::refresh_token_invalid);
}

TEST_CASE_FIXTURE(Fixture, "every login that fails gives the same answer after the same work") {
  struct Case {
    const char* what;
    std::string name;
    std::string password;
    std::function<void(Account&)> edit;
    const char* reason;
  };
  const std::string broken = "$argon2id$v=19$m=64,t=1,p=1$AAAA";
  const Case cases[] = {
      {"wrong password", "ann", wrong_password, {}, "password"},
      {"empty password", "ann", "", {}, "password"},
      {"cut password", "ann", password.substr(0, password.size() - 1), {}, "password"},
      {"password with a NUL behind", "ann", password + '\0', {}, "password"},
      {"1,025 bytes", "ann", std::string(1025, 'x'), {}, "password"},
      {"65,537 bytes", "ann", std::string(65'537, 'x'), {}, "password"},
      {"unknown address", "bob@example.org", password, {}, "unknown"},
      {"unknown user name", "bob", password, {}, "unknown"},
      {"unknown, 1,025 bytes", "bob", std::string(1025, 'x'), {}, "unknown"},
      {"unknown, empty password", "bob", "", {}, "unknown"},
      {"no login at all", "", password, {}, "unknown"},
      {"what can be no login", "a b\r\n@@", password, {}, "unknown"},
      {"NUL behind the name", std::string("ann\0", 4), password, {}, "unknown"},
      {"a huge login", std::string(100'000, 'a'), password, {}, "unknown"},
      {"disabled", "ann", password, [](Account& a) { a.status = AccountStatus::disabled; }, "not_active"},
      {"disabled, wrong password", "ann", wrong_password, [](Account& a) { a.status = AccountStatus::disabled; }, "password"},
      {"pending, wrong password", "ann", wrong_password, [](Account& a) { a.status = AccountStatus::pending; }, "password"},
      {"deleted", "ann", password, [](Account& a) { a.status = AccountStatus::deleted; }, "not_active"},
      {"no password", "ann", "", [](Account& a) { a.password_hash.clear(); }, "no_password"},
      {"no password, some given", "ann", password, [](Account& a) { a.password_hash.clear(); }, "no_password"},
      {"unusable by mark", "ann", "", [](Account& a) { a.password_hash = "!"; }, "password"},
      {"broken hash", "ann", password, [&](Account& a) { a.password_hash = broken; }, "hash_invalid"},
      {"huge hash", "ann", password, [](Account& a) { a.password_hash = std::string(1 << 20, '$'); }, "hash_invalid"},
  };
  const Account whole = stored();
  for (const Case& c : cases) {
    CAPTURE(c.what);
    if (c.edit) change(c.edit);
    const auto runs = service->passwords->kdf_runs();
    const auto before = events(stores, "login.failed").size();
    const auto result = accounts().log_in(login(c.name, c.password));
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Errc::invalid_credentials);
    CHECK(result.error().detail.empty());
    CHECK(service->passwords->kdf_runs() == runs + 1);

    const auto failed = events(stores, "login.failed");
    REQUIRE(failed.size() == before + 1);
    CHECK_FALSE(failed[0].success);
    CHECK(failed[0].actor.empty());
    CHECK(failed[0].subject == (std::string_view(c.reason) == "unknown" ? "" : to_text(ann.id)));
    CHECK(failed[0].data == std::string(R"({"reason":")") + c.reason + R"("})");
    if (c.edit) change([&](Account& a) { a.status = whole.status, a.password_hash = whole.password_hash; });
  }
  CHECK(accounts().sessions(ann.id).value().empty());
  CHECK(accounts().log_in(login("ann")));
}

TEST_CASE_FIXTURE(Fixture, "after five failures even the right password waits, from this address only") {
  setup.limit = LimitOptions{};
  reopen();
  // However the account is named: by one count.
  for (const char* name : {"ann", "ANN", "ann@example.org", "Ann@EXAMPLE.org", "aNN"}) {
    CHECK(code(accounts().log_in(login(name, wrong_password), from("192.0.2.1"))) == Errc::invalid_credentials);
  }
  const auto runs = service->passwords->kdf_runs();
  for (const char* name : {"ann", "ann@example.org"}) {
    const auto limited = accounts().log_in(login(name), from("192.0.2.1"));
    REQUIRE(code(limited) == Errc::rate_limited);
    CHECK(limited.error().retry_after > 0ms);
    CHECK(limited.error().retry_after <= 3min);
  }
  CHECK(service->passwords->kdf_runs() == runs);
  CHECK(events(stores, "login.failed").size() == 5);

  CHECK(accounts().log_in(login("ann"), from("192.0.2.2")));
  clock->advance(3min);
  CHECK(accounts().log_in(login("ann"), from("192.0.2.1")));
}

TEST_CASE_FIXTURE(Fixture, "a device that has logged in before is let in although others guess, and is guessed from apart") {
  setup.limit = LimitOptions{};
  reopen();
  Login mine = login("ann");
  mine.device_token = accounts().log_in(mine, from("192.0.2.1")).value().device_token;
  CHECK_FALSE(mine.device_token.empty());
  for (int i = 0; i < 60; ++i) static_cast<void>(accounts().log_in(login("ann", wrong_password), from("198.51.100." + std::to_string(i % 20))));
  CHECK(code(accounts().log_in(login("ann"), from("203.0.113.1"))) == Errc::rate_limited);
  CHECK(accounts().log_in(mine, from("203.0.113.1")).value().device_token == mine.device_token);
  Login guess = mine;
  guess.password = wrong_password;
  for (int i = 0; i < 5; ++i) CHECK(code(accounts().log_in(guess, from("203.0.113.1"))) == Errc::invalid_credentials);
  CHECK(code(accounts().log_in(mine, from("203.0.113.1"))) == Errc::rate_limited);
  // Another account's token is none.
  accounts().sign_up(registration("bob@example.org")).value();
  Login other = login("bob@example.org");
  other.device_token = mine.device_token;
  CHECK(accounts().log_in(other, from("203.0.113.2")).value().device_token != mine.device_token);
}

TEST_CASE_FIXTURE(Fixture, "one account cannot be guessed at from many addresses without end") {
  setup.limit = LimitOptions{};
  reopen();
  int looked_at = 0;
  Result<Grant> last = Errc::internal;
  for (int i = 0; i < 100; ++i) {
    last = accounts().log_in(login("ann", wrong_password), from("198.51.100." + std::to_string(i)));
    if (code(last) == Errc::invalid_credentials) ++looked_at;
  }
  CHECK(looked_at == 50);
  CHECK(code(last) == Errc::rate_limited);
}

TEST_CASE_FIXTURE(Fixture, "an unknown name is limited exactly like a known one") {
  setup.limit = LimitOptions{};
  reopen();
  for (const char* name : {"ann", "nobody", "no body"}) {
    std::vector<Errc> answers;
    for (int i = 0; i < 7; ++i) answers.push_back(code(accounts().log_in(login(name, wrong_password), from("192.0.2.1"))));
    CHECK(answers == std::vector<Errc>{Errc::invalid_credentials, Errc::invalid_credentials, Errc::invalid_credentials, Errc::invalid_credentials,
                                       Errc::invalid_credentials, Errc::rate_limited, Errc::rate_limited});
  }
}

TEST_CASE_FIXTURE(Fixture, "a login that succeeds does not count against the limit") {
  setup.limit = LimitOptions{};
  reopen();
  for (int i = 0; i < 20; ++i) CHECK(accounts().log_in(login("ann"), from("192.0.2.1")));
  for (int i = 0; i < 4; ++i) CHECK(code(accounts().log_in(login("ann", wrong_password), from("192.0.2.1"))) == Errc::invalid_credentials);
  CHECK(accounts().log_in(login("ann"), from("192.0.2.1")));
}

TEST_CASE_FIXTURE(Fixture, "a login stores a better hash when the cost has risen, once") {
  const std::string old_hash = stored().password_hash;
  setup.password.passes = 2;
  reopen();
  CHECK(accounts().log_in(login("ann")));
  const Account renewed = stored();
  CHECK(renewed.password_hash != old_hash);
  CHECK(renewed.version == 2);
  CHECK(renewed.password_changed_at == ann.password_changed_at);
  CHECK(accounts().log_in(login("ann")));
  CHECK(stored().password_hash == renewed.password_hash);
}

TEST_CASE_FIXTURE(Fixture, "a better hash never overwrites a change that came in between") {
  setup.password.passes = 2;
  setup.hooks.before = [&](std::string_view, const Account&, const Context&) {
    change([](Account& account) { account.password_hash = "!changed"; });
    return Result<void>();
  };
  reopen();
  CHECK(accounts().log_in(login("ann")));
  CHECK(stored().password_hash == "!changed");
}

TEST_CASE_FIXTURE(Fixture, "the host may refuse a login after the right password: nothing is stored and nothing counts") {
  setup.limit = LimitOptions{};
  std::vector<std::string> called;
  setup.hooks.before = [&](std::string_view flow, const Account& account, const Context& context) -> Result<void> {
    called.push_back(std::string(flow) + " " + account.username + " " + context.request_id);
    CHECK(account.password_hash.empty());
    return Error{Errc::not_found, "not from here"};
  };
  setup.hooks.after = [&](std::string_view, const Account&, const Context&) { called.push_back("after"); };
  reopen();
  const auto before = events(stores).size();
  Context context = from("192.0.2.1");
  context.request_id = "r1";
  for (int i = 0; i < 10; ++i) {
    const auto refused = accounts().log_in(login("ann"), context);
    REQUIRE(code(refused) == Errc::refused_by_host);
    CHECK(refused.error().detail == "not from here");
  }
  CHECK(code(accounts().log_in(login("ann", wrong_password), context)) == Errc::invalid_credentials);
  CHECK(called.size() == 10);
  CHECK(called[0] == "login Ann r1");
  CHECK(accounts().sessions(ann.id).value().empty());
  CHECK_FALSE(stored().last_login_at);
  CHECK(events(stores).size() == before + 1);  // the wrong password
}

TEST_CASE_FIXTURE(Fixture, "an account that is disabled while its password is being checked gets nothing that works") {
  setup.hooks.before = [&](std::string_view, const Account&, const Context&) -> Result<void> {
    REQUIRE(accounts().set_status(ann.id, AccountStatus::disabled, "system"));
    return {};
  };
  reopen();
  SUBCASE("bearer") {
    const Grant grant = log_in();
    CHECK(code(accounts().authenticate(grant.access_token)) == Errc::token_revoked);
    setup.hooks = {};
    reopen();
    CHECK(code(accounts().refresh(grant.session_secret)) == Errc::session_revoked);
    REQUIRE(accounts().set_status(ann.id, AccountStatus::active, "system"));
    CHECK(code(accounts().refresh(grant.session_secret)) == Errc::session_revoked);
  }
  SUBCASE("cookie") {
    const Grant grant = log_in(Transport::cookie);
    CHECK(code(accounts().authenticate_cookie(grant.session_secret)) == Errc::session_revoked);
    REQUIRE(accounts().set_status(ann.id, AccountStatus::active, "system"));
    CHECK(code(accounts().authenticate_cookie(grant.session_secret)) == Errc::session_revoked);
  }
}

TEST_CASE_FIXTURE(Fixture, "an account that is erased while its password is being checked is unknown") {
  setup.hooks.before = [&](std::string_view, const Account&, const Context&) -> Result<void> {
    REQUIRE(in_transaction(*stores.work, {}, [&](Tx& tx) { return stores.accounts->erase(tx, ann.id); }).value());
    return {};
  };
  reopen();
  CHECK(code(accounts().log_in(login("ann"))) == Errc::invalid_credentials);
  CHECK(accounts().sessions(ann.id).value().empty());
}
