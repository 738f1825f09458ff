#include "contract/samples.hpp"
#include "contract/suite.hpp"

#include <algorithm>
#include <atomic>
#include <set>

using namespace authkit;
using namespace authkit::contract;

namespace {

void add(Fixture& f, const RevocationEntry& entry) {
  f.commit([&](Tx& tx) { return f.revocations().add(tx, entry); }).value();
}

std::size_t purge(Fixture& f, Time now, std::size_t max = 1000) {
  return f.commit([&](Tx& tx) { return f.revocations().purge(tx, now, max); }).value();
}

RevocationBatch since(Fixture& f, const std::string& cursor, std::size_t max = 1000) {
  return f.revocations().since(cursor, max, f.context()).value();
}

/// The `value` of every entry from `cursor` on, which is moved along.
std::vector<std::int64_t> drain(Fixture& f, std::string& cursor, std::size_t max = 1000) {
  std::vector<std::int64_t> values;
  for (bool more = true; more;) {
    const auto batch = since(f, cursor, max);
    for (const auto& entry : batch.entries) values.push_back(entry.value);
    cursor = batch.cursor;
    more = batch.more;
    REQUIRE(values.size() <= 100'000);
  }
  return values;
}

std::vector<std::int64_t> all(Fixture& f) {
  std::string cursor;
  return drain(f, cursor);
}

}  // namespace

CONTRACT(RevocationStore, "entries of every kind come back unchanged, extreme ones too") {
  std::vector<RevocationEntry> entries;
  for (const auto kind :
       {RevocationKind::token, RevocationKind::session, RevocationKind::user, RevocationKind::everything, RevocationKind::changed}) {
    for (const std::int64_t value :
         {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
      RevocationEntry e = entry(entries.size() + 1);
      e.kind = kind;
      e.value = value;
      e.not_after = entries.size() % 2 == 0 ? end_of_time : t0;
      e.id.fill(entries.size() % 3 == 0 ? 0xff : 0x00);
      entries.push_back(e);
      add(f, e);
    }
  }
  const auto batch = since(f, "");
  REQUIRE(batch.entries.size() == entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) CHECK(same(batch.entries[i], entries[i]));
}

CONTRACT(RevocationStore, "a cursor goes on where the last batch ended") {
  std::string cursor;
  CHECK(drain(f, cursor).empty());
  add(f, entry(1));
  add(f, entry(2));
  CHECK(drain(f, cursor) == std::vector<std::int64_t>{1, 2});
  CHECK(drain(f, cursor).empty());
  add(f, entry(3));
  CHECK(drain(f, cursor) == std::vector<std::int64_t>{3});
  CHECK(drain(f, cursor).empty());
  CHECK(all(f) == std::vector<std::int64_t>{1, 2, 3});
}

CONTRACT(RevocationStore, "the same entry may be added again") {
  add(f, entry(1));
  add(f, entry(1));
  CHECK(all(f) == std::vector<std::int64_t>{1, 1});
}

CONTRACT(RevocationStore, "batches of every size are complete and say whether there is more") {
  for (std::uint64_t n = 1; n <= 6; ++n) add(f, entry(n));
  for (const std::size_t max : {1, 2, 3, 5, 6, 7}) {
    std::string cursor;
    CHECK(drain(f, cursor, max) == std::vector<std::int64_t>{1, 2, 3, 4, 5, 6});
  }
  CHECK(since(f, "", 5).more);
  CHECK_FALSE(since(f, "", 6).more);
  CHECK(since(f, "", 5).entries.size() == 5);
}

CONTRACT(RevocationStore, "a cursor that is none is refused") {
  add(f, entry(1));
  for (const char* cursor : {"x", "-1", "1 OR 1=1", "1x", " ", "99999999999999999999999999"}) {
    CAPTURE(cursor);
    CHECK(f.revocations().since(cursor, 10, f.context()).error().code == Errc::invalid_argument);
  }
}

CONTRACT(RevocationStore, "entries of a dropped unit never appear, those after it do") {
  std::string cursor;
  add(f, entry(1));
  CHECK(drain(f, cursor) == std::vector<std::int64_t>{1});
  f.roll_back([&](Tx& tx) { return f.revocations().add(tx, entry(2)); }).value();
  CHECK(drain(f, cursor).empty());
  add(f, entry(3));
  CHECK(drain(f, cursor) == std::vector<std::int64_t>{3});
}

CONTRACT(RevocationStore, "purge removes what ended more than 60 s ago, as many as asked, and nothing else") {
  const Time now = t0 + Duration{1'000'000};
  const Time bound = now - Duration{60'000};
  add(f, entry(1, end_of_time));
  add(f, entry(2, bound - Duration{1}));
  add(f, entry(3, bound));
  add(f, entry(4, Time{}));
  add(f, entry(5, bound - Duration{2}));
  CHECK(purge(f, now, 0) == 0);
  CHECK(purge(f, now, 2) == 2);
  CHECK(purge(f, now, 2) == 1);
  CHECK(purge(f, now, 2) == 0);
  CHECK(all(f) == std::vector<std::int64_t>{1, 3});
  CHECK(purge(f, now + Duration{1}) == 1);
  CHECK(all(f) == std::vector<std::int64_t>{1});
}

CONTRACT(RevocationStore, "a reader's cursor survives the purge of what it has read, of all there is too") {
  std::string cursor;
  add(f, entry(1, t0));
  add(f, entry(2, t0));
  CHECK(drain(f, cursor) == std::vector<std::int64_t>{1, 2});
  CHECK(purge(f, end_of_time) == 2);
  CHECK(drain(f, cursor).empty());
  add(f, entry(3));
  CHECK(drain(f, cursor) == std::vector<std::int64_t>{3});
}

CONTRACT(RevocationStore, "a purge that is dropped removes nothing") {
  add(f, entry(1, t0));
  add(f, entry(2, t0));
  CHECK(f.roll_back([&](Tx& tx) { return f.revocations().purge(tx, end_of_time, 10); }).value() == 2);
  CHECK(all(f) == std::vector<std::int64_t>{1, 2});
  CHECK(purge(f, end_of_time) == 2);
}

CONTRACT(RevocationStore, "a polling reader misses nothing that 8 writers commit and sees nothing that they drop") {
  constexpr std::uint64_t rounds = 60;
  std::set<std::int64_t> committed;
  for (std::uint64_t n = 0; n < 8 * rounds; ++n) {
    if (n % 3 != 0) committed.insert(static_cast<std::int64_t>(n));
  }
  std::atomic<int> writing = 8;
  std::set<std::int64_t> seen;
  in_parallel(9, [&](int thread) {
    if (thread < 8) {
      for (std::uint64_t round = 0; round < rounds; ++round) {
        const std::uint64_t n = static_cast<std::uint64_t>(thread) * rounds + round;
        if (n % 3 != 0) {
          add(f, entry(n));
        } else {
          f.roll_back([&](Tx& tx) { return f.revocations().add(tx, entry(n)); }).value();
        }
      }
      --writing;
      return;
    }
    std::string cursor;
    for (bool last = false; !last;) {
      last = writing == 0;
      for (const auto value : drain(f, cursor, 5)) seen.insert(value);
    }
  });
  CHECK(seen == committed);
}
