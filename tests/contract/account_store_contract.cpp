#include "contract/samples.hpp"
#include "contract/suite.hpp"

#include <atomic>

using namespace authkit;
using namespace authkit::contract;

namespace {

Result<void> insert(Fixture& f, const Account& account) {
  return f.commit([&](Tx& tx) { return f.accounts().insert(tx, account); });
}

Result<bool> update(Fixture& f, const Account& account) {
  return f.commit([&](Tx& tx) { return f.accounts().update(tx, account); });
}

std::optional<Account> find(Fixture& f, const UserId& id) { return f.accounts().find(id, f.context()).value(); }
std::optional<Account> find_by_login(Fixture& f, std::string_view key) { return f.accounts().find_by_login(key, f.context()).value(); }

bool stored_as(Fixture& f, const Account& account) {
  const auto found = find(f, account.id);
  return found && same(*found, account);
}

Account with_username(std::uint64_t n, const std::string& name) {
  Account a = account(n);
  a.username = a.username_key = name;
  return a;
}

Account with_email_key(std::uint64_t n, const std::string& key) {
  Account a = account(n);
  a.email_key = key;
  return a;
}

}  // namespace

CONTRACT(AccountStore, "an account is found as it was inserted, by id, e-mail and user name") {
  const Account a = with_username(1, "ann");
  insert(f, a).value();
  insert(f, account(2)).value();
  CHECK(stored_as(f, a));
  CHECK(stored_as(f, account(2)));
  CHECK(same(find_by_login(f, a.email_key).value(), a));
  CHECK(same(find_by_login(f, "ann").value(), a));
  CHECK_FALSE(find(f, user(3)));
  CHECK_FALSE(find(f, UserId{}));
}

CONTRACT(AccountStore, "extreme values and hard texts come back unchanged") {
  Account full = with_username(1, "n");
  full.id.bytes.fill(0xff);
  full.status = AccountStatus::deleted;
  full.auth_epoch = std::numeric_limits<std::int64_t>::max();
  full.version = std::numeric_limits<std::int64_t>::max() - 1;
  full.roles.clear();
  full.password_hash.clear();
  full.password_history = {"$argon2id$one", "two\"'"};
  full.totp_factors = full.recovery_codes_left = std::numeric_limits<std::uint32_t>::max();
  full.profile = "{\"pad\":\"" + std::string(16 * 1024, 'p') + "\"}";
  full.created_at = Time{Duration{-1}};
  full.updated_at = end_of_time;
  full.password_changed_at = Time{};
  full.email_verified_at = Time{};
  full.last_login_at = end_of_time;
  full.deleted_at = Time{Duration{-1}};
  insert(f, full).value();
  CHECK(stored_as(f, full));

  for (std::size_t i = 0; i < hard_texts().size(); ++i) {
    CAPTURE(hard_text(i));
    const std::string unique = std::to_string(i);
    Account texts = account(10 + i);
    texts.status = static_cast<AccountStatus>(i % 4);
    texts.email = hard_text(i);
    texts.email_key = hard_text(i + 1) + unique;
    texts.username = hard_text(i + 2);
    texts.username_key = hard_text(i + 3) + unique;
    texts.password_hash = hard_text(i + 4);
    texts.profile = hard_text(i + 5);
    texts.roles = {"plain", hard_text(i), hard_text(i + 6), "last"};
    std::erase(texts.roles, "");
    insert(f, texts).value();
    CHECK(stored_as(f, texts));
    CHECK(same(find_by_login(f, texts.email_key).value(), texts));
    CHECK(same(find_by_login(f, texts.username_key).value(), texts));
  }
}

