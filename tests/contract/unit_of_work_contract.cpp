#include "contract/samples.hpp"
#include "contract/suite.hpp"

#include <future>

using namespace authkit;
using namespace authkit::contract;

namespace {

/// One change in every store that takes part in units.
void change_all(Fixture& f, Tx& tx) {
  f.accounts().insert(tx, account(1)).value();
  f.sessions().insert(tx, record(1)).value();
  f.revocations().add(tx, entry(1)).value();
  CHECK(f.keys().insert(tx, key(1)).value());
  f.events().append(tx, event(1)).value();
}

/// How many of them are there.
int count_all(Fixture& f) {
  int count = 0;
  count += f.accounts().find(user(1), f.context()).value() ? 1 : 0;
  count += f.sessions().find(session(1), f.context()).value() ? 1 : 0;
  count += static_cast<int>(f.revocations().since("", 10, f.context()).value().entries.size());
  count += static_cast<int>(f.keys().list(f.context()).value().size());
  count += static_cast<int>(f.events().list({}, "", 10, f.context()).value().items.size());
  return count;
}

}  // namespace

CONTRACT(UnitOfWork, "changes of all stores commit together") {
  const auto tx = f.begin();
  change_all(f, *tx);
  tx->commit().value();
  CHECK(count_all(f) == 5);
}

CONTRACT(UnitOfWork, "changes of all stores are undone together") {
  {
    const auto tx = f.begin();
    change_all(f, *tx);
  }
  CHECK(count_all(f) == 0);
  const auto tx = f.begin();
  change_all(f, *tx);
  tx->commit().value();
  CHECK(count_all(f) == 5);
}

CONTRACT(UnitOfWork, "nobody sees what is dropped before it was committed") {
  for (int round = 0; round < 5; ++round) {
    auto tx = f.begin();
    change_all(f, *tx);
    auto seen = std::async(std::launch::async, [&] { return count_all(f); });
    tx.reset();
    CHECK(seen.get() == 0);
  }
}

CONTRACT(UnitOfWork, "on_commit runs after the commit, in order, once") {
  std::vector<int> calls;
  {
    const auto dropped = f.begin();
    dropped->on_commit([&] { calls.push_back(0); });
  }
  CHECK(calls.empty());

  const auto tx = f.begin();
  tx->on_commit([&] { calls.push_back(count_all(f)); });
  change_all(f, *tx);
  tx->on_commit([&] { calls.push_back(6); });
  CHECK(calls.empty());
  tx->commit().value();
  CHECK(calls == std::vector{5, 6});
}

CONTRACT(UnitOfWork, "a unit commits once") {
  int calls = 0;
  const auto tx = f.begin();
  tx->on_commit([&] { ++calls; });
  change_all(f, *tx);
  tx->commit().value();
  CHECK_FALSE(tx->commit());
  CHECK_FALSE(f.accounts().insert(*tx, account(2)));
  CHECK(calls == 1);
  CHECK_FALSE(f.accounts().find(user(2), f.context()).value());
}

CONTRACT(UnitOfWork, "after a failed statement nothing more is done and commit reports it") {
  f.commit([&](Tx& tx) { return f.accounts().insert(tx, account(9)); }).value();
  int calls = 0;
  const auto tx = f.begin();
  change_all(f, *tx);
  tx->on_commit([&] { ++calls; });
  Account taken = account(2);
  taken.email_key = account(9).email_key;
  CHECK(f.accounts().insert(*tx, taken).error().code == Errc::email_taken);
  CHECK_FALSE(f.accounts().insert(*tx, account(3)));
  CHECK(tx->commit().error().code == Errc::email_taken);
  CHECK(calls == 0);
  CHECK(count_all(f) == 0);
  CHECK_FALSE(f.accounts().find(user(3), f.context()).value());
}

CONTRACT(UnitOfWork, "a unit of other stores is refused by every mutation, and stays usable at home") {
  Fixture other(f.make);
  const auto tx = other.begin();
  const auto refused = [](const auto& result) { return !result && result.error().code == Errc::invalid_argument; };
  CHECK(refused(f.accounts().insert(*tx, account(1))));
  CHECK(refused(f.accounts().update(*tx, account(1))));
  CHECK(refused(f.accounts().set_last_login(*tx, user(1), t0)));
  std::optional<Account> none;
  CHECK(refused(f.accounts().find_active(*tx, user(1), 1, none)));
  CHECK(refused(f.accounts().erase(*tx, user(1))));
  CHECK(refused(f.sessions().insert(*tx, record(1))));
  CHECK(refused(f.sessions().touch(*tx, session(1), t0, t0)));
  CHECK(refused(f.sessions().rotate(*tx, session(1), {}, 0, t0, t0)));
  CHECK(refused(f.sessions().erase(*tx, session(1))));
  CHECK(refused(f.sessions().erase_known(*tx, session(1))));
  CHECK(refused(f.sessions().erase_by_user(*tx, user(1), {})));
  CHECK(refused(f.sessions().set_epoch(*tx, session(1), 1)));
  CHECK(refused(f.sessions().purge(*tx, t0, 1)));
  CHECK(refused(f.revocations().add(*tx, entry(1))));
  CHECK(refused(f.revocations().purge(*tx, t0, 1)));
  CHECK(refused(f.keys().insert(*tx, key(1))));
  CHECK(refused(f.keys().set_state(*tx, "key1", KeyState::next, KeyState::active, t0)));
  CHECK(refused(f.keys().purge(*tx, t0)));
  CHECK(refused(f.events().append(*tx, event(1))));
  CHECK(refused(f.events().seal(*tx, 1)));
  CHECK(count_all(f) == 0);
  change_all(other, *tx);
  tx->commit().value();
  CHECK(count_all(other) == 5);
}

CONTRACT(UnitOfWork, "units of many threads do not mix") {
  in_parallel(8, [&](int thread) {
    for (std::uint64_t round = 0; round < 10; ++round) {
      const std::uint64_t n = static_cast<std::uint64_t>(thread) * 100 + round;
      const auto both = [&](Tx& tx) -> Result<void> {
        f.accounts().insert(tx, account(n)).value();
        f.sessions().insert(tx, record(n, user(n))).value();
        return {};
      };
      if (round % 2 == 0) {
        f.commit(both).value();
      } else {
        f.roll_back(both).value();
      }
    }
  });
  for (std::uint64_t n = 0; n < 800; ++n) {
    const bool committed = n % 100 < 10 && n % 2 == 0;
    CHECK(f.accounts().find(user(n), f.context()).value().has_value() == committed);
    CHECK(f.sessions().find(session(n), f.context()).value().has_value() == committed);
  }
}
