#include "contract/samples.hpp"
#include "contract/suite.hpp"

#include <algorithm>
#include <atomic>
#include <set>

using namespace authkit;
using namespace authkit::contract;

namespace {

void append(Fixture& f, const Event& event) {
  f.commit([&](Tx& tx) { return f.events().append(tx, event); }).value();
}

EventPage page_of(Fixture& f, const EventFilter& filter, std::string_view cursor, std::size_t limit) {
  return f.events().list(filter, cursor, limit, f.context()).value();
}

/// All pages of `limit`, one after the other: newest first.
std::vector<Event> list(Fixture& f, const EventFilter& filter = {}, std::size_t limit = 100) {
  std::vector<Event> events;
  std::string cursor;
  do {
    auto page = page_of(f, filter, cursor, limit);
    std::move(page.items.begin(), page.items.end(), std::back_inserter(events));
    cursor = page.next_cursor;
    REQUIRE(events.size() <= 10'000);
  } while (!cursor.empty());
  return events;
}

std::vector<std::string> ids_of(const std::vector<Event>& events) {
  std::vector<std::string> ids;
  for (const auto& event : events) ids.push_back(event.id);
  return ids;
}

/// Chains some more of the events; the memory store has nothing else to do for it, a database moves them into other indexes.
void seal(Fixture& f, std::size_t max) {
  f.commit([&](Tx& tx) { return f.events().seal(tx, max); }).value();
}

/// The ids of event(n)...
std::vector<std::string> ids(std::initializer_list<std::uint64_t> numbers) {
  std::vector<std::string> ids;
  for (const auto n : numbers) ids.push_back(event(n).id);
  return ids;
}

}  // namespace

CONTRACT(EventStore, "events are listed as they were appended, newest first, with rising numbers") {
  CHECK(list(f).empty());
  for (const std::uint64_t n : {3, 1, 2}) append(f, event(n));
  const auto events = list(f);
  CHECK(ids_of(events) == ids({2, 1, 3}));
  CHECK(same_content(events[1], event(1)));
  CHECK(events[0].seq > events[1].seq);
  CHECK(events[1].seq > events[2].seq);
  CHECK(events[2].seq > 0);
}

CONTRACT(EventStore, "number and hashes are the store's to give") {
  Event forged = event(1);
  forged.seq = 77;
  forged.prev_hash = forged.hash = "forged";
  append(f, event(2));
  append(f, forged);
  const auto events = list(f);
  CHECK(same_content(events[0], event(1)));
  CHECK(events[0].prev_hash.empty());
  CHECK(events[0].hash.empty());
  CHECK(events[0].seq == events[1].seq + 1);
}

CONTRACT(EventStore, "extreme values and hard texts come back unchanged") {
  std::vector<Event> events;
  for (std::size_t i = 0; i < hard_texts().size(); ++i) {
    Event e = event(i);
    e.actor = hard_text(i);
    e.action = hard_text(i + 1);
    e.subject = hard_text(i + 2);
    e.success = i % 2 == 0;
    e.address = hard_text(i + 3);
    e.user_agent = hard_text(i + 4);
    e.request_id = hard_text(i + 5);
    e.data = hard_text(i + 6);
    events.push_back(e);
  }
  events[0].time = end_of_time;
  events[1].time = Time{Duration{-1}};
  events[2].data = "{\"pad\":\"" + std::string(16 * 1024, 'p') + "\"}";
  for (const auto& e : events) append(f, e);
  auto listed = list(f);
  std::reverse(listed.begin(), listed.end());
  REQUIRE(listed.size() == events.size());
  for (std::size_t i = 0; i < events.size(); ++i) CHECK(same_content(listed[i], events[i]));
}

CONTRACT(EventStore, "text with a NUL is refused, never cut") {
  for (auto member :
       {&Event::id, &Event::actor, &Event::action, &Event::subject, &Event::address, &Event::user_agent, &Event::request_id, &Event::data}) {
    Event bad = event(1);
    bad.*member = with_nul;
    CHECK(f.commit([&](Tx& tx) { return f.events().append(tx, bad); }).error().code == Errc::invalid_argument);
  }
  CHECK(list(f).empty());
}

CONTRACT(EventStore, "each filter selects exactly, all together too") {
  const auto put = [&](std::uint64_t n, const char* actor, const char* action, const char* subject, const char* address, bool success) {
    Event e = event(n);
    e.actor = actor;
    e.action = action;
    e.subject = subject;
    e.address = address;
    e.success = success;
    append(f, e);
  };
  put(1, "", "login.failed", "ann", "192.0.2.1", false);
  put(2, "ann", "session.created", "ann", "192.0.2.1", true);
  put(3, "root", "user.disabled", "ann", "2001:db8::1", true);
  put(4, "bob", "session.created", "bob", "192.0.2.10", true);
  put(5, "bob", "session.created", "bob", "192.0.2.1", false);

  const auto with = [&](auto member, auto value) {
    EventFilter filter;
    filter.*member = value;
    return ids_of(list(f, filter, 2));
  };
  for (const std::size_t sealed : {0, 2, 3}) {
    CAPTURE(sealed);
    if (sealed > 0) seal(f, sealed);
    CHECK(with(&EventFilter::actor, "bob") == ids({5, 4}));
    CHECK(with(&EventFilter::action, "session.created") == ids({5, 4, 2}));
    CHECK(with(&EventFilter::subject, "ann") == ids({3, 2, 1}));
    CHECK(with(&EventFilter::address, "192.0.2.1") == ids({5, 2, 1}));
    CHECK(with(&EventFilter::success, true) == ids({4, 3, 2}));
    CHECK(with(&EventFilter::success, false) == ids({5, 1}));
    CHECK(with(&EventFilter::from, event(3).time) == ids({5, 4, 3}));
    CHECK(with(&EventFilter::to, event(3).time) == ids({2, 1}));
    for (const char* none : {"%", "ses%", "session", "Session.created", "session.created ", "' OR '1'='1", "_________.failed"}) {
      CHECK(with(&EventFilter::action, none).empty());
    }
    EventFilter filter;
    filter.actor = filter.subject = "bob";
    filter.action = "session.created";
    filter.address = "192.0.2.1";
    filter.success = false;
    filter.from = event(5).time;
    filter.to = event(6).time;
    CHECK(ids_of(list(f, filter)) == ids({5}));
    filter.to = filter.from;
    CHECK(list(f, filter).empty());
  }
}

CONTRACT(EventStore, "pages of every size are complete, and the last one says so") {
  for (std::uint64_t n = 1; n <= 12; ++n) append(f, event(n));
  const auto all = ids_of(list(f, {}, 200));
  CHECK(all.size() == 12);
  for (const std::size_t limit : {1, 2, 3, 4, 6, 11, 12, 13}) {
    CAPTURE(limit);
    CHECK(ids_of(list(f, {}, limit)) == all);
    seal(f, 2);
  }
  const auto first = page_of(f, {}, "", 6);
  CHECK_FALSE(first.next_cursor.empty());
  CHECK(page_of(f, {}, first.next_cursor, 6).next_cursor.empty());
}

CONTRACT(EventStore, "a page has 1 to 200 events, whatever was asked") {
  f.commit([&](Tx& tx) -> Result<void> {
     for (std::uint64_t n = 1; n <= 205; ++n) f.events().append(tx, event(n)).value();
     return {};
   }).value();
  CHECK(page_of(f, {}, "", 0).items.size() == 1);
  CHECK(page_of(f, {}, "", 1'000'000).items.size() == 200);
  CHECK(list(f, {}, 1'000'000).size() == 205);
}

CONTRACT(EventStore, "a cursor that is none is refused") {
  append(f, event(1));
  for (const char* cursor : {"x", "-1", "1 OR 1=1", "1x", " ", "99999999999999999999999999"}) {
    CAPTURE(cursor);
    CHECK(f.events().list({}, cursor, 10, f.context()).error().code == Errc::invalid_argument);
  }
}

CONTRACT(EventStore, "pages hold still while others append and seal") {
  for (std::uint64_t n = 1; n <= 40; ++n) append(f, event(n));
  std::atomic<bool> reading = true;
  in_parallel(3, [&](int thread) {
    if (thread > 0) {
      for (std::uint64_t n = 0; n < 100 && reading; ++n) {
        append(f, event(static_cast<std::uint64_t>(thread) * 1000 + n));
        seal(f, 2);
      }
      return;
    }
    for (int round = 0; round < 5; ++round) {
      const auto events = list(f, {}, 7);
      std::set<std::string> found;
      for (std::size_t i = 0; i < events.size(); ++i) {
        found.insert(events[i].id);
        if (i > 0) CHECK(events[i].seq < events[i - 1].seq);
      }
      for (std::uint64_t n = 1; n <= 40; ++n) CHECK(found.contains(event(n).id));
    }
    reading = false;
  });
}

CONTRACT(EventStore, "events of a dropped unit never appear") {
  append(f, event(1));
  f.roll_back([&](Tx& tx) -> Result<void> {
     f.events().append(tx, event(2)).value();
     f.events().append(tx, event(3)).value();
     return {};
   }).value();
  append(f, event(4));
  CHECK(ids_of(list(f)) == ids({4, 1}));
}
