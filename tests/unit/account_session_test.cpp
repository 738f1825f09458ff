#include "unit/account_fixture.hpp"

#include <doctest/doctest.h>

using namespace authkit;
using namespace authkit::test;
using namespace std::chrono_literals;

TEST_CASE_FIXTURE(Fixture, "a refresh gives a new pair with what the account is now, and leaves no event") {
  const Grant first = log_in();
  change([](Account& account) { account.roles = {"admin"}; });
  const auto before = events(stores).size();
  clock->advance(1min);
  const Grant second = accounts().refresh(first.session_secret).value();
  CHECK(second.rotated);
  CHECK(second.session.id == first.session.id);
  CHECK(second.session.generation == 1);
  CHECK(second.account.id == ann.id);
  CHECK(second.account.password_hash.empty());
  CHECK(second.access_token != first.access_token);
  CHECK(second.access_expires_at == clock->now() + 15min);
  CHECK(service->tokens->verify(second.access_token).value().has_role("admin"));
  CHECK(service->tokens->verify(second.access_token).value().auth_time() == first.session.auth_time);
  CHECK(accounts().authenticate(first.access_token));  // lives until it expires
  CHECK(events(stores).size() == before);
}

TEST_CASE_FIXTURE(Fixture, "a repeated refresh in the window gets the same successor and a fresh access token") {
  const Grant first = log_in();
  const Grant second = accounts().refresh(first.session_secret).value();
  clock->advance(10s);
  const Grant repeat = accounts().refresh(first.session_secret).value();
  CHECK_FALSE(repeat.rotated);
  CHECK(repeat.session_secret == second.session_secret);
  CHECK(repeat.access_token != second.access_token);
  CHECK(accounts().refresh(second.session_secret).value().rotated);
}

TEST_CASE_FIXTURE(Fixture, "an old refresh token ends the session for whoever holds it, and is reported once") {
  const Grant first = log_in();
  const Grant other = log_in();
  const Grant second = accounts().refresh(first.session_secret).value();
  clock->advance(11s);
  CHECK(code(accounts().refresh(first.session_secret)) == Errc::refresh_token_reused);
  CHECK(code(accounts().refresh(first.session_secret)) == Errc::session_revoked);
  CHECK(code(accounts().refresh(second.session_secret)) == Errc::session_revoked);
  CHECK(code(accounts().authenticate(second.access_token)) == Errc::token_revoked);
  CHECK(code(accounts().authenticate(first.access_token)) == Errc::token_revoked);
  CHECK(accounts().authenticate(other.access_token));
  CHECK(accounts().refresh(other.session_secret));

  const auto reported = events(stores, "session.reuse_detected");
  REQUIRE(reported.size() == 1);
  CHECK(reported[0].subject == to_text(ann.id));
  CHECK(reported[0].actor.empty());
  CHECK_FALSE(reported[0].success);
  CHECK(reported[0].data == R"({"session":")" + to_text(first.session.id) + R"("})");
}

TEST_CASE_FIXTURE(Fixture, "what is no refresh token is refused as one") {
  const Grant grant = log_in();
  for (const auto& text :
       {std::string(), std::string("x"), grant.access_token, grant.session_secret + "A", log_in(Transport::cookie).session_secret}) {
    CHECK(code(accounts().refresh(text)) == Errc::refresh_token_invalid);
  }
  clock->advance(7 * 24h);
  CHECK(code(accounts().refresh(grant.session_secret)) == Errc::refresh_token_expired);
}

TEST_CASE_FIXTURE(Fixture, "a refresh reads the account itself, never a cache") {
  const Grant grant = log_in();
  REQUIRE(accounts().me(identity(grant)));
  SUBCASE("disabled") {
    change([](Account& account) { account.status = AccountStatus::disabled; });
  }
  SUBCASE("pending") {
    change([](Account& account) { account.status = AccountStatus::pending; });
  }
  SUBCASE("epoch") {
    change([](Account& account) { ++account.auth_epoch; });
  }
  SUBCASE("gone") {
    REQUIRE(in_transaction(*stores.work, {}, [&](Tx& tx) { return stores.accounts->erase(tx, ann.id); }).value());
  }
  CHECK(code(accounts().refresh(grant.session_secret)) == Errc::session_revoked);
  CHECK(count_sessions(stores, ann.id, clock->now()) == 0);
  CHECK(code(accounts().authenticate(grant.access_token)) == Errc::token_revoked);
}

