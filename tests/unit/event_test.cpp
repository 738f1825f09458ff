#include "authkit/event.hpp"

#include "core/printable.hpp"
#include "core/random.hpp"
#include "event/chain.hpp"
#include "event/memory_event_store.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace authkit;

namespace {

constexpr Time t0{Duration{1'700'000'000'000}};

Event sample() {
  Event e;
  e.id = "018bcfe5-6800-7000-8000-000000000001";
  e.time = t0;
  e.actor = "root";
  e.action = "user.disabled";
  e.subject = "ann";
  e.address = "192.0.2.1";
  e.user_agent = "curl/8";
  e.request_id = "r1";
  e.data = R"({"why":"left"})";
  return e;
}

}  // namespace

TEST_CASE("canonical bytes are fixed: a sealed log stays verifiable") {
  CHECK(canonical_bytes(sample()) ==
        "36:018bcfe5-6800-7000-8000-00000000000113:17000000000004:root13:user.disabled3:ann1:19:192.0.2.16:curl/82:r114:{\"why\":\"left\"}");
  CHECK(chain_hash(chain_start, sample()) == "2692952ee5e76ab36019aaeeb010dc0a33410b00667fa8a3de4a625737d77a41");
  CHECK(chain_hash("2692952ee5e76ab36019aaeeb010dc0a33410b00667fa8a3de4a625737d77a41", sample()) ==
        "1062fef68e5bdee6179330df735d036102cd47251cf706afaa41b5bbc12c9878");
}

TEST_CASE("canonical bytes cover every field but the store's own, and no two events share them") {
  std::set<std::string> seen{canonical_bytes(sample())};
  const auto differs = [&](auto change) {
    Event e = sample();
    change(e);
    return seen.insert(canonical_bytes(e)).second;
  };
  CHECK(differs([](Event& e) { e.id += "0"; }));
  CHECK(differs([](Event& e) { e.time += Duration{1}; }));
  CHECK(differs([](Event& e) { e.time = Time{Duration{-1}}; }));
  CHECK(differs([](Event& e) { e.actor.clear(); }));
  CHECK(differs([](Event& e) { e.action = "user.enabled"; }));
  CHECK(differs([](Event& e) { e.subject = "bob"; }));
  CHECK(differs([](Event& e) { e.success = false; }));
  CHECK(differs([](Event& e) { e.address = "::1"; }));
  CHECK(differs([](Event& e) { e.user_agent.clear(); }));
  CHECK(differs([](Event& e) { e.request_id = "r2"; }));
  CHECK(differs([](Event& e) { e.data = "{}"; }));
  CHECK(differs([](Event& e) { std::swap(e.actor, e.subject); }));
  CHECK(differs([](Event& e) {
    e.actor = "roo";
    e.action = "tuser.disabled";
  }));
  CHECK(differs([](Event& e) {
    e.address = "192.0.2.16:curl/82:r1";
    e.user_agent.clear();
  }));
  CHECK_FALSE(differs([](Event& e) {
    e.seq = 9;
    e.prev_hash = "p";
    e.hash = "h";
  }));
}

TEST_CASE("make_event fills time, a fresh id and the client") {
  Context context;
  context.address = "192.0.2.1";
  context.user_agent = "curl/8";
  context.request_id = "r1";
  const Event e = make_event("login.failed", "", "ann", t0, context).value();
  CHECK(e.time == t0);
  CHECK(e.actor.empty());
  CHECK(e.action == "login.failed");
  CHECK(e.subject == "ann");
  CHECK(e.success);
  CHECK(e.address == "192.0.2.1");
  CHECK(e.user_agent == "curl/8");
  CHECK(e.request_id == "r1");
  CHECK(e.data == "{}");
  CHECK(parse_user_id(e.id));
  CHECK(e.id.substr(0, 15) == "018bcfe5-6800-7");
  CHECK(make_event("login.failed", "", "ann", t0, context).value().id != e.id);
}

TEST_CASE("make_event keeps a hostile client short and printable") {
  Context context;
  context.address.assign(10'000, '1');
  context.user_agent = std::string("a\0b\r\nc\x1b[31m\xff\xc3", 14) + std::string(10'000, 'x');
  context.request_id = std::string(10'000, '\n');
  const Event e = make_event("login.failed", "", "", t0, context).value();
  CHECK(e.address.size() == 64);
  CHECK(e.user_agent.size() == 512);
  CHECK(e.user_agent.substr(0, 12) ==
        "a\xef\xbf\xbd"
        "b\xef\xbf\xbd\xef\xbf\xbd"
        "c");
  CHECK(e.request_id.size() == 126);  // 42 replacement characters of 3 bytes
}

TEST_CASE("make_event fails when the random source does") {
  fail_random_for_tests(1);
  CHECK(make_event("login.failed", "", "", t0, {}).error().code == Errc::random_unavailable);
}

TEST_CASE("printable keeps text, replaces what is none and cuts between code points") {
  const std::string r = "\xef\xbf\xbd";
  CHECK(printable("", 10).empty());
  CHECK(printable("Ünï 密 🔑", 100) == "Ünï 密 🔑");
  CHECK(printable("a\tb\x7f", 100) == "a" + r + "b" + r);
  CHECK(printable("\xc2\x85x", 100) == r + "x");       // NEL, a C1 control
  CHECK(printable("\xc0\x80", 100) == r + r);          // overlong NUL
  CHECK(printable("\xed\xa0\x80", 100) == r + r + r);  // a surrogate
  CHECK(printable("\xe5\xaf", 100) == r + r);          // cut short
  CHECK(printable("ab密", 4) == "ab");
  CHECK(printable("ab密", 5) == "ab密");
  CHECK(printable("abc", 0).empty());
}

TEST_CASE("the memory log keeps the newest events, and a dropped unit restores the oldest") {
  const auto work = std::make_shared<MemoryWork>();
  MemoryEventStore store(work, 3);
  const auto append = [&](Tx& tx, const std::string& id) {
    Event e = sample();
    e.id = id;
    store.append(tx, e).value();
  };
  const auto ids = [&] {
    std::string out;
    const EventPage page = store.list({}, "", 100, {}).value();
    for (const auto& e : page.items) out += e.id;
    return out;
  };
  {
    const auto tx = work->begin({}).value();
    for (const char* id : {"a", "b", "c", "d"}) append(*tx, id);
    CHECK(store.seal(*tx, 2).value() == 2);
    tx->commit().value();
  }
  CHECK(ids() == "dcb");
  {
    const auto tx = work->begin({}).value();
    for (const char* id : {"e", "f", "g", "h"}) append(*tx, id);
    CHECK(store.seal(*tx, 10).value() == 3);
    CHECK(ids() == "hgf");
  }
  CHECK(ids() == "dcb");
  const auto tx = work->begin({}).value();
  append(*tx, "e");
  CHECK(store.seal(*tx, 10).value() == 2);
  tx->commit().value();
  const auto events = store.list({}, "", 100, {}).value().items;
  CHECK(events[2].hash == events[1].prev_hash);
  CHECK(sealed_behind(events[0], events[1].hash));
  CHECK(sealed_behind(events[1], events[2].hash));
}