CONTRACT(AccountStore, "text with a NUL is refused, never cut") {
  insert(f, with_username(1, "a")).value();
  for (auto member : {&Account::email, &Account::email_key, &Account::username, &Account::username_key, &Account::password_hash, &Account::profile}) {
    Account bad = account(2);
    bad.*member = with_nul;
    CHECK(insert(f, bad).error().code == Errc::invalid_argument);
    CHECK_FALSE(find(f, bad.id));
    bad.id = user(1);
    CHECK(update(f, bad).error().code == Errc::invalid_argument);
  }
  Account bad = account(2);
  bad.roles = {"user", with_nul};
  CHECK(insert(f, bad).error().code == Errc::invalid_argument);
  CHECK_FALSE(find_by_login(f, with_nul));
  CHECK(stored_as(f, with_username(1, "a")));
}

CONTRACT(AccountStore, "a login is found by its exact key only") {
  insert(f, account(1)).value();
  insert(f, with_username(2, "bob")).value();
  insert(f, with_email_key(3, "")).value();
  for (const char* key : {"", "%", "_", "bo%", "bo_", "Bob", "BOB", " bob", "bob ", "bo", "bobb", "' OR '1'='1", "user1@example.or"}) {
    CAPTURE(key);
    CHECK_FALSE(find_by_login(f, key));
  }
  CHECK(find_by_login(f, "bob"));
}

CONTRACT(AccountStore, "an e-mail address goes before a user name that is spelled like it") {
  insert(f, with_username(1, account(2).email_key)).value();
  insert(f, account(2)).value();
  insert(f, with_username(3, account(2).email_key + "x")).value();
  CHECK(find_by_login(f, account(2).email_key)->id == user(2));
}

CONTRACT(AccountStore, "e-mail and user name are each one account's, with one error for each") {
  insert(f, with_username(1, "ann")).value();
  CHECK(insert(f, with_email_key(2, account(1).email_key)).error().code == Errc::email_taken);
  CHECK(insert(f, with_username(2, "ann")).error().code == Errc::username_taken);
  CHECK_FALSE(find(f, user(2)));

  insert(f, with_username(2, "bob")).value();
  CHECK(update(f, with_email_key(2, account(1).email_key)).error().code == Errc::email_taken);
  CHECK(update(f, with_username(2, "ann")).error().code == Errc::username_taken);
  CHECK(stored_as(f, with_username(1, "ann")));
  CHECK(stored_as(f, with_username(2, "bob")));
}

CONTRACT(AccountStore, "any number of accounts have no user name") {
  for (std::uint64_t n = 1; n <= 3; ++n) insert(f, account(n)).value();
  CHECK(update(f, account(2)).value());
  CHECK_FALSE(find_by_login(f, ""));
}

CONTRACT(AccountStore, "an id is used once") {
  insert(f, account(1)).value();
  CHECK_FALSE(insert(f, with_email_key(1, "other@example.org")));
  CHECK(stored_as(f, account(1)));
  CHECK_FALSE(find_by_login(f, "other@example.org"));
}

CONTRACT(AccountStore, "names that are given up can be taken") {
  insert(f, with_username(1, "ann")).value();
  Account renamed = with_username(1, "anna");
  renamed.email_key = "new@example.org";
  CHECK(update(f, renamed).value());
  CHECK_FALSE(find_by_login(f, "ann"));
  CHECK(find_by_login(f, "new@example.org")->id == user(1));
  Account second = with_username(2, "ann");
  second.email_key = account(1).email_key;
  insert(f, second).value();
  CHECK(find_by_login(f, "ann")->id == user(2));

  CHECK(f.commit([&](Tx& tx) { return f.accounts().erase(tx, user(2)); }).value());
  CHECK_FALSE(find_by_login(f, "ann"));
  insert(f, with_username(3, "ann")).value();
}

CONTRACT(AccountStore, "of 16 parallel inserts of one name exactly one wins, round after round") {
  for (std::uint64_t round = 0; round < 15; ++round) {
    const bool by_email = round % 2 == 0;
    const std::string name = "name" + std::to_string(round);
    const Errc taken = by_email ? Errc::email_taken : Errc::username_taken;
    std::atomic<int> winners = 0;
    std::atomic<std::uint64_t> winner = 0;
    in_parallel(16, [&](int thread) {
      const std::uint64_t n = 100 * (round + 1) + static_cast<std::uint64_t>(thread);
      const auto done = insert(f, by_email ? with_email_key(n, name) : with_username(n, name));
      if (done) {
        ++winners;
        winner = n;
      } else {
        CHECK(done.error().code == taken);
      }
    });
    CHECK(winners == 1);
    CHECK(find_by_login(f, name)->id == user(winner));
    CHECK(stored_as(f, by_email ? with_email_key(winner, name) : with_username(winner, name)));
  }
}

