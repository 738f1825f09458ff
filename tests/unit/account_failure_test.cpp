#include "core/random.hpp"
#include "unit/account_fixture.hpp"

#include <doctest/doctest.h>

using namespace authkit;
using namespace authkit::test;
using namespace std::chrono_literals;

namespace {

/// Everything that a flow could have changed.
struct State {
  std::size_t sessions, events, entries;
  Account account;

  explicit State(Fixture& f)
      : sessions(count_sessions(f.stores, f.ann.id, f.clock->now())),
        events(test::events(f.stores).size()),
        entries(f.stores.revocations->since({}, 1000, {}).value().entries.size()),
        account(f.stored()) {}
  bool operator==(const State& o) const {
    return sessions == o.sessions && events == o.events && entries == o.entries && account.version == o.account.version &&
           account.auth_epoch == o.account.auth_epoch && account.status == o.account.status && account.last_login_at == o.account.last_login_at &&
           account.password_hash == o.account.password_hash;
  }
};

/// Fails one draw of random bytes after another until `flow` has none left to fail; how many it draws.
template <class Flow>
unsigned fail_each_draw(Fixture& f, Flow flow) {
  for (unsigned draws = 0;; ++draws) {
    REQUIRE(draws < 20);
    const State before(f);
    fail_random_for_tests(1, draws);
    const Errc result = flow();
    fail_random_for_tests(0);
    if (result == Errc{}) return draws;
    CHECK(result == Errc::random_unavailable);
    CHECK(State(f) == before);
  }
}

/// Makes each unit of work of `flow` fail, at its begin and at its commit.
template <class Flow>
void fail_each_unit(Fixture& f, Flow flow) {
  for (auto* failing : {&f.memory.work->failing_begins, &f.memory.work->failing_commits}) {
    const State before(f);
    *failing = 1;
    CHECK(flow() == Errc::store_unavailable);
    CHECK(*failing == 0);
    CHECK(State(f) == before);
  }
  const State before(f);
  f.memory.work->conflicts = 3;
  CHECK(flow() == Errc::store_conflict);
  CHECK(f.memory.work->conflicts == 0);
  CHECK(State(f) == before);
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "when the random source fails no flow hands out or stores anything (CVE-2025-66630)") {
  SUBCASE("sign-up") {
    CHECK(fail_each_draw(*this, [&] { return code(accounts().sign_up(registration("new@example.org"))); }) == 3);
    CHECK(accounts().find("new@example.org"));
  }
  SUBCASE("bearer login") {
    CHECK(fail_each_draw(*this, [&] { return code(accounts().log_in(login("ann"))); }) == 4);
  }
  SUBCASE("cookie login") {
    CHECK(fail_each_draw(*this, [&] { return code(accounts().log_in(login("ann", password, Transport::cookie))); }) == 3);
  }
  SUBCASE("refresh") {
    const Grant grant = log_in();
    CHECK(fail_each_draw(*this, [&] { return code(accounts().refresh(grant.session_secret)); }) == 1);
  }
  SUBCASE("logout") {
    const Identity who = identity(log_in());
    for (const auto scope : {LogoutScope::others, LogoutScope::current, LogoutScope::all}) {
      (void)log_in();
      CHECK(fail_each_draw(*this, [&] { return code(accounts().log_out(who, scope)); }) == 1);
    }
  }
  SUBCASE("status") {
    CHECK(fail_each_draw(*this, [&] { return code(accounts().set_status(ann.id, AccountStatus::disabled, "system")); }) == 1);
  }
}

TEST_CASE_FIXTURE(Fixture, "a failed login that cannot be recorded tells nothing about the guess") {
  for (const char* name : {"ann", "nobody"}) {
    fail_each_unit(*this, [&] { return code(accounts().log_in(login(name, wrong_password))); });
  }
  fail_each_unit(*this, [&] { return code(accounts().log_in(login("ann"))); });
}

TEST_CASE_FIXTURE(Fixture, "a store that fails consumes nothing") {
  const Grant grant = log_in();
  SUBCASE("sign-up") {
    fail_each_unit(*this, [&] { return code(accounts().sign_up(registration("new@example.org"))); });
    CHECK(accounts().sign_up(registration("new@example.org")));
  }
  SUBCASE("create") {
    NewAccount wanted;
    wanted.email = "new@example.org";
    wanted.password = password;
    fail_each_unit(*this, [&] { return code(accounts().create(wanted)); });
    CHECK(accounts().create(wanted));
  }
  SUBCASE("refresh") {
    fail_each_unit(*this, [&] { return code(accounts().refresh(grant.session_secret)); });
    CHECK(accounts().refresh(grant.session_secret).value().session.generation == 1);
  }
  SUBCASE("status") {
    fail_each_unit(*this, [&] { return code(accounts().set_status(ann.id, AccountStatus::disabled, "system")); });
    CHECK(accounts().me(identity(grant)));
    CHECK(accounts().set_status(ann.id, AccountStatus::disabled, "system"));
  }
}

TEST_CASE_FIXTURE(Fixture, "a logout that the store cannot take is no success, and is refused here all the same") {
  const auto elsewhere = another();
  for (const auto scope : {LogoutScope::current, LogoutScope::all, LogoutScope::others}) {
    const Grant grant = log_in();
    const Identity who = identity(grant);
    fail_each_unit(*this, [&] { return code(accounts().log_out(who, scope)); });
    CHECK(code(accounts().authenticate(grant.access_token)) == Errc::token_revoked);
    CHECK(code(accounts().refresh(grant.session_secret)) == Errc::session_revoked);
    CHECK(elsewhere->accounts.authenticate(grant.access_token));  // it has not ended: what the caller was told
    CHECK(accounts().log_out(who, LogoutScope::all));
    REQUIRE(elsewhere->revocations->poll());
    CHECK(code(elsewhere->accounts.authenticate(grant.access_token)) == Errc::token_revoked);
  }
}

TEST_CASE_FIXTURE(Fixture, "a logout by secret that the store cannot take is no success either") {
  const Grant bearer = log_in();
  const Grant cookie = log_in(Transport::cookie);
  const auto log_out = [&](const Grant& grant) { return code(accounts().log_out_session(grant.session_secret, grant.session.transport)); };
  SUBCASE("writes fail") {
    for (const Grant* grant : {&bearer, &cookie}) fail_each_unit(*this, [&] { return log_out(*grant); });
  }
  SUBCASE("reads fail") {
    memory.sessions->down = true;
    for (const Grant* grant : {&bearer, &cookie}) CHECK(log_out(*grant) == Errc::store_unavailable);
    memory.sessions->down = false;
  }
  CHECK(count_sessions(stores, ann.id, clock->now()) == 2);
  CHECK(code(accounts().authenticate(bearer.access_token)) == Errc::token_revoked);
  CHECK(code(accounts().authenticate_cookie(cookie.session_secret)) == Errc::session_revoked);
  for (const Grant* grant : {&bearer, &cookie}) CHECK(log_out(*grant) == Errc{});
  CHECK(count_sessions(stores, ann.id, clock->now()) == 0);
}

TEST_CASE_FIXTURE(Fixture, "reuse that cannot be acted on is not reported as done, and the session is refused here") {
  const Grant first = log_in();
  const Grant second = accounts().refresh(first.session_secret).value();
  clock->advance(11s);
  memory.sessions->erase_fails = true;
  CHECK(code(accounts().refresh(first.session_secret)) == Errc::store_unavailable);
  CHECK(code(accounts().authenticate(second.access_token)) == Errc::token_revoked);
  CHECK(events(stores, "session.reuse_detected").empty());
  memory.sessions->erase_fails = false;
  CHECK(code(another()->accounts.refresh(first.session_secret)) == Errc::refresh_token_reused);
  CHECK(events(stores, "session.reuse_detected").size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "when the stores cannot be read, no verdict is made up") {
  const Grant bearer = log_in();
  const Grant cookie = log_in(Transport::cookie);
  SUBCASE("accounts") {
    memory.accounts->down = true;
    const auto runs = service->passwords->kdf_runs();
    CHECK(code(accounts().log_in(login("ann"))) == Errc::store_unavailable);
    CHECK(service->passwords->kdf_runs() == runs);
    CHECK(code(accounts().find("ann")) == Errc::store_unavailable);
    CHECK(code(accounts().set_status(ann.id, AccountStatus::disabled, "system")) == Errc::store_unavailable);
    CHECK(code(accounts().refresh(bearer.session_secret)) == Errc::store_unavailable);
    CHECK(code(accounts().authenticate_cookie(cookie.session_secret)) == Errc::store_unavailable);
    memory.accounts->down = false;
  }
  SUBCASE("sessions") {
    memory.sessions->down = true;
    CHECK(code(accounts().refresh(bearer.session_secret)) == Errc::store_unavailable);
    CHECK(code(accounts().authenticate_cookie(cookie.session_secret)) == Errc::store_unavailable);
    memory.sessions->down = false;
  }
  CHECK(accounts().refresh(bearer.session_secret).value().session.generation == 1);
  CHECK(accounts().authenticate_cookie(cookie.session_secret));
}
