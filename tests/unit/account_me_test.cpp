#include "unit/account_fixture.hpp"

#include <doctest/doctest.h>

using namespace authkit;
using namespace authkit::test;
using namespace std::chrono_literals;

TEST_CASE_FIXTURE(Fixture, "me is answered from memory until the record's age is over") {
  const Identity who = identity(log_in());
  CHECK(accounts().me(who).value()->username == "Ann");
  const int reads = memory.accounts->reads;
  for (int i = 0; i < 100; ++i) CHECK(accounts().me(who).value()->password_hash.empty());
  CHECK(memory.accounts->reads == reads);
  clock->advance(setup.cache_age + 1ms);
  CHECK(accounts().me(who));
  CHECK(memory.accounts->reads == reads + 1);
}

TEST_CASE_FIXTURE(Fixture, "an account that is disabled is seen at once here, elsewhere with the feed") {
  const auto elsewhere = another();
  const Grant grant = log_in();
  const Identity who = identity(grant);
  REQUIRE(accounts().me(who));
  REQUIRE(elsewhere->accounts.me(who));

  const Account disabled = accounts().set_status(ann.id, AccountStatus::disabled, "admin-1").value();
  CHECK(disabled.status == AccountStatus::disabled);
  CHECK(disabled.auth_epoch == 2);
  CHECK(disabled.password_hash.empty());
  CHECK(disabled.version == stored().version);
  CHECK(code(accounts().me(who)) == Errc::session_revoked);
  CHECK(code(accounts().authenticate(grant.access_token)) == Errc::token_revoked);
  CHECK(code(accounts().log_in(login("ann"))) == Errc::invalid_credentials);
  CHECK(count_sessions(stores, ann.id, clock->now()) == 0);
  CHECK(events(stores, "user.disabled").at(0).actor == "admin-1");

  CHECK(elsewhere->accounts.me(who));  // within the bound
  REQUIRE(elsewhere->revocations->poll());
  CHECK(code(elsewhere->accounts.me(who)) == Errc::session_revoked);
  CHECK(code(elsewhere->accounts.authenticate(grant.access_token)) == Errc::token_revoked);
}

TEST_CASE_FIXTURE(Fixture, "a change that no feed told of is seen within the record's age") {
  const Identity who = identity(log_in());
  REQUIRE(accounts().me(who));
  change([](Account& account) { account.status = AccountStatus::disabled; });
  clock->advance(setup.cache_age);
  CHECK(accounts().me(who));
  clock->advance(1ms);
  CHECK(code(accounts().me(who)) == Errc::session_revoked);
}

TEST_CASE_FIXTURE(Fixture, "an enabled account starts anew: nothing of before comes back") {
  const Grant grant = log_in();
  const Identity who = identity(grant);
  REQUIRE(accounts().set_status(ann.id, AccountStatus::disabled, "system"));
  REQUIRE(accounts().set_status(ann.id, AccountStatus::active, "system"));
  CHECK(code(accounts().authenticate(grant.access_token)) == Errc::token_revoked);
  CHECK(code(accounts().refresh(grant.session_secret)) == Errc::session_revoked);
  CHECK(code(accounts().me(who)) == Errc::session_revoked);
  CHECK(accounts().me(identity(log_in())));
  CHECK(events(stores, "user.enabled").size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a status is set once, for accounts that exist, and to nothing else than active or disabled") {
  REQUIRE(accounts().set_status(ann.id, AccountStatus::disabled, "system"));
  CHECK(accounts().set_status(ann.id, AccountStatus::disabled, "system").value().auth_epoch == 2);
  CHECK(events(stores, "user.disabled").size() == 1);
  CHECK(code(accounts().set_status(UserId{}, AccountStatus::disabled, "system")) == Errc::not_found);
  CHECK(code(accounts().set_status(ann.id, AccountStatus::deleted, "system")) == Errc::invalid_argument);
  CHECK(code(accounts().set_status(ann.id, AccountStatus::pending, "system")) == Errc::invalid_argument);
  change([](Account& account) { account.status = AccountStatus::deleted; });
  CHECK(code(accounts().set_status(ann.id, AccountStatus::active, "system")) == Errc::not_found);
}

TEST_CASE_FIXTURE(Fixture, "an epoch that has passed is refused, one that the cache has not seen yet is looked up") {
  const Identity who = identity(log_in());
  REQUIRE(accounts().me(who));
  change([](Account& account) { ++account.auth_epoch; });
  Identity newer = who;
  newer.epoch = 2;
  CHECK(accounts().me(newer).value()->auth_epoch == 2);
  CHECK(code(accounts().me(who)) == Errc::session_revoked);
}

TEST_CASE_FIXTURE(Fixture, "a read that was under way during a change does not keep the old record") {
  const Identity who = identity(log_in());
  // A store whose read is slow: the change commits between its reading and its return.
  struct Slow : FlakyAccounts {
    using FlakyAccounts::FlakyAccounts;
    std::function<void()> meanwhile;
    Result<std::optional<Account>> find(const UserId& id, const Context& context) override {
      auto found = FlakyAccounts::find(id, context);
      if (const auto run = std::exchange(meanwhile, {})) run();
      return found;
    }
  };
  const auto slow = std::make_shared<Slow>(memory.work);
  Account copy = stored();
  REQUIRE(in_transaction(*memory.work, {}, [&](Tx& tx) { return slow->insert(tx, copy); }));
  stores.accounts = slow;
  reopen();
  slow->meanwhile = [&] { REQUIRE(accounts().set_status(ann.id, AccountStatus::disabled, "system")); };
  CHECK(accounts().me(who));  // it was read before the change
  CHECK(code(accounts().me(who)) == Errc::session_revoked);
}

TEST_CASE_FIXTURE(Fixture, "me says so when the store cannot be read") {
  const Identity who = identity(log_in());
  memory.accounts->down = true;
  CHECK(code(accounts().me(who)) == Errc::store_unavailable);
  memory.accounts->down = false;
  CHECK(accounts().me(who));
  memory.accounts->down = true;
  CHECK(accounts().me(who));  // from memory
}
