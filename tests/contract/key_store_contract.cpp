#include "contract/samples.hpp"
#include "contract/suite.hpp"

#include <algorithm>
#include <atomic>

using namespace authkit;
using namespace authkit::contract;

namespace {

bool insert(Fixture& f, const StoredKey& key) {
  return f.commit([&](Tx& tx) { return f.keys().insert(tx, key); }).value();
}

bool set_state(Fixture& f, std::string_view id, KeyState from, KeyState to, Time now = t0) {
  return f.commit([&](Tx& tx) { return f.keys().set_state(tx, id, from, to, now); }).value();
}

std::size_t purge(Fixture& f, Time before) {
  return f.commit([&](Tx& tx) { return f.keys().purge(tx, before); }).value();
}

bool holds(Fixture& f, const std::vector<StoredKey>& expected) {
  const auto keys = f.keys().list(f.context()).value();
  return std::equal(keys.begin(), keys.end(), expected.begin(), expected.end(), [](const auto& a, const auto& b) { return same(a, b); });
}

}  // namespace

CONTRACT(KeyStore, "keys are listed as they were inserted, oldest first") {
  CHECK(holds(f, {}));
  StoredKey mac = key(2, KeyState::active);
  mac.purpose = KeyPurpose::mac;
  mac.algorithm = "BLAKE2b";
  CHECK(insert(f, key(3, KeyState::retired)));
  CHECK(insert(f, key(1)));
  CHECK(insert(f, mac));
  CHECK(holds(f, {key(1), mac, key(3, KeyState::retired)}));
}

CONTRACT(KeyStore, "extreme values and hard texts come back unchanged") {
  std::vector<StoredKey> keys;
  for (std::size_t i = 0; i < hard_texts().size(); ++i) {
    StoredKey k = key(i);
    k.id = hard_text(i) + std::to_string(i);
    k.algorithm = hard_text(i + 1);
    k.sealed = hard_text(i + 2);
    keys.push_back(k);
  }
  keys.front().created_at = Time{Duration{-1}};
  keys.back().created_at = keys.back().changed_at = end_of_time;
  keys.back().sealed.assign(16 * 1024, 's');
  for (const auto& k : keys) CHECK(insert(f, k));
  CHECK(holds(f, keys));
}

CONTRACT(KeyStore, "text with a NUL is refused, never cut") {
  for (auto member : {&StoredKey::id, &StoredKey::algorithm, &StoredKey::sealed}) {
    StoredKey bad = key(1);
    bad.*member = with_nul;
    CHECK(f.commit([&](Tx& tx) { return f.keys().insert(tx, bad); }).error().code == Errc::invalid_argument);
  }
  StoredKey a = key(1);
  a.id = "a";
  CHECK(insert(f, a));
  CHECK_FALSE(set_state(f, with_nul, KeyState::next, KeyState::active));
  CHECK(holds(f, {a}));
}

CONTRACT(KeyStore, "a second key of an id is not taken, and the unit goes on") {
  CHECK(insert(f, key(1)));
  StoredKey second = key(1, KeyState::active);
  second.sealed = "other";
  f.commit([&](Tx& tx) -> Result<void> {
     CHECK_FALSE(f.keys().insert(tx, second).value());
     CHECK(f.keys().insert(tx, key(2)).value());
     return {};
   }).value();
  CHECK(holds(f, {key(1), key(2)}));
}

CONTRACT(KeyStore, "of 16 parallel inserts of one id exactly one is taken") {
  std::atomic<int> winners = 0;
  in_parallel(16, [&](int thread) {
    StoredKey k = key(1);
    k.sealed = std::to_string(thread);
    if (insert(f, k)) ++winners;
  });
  CHECK(winners == 1);
  CHECK(f.keys().list(f.context()).value().size() == 1);
}

CONTRACT(KeyStore, "a state changes from the one that was expected only") {
  const Time later = t0 + Duration{1000};
  CHECK(insert(f, key(1)));
  CHECK(insert(f, key(2)));
  CHECK_FALSE(set_state(f, "key1", KeyState::active, KeyState::retired));
  CHECK_FALSE(set_state(f, "key1", KeyState::retired, KeyState::next));
  CHECK_FALSE(set_state(f, "key3", KeyState::next, KeyState::active));
  CHECK_FALSE(set_state(f, "KEY1", KeyState::next, KeyState::active));
  CHECK_FALSE(set_state(f, "", KeyState::next, KeyState::active));
  CHECK(holds(f, {key(1), key(2)}));

  CHECK(set_state(f, "key1", KeyState::next, KeyState::active, later));
  CHECK_FALSE(set_state(f, "key1", KeyState::next, KeyState::active, later));
  StoredKey changed = key(1, KeyState::active);
  changed.changed_at = later;
  CHECK(holds(f, {changed, key(2)}));
  CHECK(set_state(f, "key1", KeyState::active, KeyState::retired, later + Duration{1}));
  changed.state = KeyState::retired;
  changed.changed_at = later + Duration{1};
  CHECK(holds(f, {changed, key(2)}));
}

CONTRACT(KeyStore, "of 16 parallel changes of state exactly one happens") {
  CHECK(insert(f, key(1)));
  std::atomic<int> winners = 0;
  in_parallel(16, [&](int) {
    if (set_state(f, "key1", KeyState::next, KeyState::active)) ++winners;
  });
  CHECK(winners == 1);
}

CONTRACT(KeyStore, "purge removes retired keys that changed before a time, and nothing else") {
  for (std::uint64_t n = 1; n <= 4; ++n) CHECK(insert(f, key(n, KeyState::retired)));
  CHECK(insert(f, key(5, KeyState::next)));
  CHECK(insert(f, key(6, KeyState::active)));
  CHECK(purge(f, key(1).changed_at) == 0);
  CHECK(purge(f, key(3).changed_at) == 2);
  CHECK(holds(f, {key(3, KeyState::retired), key(4, KeyState::retired), key(5, KeyState::next), key(6, KeyState::active)}));
  CHECK(purge(f, end_of_time) == 2);
  CHECK(purge(f, end_of_time) == 0);
  CHECK(holds(f, {key(5, KeyState::next), key(6, KeyState::active)}));
}

CONTRACT(KeyStore, "a unit that is dropped leaves every key as it was") {
  CHECK(insert(f, key(1)));
  CHECK(insert(f, key(2, KeyState::retired)));
  f.roll_back([&](Tx& tx) -> Result<void> {
     CHECK(f.keys().insert(tx, key(3)).value());
     CHECK(f.keys().set_state(tx, "key1", KeyState::next, KeyState::active, t0 + Duration{9}).value());
     CHECK(f.keys().purge(tx, end_of_time).value() == 1);
     return {};
   }).value();
  CHECK(holds(f, {key(1), key(2, KeyState::retired)}));
}
