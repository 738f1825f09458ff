#include "contract/samples.hpp"
#include "contract/suite.hpp"

#include <atomic>
#include <mutex>
#include <set>

using namespace authkit;
using namespace authkit::contract;

namespace {

constexpr Duration lease{60'000};

OutboxEntry entry(int n) {
  OutboxEntry one;
  one.event_id = "event" + std::to_string(n);
  one.topic = "mail";
  one.key = "user" + std::to_string(n);
  one.payload = R"({"n":)" + std::to_string(n) + "}";
  one.next_at = t0 + Duration{n};
  return one;
}

Result<void> append(Fixture& f, const OutboxEntry& one) {
  return f.commit([&](Tx& tx) { return f.outbox().append(tx, one); });
}

std::vector<OutboxEntry> claim(Fixture& f, Time now, std::size_t max = 100, const std::string& owner = "me", const std::string& topic = "mail") {
  return f.commit([&](Tx& tx) { return f.outbox().claim(tx, topic, owner, now, now + lease, max); }).value();
}

std::vector<std::string> ids(const std::vector<OutboxEntry>& entries) {
  std::vector<std::string> out;
  for (const OutboxEntry& one : entries) out.push_back(one.event_id);
  return out;
}

bool settle(Fixture& f, std::int64_t id, const std::string& owner = "me") {
  return f.commit([&](Tx& tx) { return f.outbox().settle(tx, id, owner, t0); }).value();
}

bool postpone(Fixture& f, std::int64_t id, std::optional<Time> next, const std::string& error = "down", const std::string& owner = "me") {
  return f.commit([&](Tx& tx) { return f.outbox().postpone(tx, id, owner, next, error, t0); }).value();
}

}  // namespace

CONTRACT(OutboxStore, "what is due is claimed in its order, as it was appended, and counts an attempt") {
  for (const int n : {3, 1, 2}) append(f, entry(n)).value();
  OutboxEntry other = entry(4);
  other.topic = "webhook";
  append(f, other).value();
  CHECK(claim(f, t0).empty());
  CHECK(ids(claim(f, t0 + Duration{2}, 1)) == std::vector<std::string>{"event1"});
  const auto rest = claim(f, t0 + Duration{10});
  REQUIRE(ids(rest) == std::vector<std::string>{"event2", "event3"});
  CHECK(rest[0].topic == "mail");
  CHECK(rest[0].key == "user2");
  CHECK(rest[0].payload == R"({"n":2})");
  CHECK(rest[0].next_at == t0 + Duration{2});
  CHECK(rest[0].attempts == 1);
  CHECK(claim(f, t0 + Duration{10}).empty());
  CHECK(ids(claim(f, t0 + Duration{10}, 10, "me", "webhook")) == std::vector<std::string>{"event4"});
}

CONTRACT(OutboxStore, "an event has one entry of a topic") {
  append(f, entry(1)).value();
  CHECK_FALSE(append(f, entry(1)));
  OutboxEntry other = entry(1);
  other.topic = "webhook";
  append(f, other).value();
  CHECK(f.outbox().status("mail", f.context()).value().waiting == 1);
}

CONTRACT(OutboxStore, "an entry is gone with the unit that was dropped, and so is a claim") {
  f.roll_back([&](Tx& tx) { return f.outbox().append(tx, entry(1)); }).value();
  CHECK(claim(f, end_of_time - lease).empty());
  append(f, entry(2)).value();
  f.roll_back([&](Tx& tx) { return f.outbox().claim(tx, "mail", "me", t0 + Duration{9}, t0 + lease, 10); }).value();
  const auto claimed = claim(f, t0 + Duration{9});
  REQUIRE(claimed.size() == 1);
  CHECK(claimed[0].attempts == 1);
  const std::int64_t id = claimed[0].id;
  f.roll_back([&](Tx& tx) { return f.outbox().settle(tx, id, "me", t0); }).value();
  CHECK(settle(f, id));
}

CONTRACT(OutboxStore, "of many that claim at once each entry goes to one") {
  constexpr int entries = sanitized ? 20 : 60;
  for (int n = 0; n < entries; ++n) append(f, entry(n)).value();
  std::mutex mutex;
  std::multiset<std::string> seen;
  in_parallel(8, [&](int thread) {
    const std::string owner = "owner" + std::to_string(thread);
    for (int empty = 0; empty < 3;) {
      const auto claimed = claim(f, t0 + Duration{1000}, 3, owner);
      empty += claimed.empty() ? 1 : 0;
      const std::lock_guard lock(mutex);
      for (const OutboxEntry& one : claimed) seen.insert(one.event_id);
    }
  });
  CHECK(seen.size() == entries);
  CHECK(std::set(seen.begin(), seen.end()).size() == entries);
}

CONTRACT(OutboxStore, "a lease that is over gives the entry to another, and its former owner no say") {
  append(f, entry(1)).value();
  const std::int64_t id = claim(f, t0 + Duration{1}).at(0).id;
  CHECK(claim(f, t0 + lease, 1, "you").empty());
  const auto again = claim(f, t0 + Duration{1} + lease, 1, "you");
  REQUIRE(again.size() == 1);
  CHECK(again[0].attempts == 2);
  CHECK_FALSE(settle(f, id));
  CHECK_FALSE(postpone(f, id, t0));
  CHECK(settle(f, id, "you"));
  CHECK_FALSE(settle(f, id, "you"));
}

CONTRACT(OutboxStore, "what could not be delivered comes back at its time with its error, or is given up") {
  append(f, entry(1)).value();
  append(f, entry(2)).value();
  const auto claimed = claim(f, t0 + Duration{5});
  REQUIRE(claimed.size() == 2);
  CHECK(postpone(f, claimed[0].id, t0 + Duration{500}, hard_text(4)));
  CHECK(postpone(f, claimed[1].id, std::nullopt, "no such user"));
  auto status = f.outbox().status("mail", f.context()).value();
  CHECK(status.waiting == 1);
  CHECK(status.given_up == 1);
  CHECK(claim(f, t0 + Duration{499}).empty());
  const auto again = claim(f, t0 + Duration{500});
  REQUIRE(again.size() == 1);
  CHECK(again[0].last_error == hard_text(4));
  CHECK(again[0].attempts == 2);
  CHECK(settle(f, again[0].id));
  status = f.outbox().status("mail", f.context()).value();
  CHECK(status.waiting == 0);
  CHECK(status.given_up == 1);
}

CONTRACT(OutboxStore, "purge removes what is done, in portions, and nothing that waits") {
  for (int n = 1; n <= 4; ++n) append(f, entry(n)).value();
  const auto claimed = claim(f, t0 + Duration{3});
  REQUIRE(claimed.size() == 3);
  for (const OutboxEntry& one : claimed) CHECK(settle(f, one.id));
  const auto purge = [&](Time before, std::size_t max) { return f.commit([&](Tx& tx) { return f.outbox().purge(tx, before, max); }).value(); };
  CHECK(purge(t0, 10) == 0);
  CHECK(purge(t0 + Duration{1}, 2) == 2);
  CHECK(purge(t0 + Duration{1}, 10) == 1);
  CHECK(f.outbox().status("mail", f.context()).value().waiting == 1);
}
