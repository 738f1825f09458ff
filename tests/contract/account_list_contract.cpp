#include "contract/samples.hpp"
#include "contract/suite.hpp"

#include <algorithm>
#include <atomic>

using namespace authkit;
using namespace authkit::contract;

namespace {

void insert(Fixture& f, const Account& account) {
  f.commit([&](Tx& tx) { return f.accounts().insert(tx, account); }).value();
}

/// Many accounts in one unit.
void insert_range(Fixture& f, std::uint64_t first, std::uint64_t last) {
  f.commit([&](Tx& tx) -> Result<void> {
     for (std::uint64_t n = first; n <= last; ++n) f.accounts().insert(tx, account(n)).value();
     return {};
   }).value();
}

AccountPage page_of(Fixture& f, const AccountFilter& filter, std::string_view cursor, std::size_t limit) {
  return f.accounts().list(filter, cursor, limit, f.context()).value();
}

/// All pages of `limit`, one after the other.
std::vector<UserId> list(Fixture& f, const AccountFilter& filter, std::size_t limit = 100) {
  std::vector<UserId> ids;
  std::string cursor;
  do {
    const auto page = page_of(f, filter, cursor, limit);
    for (const auto& item : page.items) ids.push_back(item.id);
    cursor = page.next_cursor;
    REQUIRE(ids.size() <= 10'000);
  } while (!cursor.empty());
  return ids;
}

AccountFilter with_prefix(std::string prefix) {
  AccountFilter filter;
  filter.email_prefix = std::move(prefix);
  return filter;
}

AccountFilter with_role(std::string role) {
  AccountFilter filter;
  filter.role = std::move(role);
  return filter;
}

}  // namespace

CONTRACT(AccountStore, "list is ordered by id and whole records") {
  CHECK(list(f, {}).empty());
  for (const std::uint64_t n : {5, 1, 4, 2, 3}) insert(f, account(n));
  CHECK(list(f, {}) == std::vector{user(1), user(2), user(3), user(4), user(5)});
  CHECK(same(page_of(f, {}, "", 1).items.front(), account(1)));
}

CONTRACT(AccountStore, "pages of every size are complete, and the last one says so") {
  insert_range(f, 1, 12);
  const auto all = list(f, {}, 200);
  CHECK(all.size() == 12);
  for (const std::size_t limit : {1, 2, 3, 4, 5, 6, 11, 12, 13}) {
    CAPTURE(limit);
    CHECK(list(f, {}, limit) == all);
  }
  const auto first = page_of(f, {}, "", 6);
  CHECK(first.next_cursor == to_text(user(6)));
  CHECK(page_of(f, {}, first.next_cursor, 6).next_cursor.empty());
  CHECK(page_of(f, {}, to_text(user(12)), 6).items.empty());
}

CONTRACT(AccountStore, "a page has 1 to 200 accounts, whatever was asked") {
  insert_range(f, 1, 205);
  CHECK(page_of(f, {}, "", 0).items.size() == 1);
  CHECK(page_of(f, {}, "", 1'000'000).items.size() == 200);
  CHECK(list(f, {}, 1'000'000).size() == 205);
}

CONTRACT(AccountStore, "a cursor that is no user id is refused") {
  insert(f, account(1));
  for (const char* cursor : {"0", "x", "' OR 1=1", "01000000-0000-0000-0000-00000000000", "01000000-0000-0000-0000-0000000000001"}) {
    CHECK(f.accounts().list({}, cursor, 10, f.context()).error().code == Errc::invalid_argument);
  }
}

CONTRACT(AccountStore, "list selects by the exact start of the canonical e-mail") {
  const std::vector<std::string> keys{"ann@example.org", "anna@example.org", "Ann@example.org", "a%b@example.org", "a_b@example.org",
                                      "axb@example.org", "a\\b@example.org", "a'b@example.org", "änn@example.org", "[a]@example.org"};
  for (std::size_t i = 0; i < keys.size(); ++i) {
    Account a = account(i + 1);
    a.email_key = keys[i];
    insert(f, a);
  }
  for (const std::string prefix : {"a", "ann", "ann@example.org", "anna", "A", "a%", "a_", "a\\", "a'", "ä", "[a]", "%", "_", "nn", "b", ""}) {
    CAPTURE(prefix);
    std::vector<UserId> expected;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (keys[i].starts_with(prefix)) expected.push_back(user(i + 1));
    }
    CHECK(list(f, with_prefix(prefix)) == expected);
  }
}

