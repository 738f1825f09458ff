#include "contract/samples.hpp"
#include "contract/suite.hpp"
#include "event/chain.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <set>

using namespace authkit;
using namespace authkit::contract;

namespace {

void append(Fixture& f, std::uint64_t first, std::uint64_t last) {
  f.commit([&](Tx& tx) -> Result<void> {
     for (std::uint64_t n = first; n <= last; ++n) f.events().append(tx, event(n)).value();
     return {};
   }).value();
}

/// Oldest first.
std::vector<Event> all(Fixture& f) {
  std::vector<Event> events;
  std::string cursor;
  do {
    auto page = f.events().list({}, cursor, 200, f.context()).value();
    std::move(page.items.begin(), page.items.end(), std::back_inserter(events));
    cursor = page.next_cursor;
  } while (!cursor.empty());
  std::reverse(events.begin(), events.end());
  return events;
}

/// Again while it finds nothing though something is left: what others do on the same server may hold a store up for a moment.
template <class Seal>
std::size_t patiently(Fixture& f, Seal seal) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  for (;;) {
    const std::size_t count = seal();
    const auto events = all(f);
    const bool left = std::any_of(events.begin(), events.end(), [](const Event& event) { return event.hash.empty(); });
    if (count > 0 || !left || std::chrono::steady_clock::now() > end) return count;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

std::size_t seal(Fixture& f, std::size_t max) {
  const auto once = [&] { return f.commit([&](Tx& tx) { return f.events().seal(tx, max); }).value(); };
  return max == 0 ? once() : patiently(f, once);
}

/// How many events from the first on are chained to the start.
std::size_t chained(const std::vector<Event>& events) {
  std::string_view previous = chain_start;
  std::size_t count = 0;
  for (; count < events.size() && sealed_behind(events[count], previous); ++count) previous = events[count].hash;
  return count;
}

}  // namespace

CONTRACT(EventStore, "seal chains the oldest first, as many as asked, each once") {
  CHECK(seal(f, 10) == 0);
  append(f, 1, 5);
  CHECK(chained(all(f)) == 0);
  CHECK(seal(f, 0) == 0);
  CHECK(seal(f, 2) == 2);
  CHECK(chained(all(f)) == 2);
  CHECK(all(f)[2].hash.empty());
  CHECK(all(f)[2].prev_hash.empty());
  const auto before = all(f);
  CHECK(seal(f, 10) == 3);
  CHECK(seal(f, 10) == 0);
  append(f, 6, 7);
  CHECK(seal(f, 10) == 2);
  const auto after = all(f);
  CHECK(chained(after) == 7);
  CHECK(after[1].hash == before[1].hash);
  for (const auto& event : after) CHECK(event.hash.size() == 64);
}

CONTRACT(EventStore, "the chain shows every change, removal and exchange") {
  append(f, 1, 4);
  CHECK(seal(f, 10) == 4);
  const auto events = all(f);
  REQUIRE(chained(events) == 4);

  const std::vector<std::function<void(Event&)>> changes{
      [](Event& e) { e.id.back() = 'f'; },    [](Event& e) { e.time += Duration{1}; }, [](Event& e) { e.actor += "x"; },
      [](Event& e) { e.action = "login"; },   [](Event& e) { e.subject.clear(); },     [](Event& e) { e.success = !e.success; },
      [](Event& e) { e.address = "::1"; },    [](Event& e) { e.user_agent = "x"; },    [](Event& e) { e.request_id = "x"; },
      [](Event& e) { e.data = "{\"a\":1}"; }, [](Event& e) { e.hash.front() ^= 1; },   [](Event& e) { e.prev_hash.front() ^= 1; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    CAPTURE(i);
    auto changed = events;
    changes[i](changed[1]);
    CHECK(chained(changed) == 1);
  }
  auto removed = events;
  removed.erase(removed.begin() + 1);
  CHECK(chained(removed) == 1);
  auto exchanged = events;
  std::swap(exchanged[1], exchanged[2]);
  CHECK(chained(exchanged) == 1);
  auto inserted = events;
  inserted.insert(inserted.begin() + 2, event(9));
  seal_event(inserted[2], inserted[1].hash);
  CHECK(chained(inserted) == 3);
}

CONTRACT(EventStore, "a seal that is dropped chains nothing") {
  append(f, 1, 3);
  CHECK(seal(f, 1) == 1);
  CHECK(patiently(f, [&] { return f.roll_back([&](Tx& tx) { return f.events().seal(tx, 10); }).value(); }) == 2);
  CHECK(chained(all(f)) == 1);
  CHECK(all(f)[1].hash.empty());
  CHECK(seal(f, 10) == 2);
  CHECK(chained(all(f)) == 3);
}

CONTRACT(EventStore, "events appended and chained by many threads make one whole chain") {
  std::atomic<int> writing = 4;
  in_parallel(6, [&](int thread) {
    if (thread < 4) {
      for (std::uint64_t n = 0; n < 40; n += 2) {
        const std::uint64_t first = static_cast<std::uint64_t>(thread) * 100 + n;
        append(f, first, first + 1);
      }
      --writing;
      return;
    }
    while (writing > 0) f.commit([&](Tx& tx) { return f.events().seal(tx, 7); }).value();
  });
  while (seal(f, 50) > 0) {
  }
  const auto events = all(f);
  CHECK(events.size() == 160);
  CHECK(chained(events) == 160);
  std::set<std::string> ids;
  for (const auto& event : events) ids.insert(event.id);
  CHECK(ids.size() == 160);
}