CONTRACT(AccountStore, "update replaces the record of its version and adds one") {
  insert(f, account(1)).value();
  insert(f, account(2)).value();
  Account a = with_username(1, "ann");
  a.email = "Other@Example.org";
  a.email_key = "other@example.org";
  a.password_hash = "$scrypt$x";
  a.status = AccountStatus::disabled;
  a.auth_epoch = 7;
  a.roles = {"admin", "user"};
  a.profile = R"({"a":"b"})";
  a.updated_at = a.password_changed_at = t0 + Duration{1};
  a.email_verified_at = a.last_login_at = a.deleted_at = t0 + Duration{2};
  CHECK(update(f, a).value());
  ++a.version;
  CHECK(stored_as(f, a));
  CHECK(stored_as(f, account(2)));

  a.email_verified_at = a.last_login_at = a.deleted_at = std::nullopt;
  a.roles.clear();
  CHECK(update(f, a).value());
  ++a.version;
  CHECK(stored_as(f, a));
}

CONTRACT(AccountStore, "update of another version or of none changes nothing") {
  Account a = account(1);
  a.version = 5;
  insert(f, a).value();
  for (const std::uint64_t version : {4U, 6U, 0U, 1U}) {
    Account stale = with_username(1, "stale");
    stale.version = version;
    CHECK_FALSE(update(f, stale).value());
  }
  CHECK(stored_as(f, a));
  CHECK_FALSE(update(f, account(2)).value());
  CHECK_FALSE(find(f, user(2)));
}

CONTRACT(AccountStore, "parallel updates lose nothing") {
  insert(f, account(1)).value();
  in_parallel(8, [&](int) {
    for (int done = 0; done < 10;) {
      Account a = *find(f, user(1));
      ++a.auth_epoch;
      if (update(f, a).value()) ++done;
    }
  });
  CHECK(find(f, user(1))->auth_epoch == 81);
  CHECK(find(f, user(1))->version == 81);
}

CONTRACT(AccountStore, "set_last_login changes that time alone, not the version") {
  Account a = account(1);
  insert(f, a).value();
  insert(f, account(2)).value();
  a.last_login_at = t0 + Duration{77};
  f.commit([&](Tx& tx) { return f.accounts().set_last_login(tx, user(1), t0 + Duration{77}); }).value();
  CHECK(stored_as(f, a));
  CHECK(stored_as(f, account(2)));
}

CONTRACT(AccountStore, "the last login of nobody fails its unit, and nothing of it stays") {
  insert(f, account(1)).value();
  const auto unit = f.commit([&](Tx& tx) -> Result<void> {
    f.accounts().insert(tx, account(2)).value();
    if (auto set = f.accounts().set_last_login(tx, user(3), t0); !set) return set;
    return f.accounts().set_last_login(tx, user(1), t0 + Duration{5});
  });
  REQUIRE_FALSE(unit);
  CHECK(unit.error().code == Errc::not_found);
  CHECK(stored_as(f, account(1)));
  CHECK_FALSE(find(f, user(2)));
  CHECK_FALSE(find(f, user(3)));
}