CONTRACT(AccountStore, "list refuses a start of an e-mail that is no text") {
  for (const std::string prefix : {"\xc3", "a\xff", "\xed\xa0\x80"}) {
    CAPTURE(prefix);
    CHECK(f.accounts().list(with_prefix(prefix), {}, 10, f.context()).error().code == Errc::invalid_argument);
  }
}

CONTRACT(AccountStore, "list selects by status and by whole role, all together") {
  const std::vector<std::vector<std::string>> roles{{"admin"}, {"administrator"},    {"user", "admin"}, {},
                                                    {"user"},  {"a\"dmin", "us,er"}, {"ad%", "x"}};
  for (std::size_t i = 0; i < roles.size(); ++i) {
    Account a = account(i + 1);
    a.roles = roles[i];
    a.status = i % 2 == 0 ? AccountStatus::active : AccountStatus::disabled;
    insert(f, a);
  }
  CHECK(list(f, with_role("admin")) == std::vector{user(1), user(3)});
  CHECK(list(f, with_role("admin"), 1) == std::vector{user(1), user(3)});
  CHECK(list(f, with_role("a\"dmin")) == std::vector{user(6)});
  CHECK(list(f, with_role("us,er")) == std::vector{user(6)});
  CHECK(list(f, with_role("ad%")) == std::vector{user(7)});
  for (const char* none : {"adm", "Admin", "%", "_____", "us", "er", "\"admin\"", "admin,user", "[]", " "}) {
    CAPTURE(none);
    CHECK(list(f, with_role(none)).empty());
  }
  AccountFilter filter;
  filter.status = AccountStatus::disabled;
  CHECK(list(f, filter) == std::vector{user(2), user(4), user(6)});
  filter.status = AccountStatus::pending;
  CHECK(list(f, filter).empty());
  filter = with_role("user");
  filter.status = AccountStatus::active;
  filter.email_prefix = "user3";
  CHECK(list(f, filter) == std::vector{user(3)});
  filter.email_prefix = "user1";
  CHECK(list(f, filter).empty());
}

CONTRACT(AccountStore, "list selects by the time of creation") {
  for (std::uint64_t n = 1; n <= 3; ++n) {
    Account a = account(n);
    a.created_at = t0 + Duration{static_cast<std::int64_t>(n)};
    f.commit([&](Tx& tx) { return f.accounts().insert(tx, a); }).value();
  }
  AccountFilter filter;
  filter.created_from = t0 + Duration{2};
  std::vector<UserId> ids;
  const AccountPage page = f.accounts().list(filter, {}, 10, f.context()).value();
  for (const Account& one : page.items) ids.push_back(one.id);
  CHECK(ids == std::vector{user(2), user(3)});
}

CONTRACT(AccountStore, "pages are complete and ordered while others insert") {
  insert_range(f, 1000, 1099);
  std::atomic<bool> reading = true;
  in_parallel(3, [&](int thread) {
    if (thread > 0) {  // before, between and after what is there
      for (std::uint64_t n = 0; n < 100 && reading; ++n) insert(f, account((thread == 1 ? 100 : 2000) + n));
      return;
    }
    for (int round = 0; round < 10; ++round) {
      const auto ids = list(f, {}, 7);
      CHECK(std::is_sorted(ids.begin(), ids.end()));
      CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
      for (std::uint64_t n = 1000; n < 1100; ++n) CHECK(std::binary_search(ids.begin(), ids.end(), user(n)));
    }
    reading = false;
  });
}