TEST_CASE_FIXTURE(Fixture, "a logout ends the session and its tokens at once, here, and elsewhere with the feed") {
  const auto elsewhere = another();
  const Grant grant = log_in();
  const Grant other = log_in();
  REQUIRE(elsewhere->accounts.authenticate(grant.access_token));
  REQUIRE(accounts().log_out(identity(grant)));
  CHECK(code(accounts().authenticate(grant.access_token)) == Errc::token_revoked);
  CHECK(code(accounts().refresh(grant.session_secret)) == Errc::session_revoked);
  CHECK(code(elsewhere->accounts.refresh(grant.session_secret)) == Errc::session_revoked);
  CHECK(elsewhere->accounts.authenticate(grant.access_token));  // within the bound
  REQUIRE(elsewhere->revocations->poll());
  CHECK(code(elsewhere->accounts.authenticate(grant.access_token)) == Errc::token_revoked);
  CHECK(elsewhere->accounts.authenticate(other.access_token));
  CHECK(events(stores, "session.ended").size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "an instance that did not read the feed in time asks before it answers") {
  const auto elsewhere = another();
  const Grant grant = log_in();
  REQUIRE(accounts().log_out(identity(grant)));
  clock->advance(setup.revocation.staleness_bound + 1ms);
  CHECK(code(elsewhere->accounts.authenticate(grant.access_token)) == Errc::token_revoked);
}

TEST_CASE_FIXTURE(Fixture, "logging out twice is no error and one event") {
  const Grant grant = log_in();
  const Identity who = identity(grant);
  CHECK(accounts().log_out(who));
  CHECK(accounts().log_out(who));
  CHECK(accounts().log_out_session(grant.session_secret, Transport::bearer));
  CHECK(events(stores, "session.ended").size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "logging out the others leaves this session alone") {
  const Grant mine = log_in();
  const Grant other = log_in();
  const Grant cookie = log_in(Transport::cookie);
  REQUIRE(accounts().log_out(identity(mine), LogoutScope::others));
  CHECK(accounts().authenticate(mine.access_token));
  CHECK(accounts().refresh(mine.session_secret));
  CHECK(code(accounts().authenticate(other.access_token)) == Errc::token_revoked);
  CHECK(code(accounts().refresh(other.session_secret)) == Errc::session_revoked);
  CHECK(code(accounts().authenticate_cookie(cookie.session_secret)) == Errc::session_revoked);
  REQUIRE(events(stores, "session.ended").size() == 1);
  CHECK(events(stores, "session.ended")[0].data == R"({"scope":"others","sessions":2})");
}

TEST_CASE_FIXTURE(Fixture, "logging out everywhere raises the epoch and ends all, later logins not") {
  const Grant mine = log_in();
  const Grant other = log_in();
  const Grant cookie = log_in(Transport::cookie);
  REQUIRE(accounts().log_out(identity(mine), LogoutScope::all));
  for (const Grant* grant : {&mine, &other}) {
    CHECK(code(accounts().authenticate(grant->access_token)) == Errc::token_revoked);
    CHECK(code(accounts().refresh(grant->session_secret)) == Errc::session_revoked);
  }
  CHECK(code(accounts().authenticate_cookie(cookie.session_secret)) == Errc::session_revoked);
  CHECK(stored().auth_epoch == 2);
  const Grant later = log_in();
  CHECK(identity(later).epoch == 2);
  CHECK(accounts().me(identity(later)));
  CHECK(accounts().refresh(later.session_secret));
}

TEST_CASE_FIXTURE(Fixture, "a refresh token or cookie is enough to log out, also when it has expired") {
  for (const auto transport : {Transport::bearer, Transport::cookie}) {
    const Grant grant = log_in(transport);
    const Grant expired = log_in(transport);
    const auto other_transport = transport == Transport::bearer ? Transport::cookie : Transport::bearer;
    CHECK(code(accounts().log_out_session(grant.session_secret, other_transport)) == Errc::refresh_token_invalid);
    CHECK(code(accounts().log_out_session(grant.session_secret.substr(1), transport)) == Errc::refresh_token_invalid);
    CHECK(accounts().log_out_session(grant.session_secret, transport));
    CHECK(code(accounts().log_out_session(grant.session_secret, transport, LogoutScope::all)) == Errc::session_revoked);

    clock->advance(8 * 24h);
    CHECK(accounts().log_out_session(expired.session_secret, transport));
    CHECK_FALSE(stores.sessions->find(expired.session.id, {}).value());
  }
  CHECK(stored().auth_epoch == 1);
}

TEST_CASE_FIXTURE(Fixture, "a logout by refresh token reaches an access token whose session was purged") {
  const Grant grant = log_in();
  REQUIRE(in_transaction(*stores.work, {}, [&](Tx& tx) { return stores.sessions->erase(tx, grant.session.id); }).value());
  REQUIRE(accounts().authenticate(grant.access_token));
  CHECK(accounts().log_out_session(grant.session_secret, Transport::bearer));
  CHECK(code(accounts().authenticate(grant.access_token)) == Errc::token_revoked);
  const auto entries = service->revocations->size();
  CHECK(accounts().log_out_session(grant.session_secret, Transport::bearer));
  CHECK(service->revocations->size() == entries);
}

TEST_CASE_FIXTURE(Fixture, "the host may refuse a logout and a refresh, and hears of those that happened") {
  const Grant grant = log_in();
  bool refuse = true;
  std::vector<std::string> called;
  setup.hooks.before = [&](std::string_view, const Account& account, const Context&) -> Result<void> {
    CHECK(account.password_hash.empty());
    return refuse ? Result<void>(Errc::conflict) : Result<void>();
  };
  setup.hooks.after = [&](std::string_view flow, const Account& account, const Context&) {
    CHECK(account.password_hash.empty());
    called.emplace_back(flow);
  };
  reopen();
  CHECK(code(accounts().refresh(grant.session_secret)) == Errc::refused_by_host);
  CHECK(code(accounts().log_out(identity(grant))) == Errc::refused_by_host);
  CHECK(accounts().authenticate(grant.access_token));
  CHECK(called.empty());
  refuse = false;
  CHECK(accounts().refresh(grant.session_secret).value().session.generation == 1);
  CHECK(accounts().log_out(identity(grant)));
  CHECK(called == std::vector<std::string>{"refresh", "logout"});
}

TEST_CASE_FIXTURE(Fixture, "a cookie authenticates while its session, its account and its epoch live") {
  const Grant grant = log_in(Transport::cookie);
  const Identity who = accounts().authenticate_cookie(grant.session_secret).value();
  CHECK(who.user == ann.id);
  CHECK(who.session == grant.session.id);
  CHECK(who.token.is_nil());
  CHECK(who.expires_at == grant.session.idle_expires_at);
  CHECK(accounts().me(who).value()->id == ann.id);
  CHECK(code(accounts().authenticate_cookie(log_in().session_secret)) == Errc::refresh_token_invalid);
  REQUIRE(accounts().log_out(who));
  CHECK(code(accounts().authenticate_cookie(grant.session_secret)) == Errc::session_revoked);

  const Grant next = log_in(Transport::cookie);
  CHECK(next.session.id != grant.session.id);
  CHECK(next.session_secret != grant.session_secret);
  clock->advance(7 * 24h);
  CHECK(code(accounts().authenticate_cookie(next.session_secret)) == Errc::refresh_token_expired);
}

TEST_CASE_FIXTURE(Fixture, "an access token authenticates without reading a store, until it expires") {
  const Grant grant = log_in();
  memory.accounts->down = true;
  memory.sessions->down = true;
  memory.work->failing_begins = 1000;
  CHECK(accounts().authenticate(grant.access_token));
  clock->advance(15min + 31s);
  REQUIRE(service->revocations->poll());
  CHECK(code(accounts().authenticate(grant.access_token)) == Errc::token_expired);
  CHECK(code(accounts().authenticate(grant.session_secret)) == Errc::invalid_token);
}