CONTRACT(AccountStore, "an account is found in a unit while it is active and of that epoch; else the unit fails as a whole") {
  Account ann = account(1);
  ann.auth_epoch = 7;
  ann.profile = R"({"hard":"\\u00e4"})";
  insert(f, ann).value();
  Account bob = account(2);
  bob.status = AccountStatus::disabled;
  insert(f, bob).value();
  const auto look = [&](std::uint64_t n, std::uint64_t epoch) {
    std::optional<Account> found;
    const auto unit = f.commit([&](Tx& tx) -> Result<void> {
      if (auto done = f.accounts().set_last_login(tx, user(2), t0 + Duration{n}); !done) return done;
      return f.accounts().find_active(tx, user(n), epoch, found);
    });
    if (!unit) {
      CHECK(unit.error().code == Errc::not_found);
      CHECK_FALSE(find(f, user(2))->last_login_at);
      found.reset();
    }
    return found;
  };
  CHECK_FALSE(look(1, 6));
  CHECK_FALSE(look(1, 8));
  CHECK_FALSE(look(2, bob.auth_epoch));
  CHECK_FALSE(look(3, 1));
  const auto found = look(1, 7);
  REQUIRE(found);
  CHECK(found->profile == ann.profile);
  CHECK(found->email == ann.email);
  CHECK(found->version == ann.version);
  CHECK(find(f, user(2))->last_login_at == t0 + Duration{1});
}

CONTRACT(AccountStore, "a unit that is given up finds an active account and leaves no trace") {
  insert(f, account(1)).value();
  std::optional<Account> found;
  f.roll_back([&](Tx& tx) { return f.accounts().find_active(tx, user(1), account(1).auth_epoch, found); }).value();
  insert(f, account(2)).value();
  CHECK(stored_as(f, account(1)));
}

CONTRACT(AccountStore, "erase tells whether there was an account") {
  insert(f, account(1)).value();
  insert(f, account(2)).value();
  const auto erase = [&] { return f.commit([&](Tx& tx) { return f.accounts().erase(tx, user(1)); }).value(); };
  CHECK(erase());
  CHECK_FALSE(erase());
  CHECK_FALSE(find(f, user(1)));
  CHECK_FALSE(find_by_login(f, account(1).email_key));
  CHECK(stored_as(f, account(2)));
}

CONTRACT(AccountStore, "accounts that were closed before a time are found, oldest first") {
  const auto closed = [&](std::uint64_t n, std::int64_t at) {
    Account a = account(n);
    a.status = AccountStatus::deleted;
    a.deleted_at = t0 + Duration{at};
    insert(f, a).value();
  };
  insert(f, account(1)).value();
  closed(2, 30);
  closed(3, 10);
  closed(4, 20);
  const auto found = [&](std::int64_t before, std::size_t max) { return f.accounts().find_deleted(t0 + Duration{before}, max, f.context()).value(); };
  CHECK(found(10, 10).empty());
  CHECK(found(30, 10) == std::vector{user(3), user(4)});
  CHECK(found(31, 10) == std::vector{user(3), user(4), user(2)});
  CHECK(found(31, 1) == std::vector{user(3)});
}

CONTRACT(AccountStore, "a unit that is dropped leaves every account and name as it was") {
  const Account ann = with_username(1, "ann");
  insert(f, ann).value();
  insert(f, with_username(2, "bob")).value();
  f.roll_back([&](Tx& tx) -> Result<void> {
     f.accounts().insert(tx, with_username(3, "cleo")).value();
     Account renamed = with_username(1, "anna");
     renamed.email_key = "anna@example.org";
     CHECK(f.accounts().update(tx, renamed).value());
     f.accounts().insert(tx, with_username(4, "ann")).value();
     f.accounts().set_last_login(tx, user(2), t0).value();
     CHECK(f.accounts().erase(tx, user(2)).value());
     return {};
   }).value();
  CHECK(stored_as(f, ann));
  CHECK(stored_as(f, with_username(2, "bob")));
  CHECK_FALSE(find(f, user(3)));
  CHECK_FALSE(find(f, user(4)));
  CHECK(find_by_login(f, "ann")->id == user(1));
  CHECK(find_by_login(f, ann.email_key)->id == user(1));
  CHECK_FALSE(find_by_login(f, "anna"));
  CHECK_FALSE(find_by_login(f, "cleo"));
  CHECK(insert(f, with_username(5, "bob")).error().code == Errc::username_taken);
  insert(f, with_username(3, "cleo")).value();
}
