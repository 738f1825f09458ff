#include "db/router.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>

using namespace authkit;
using namespace std::chrono_literals;

namespace {

/// A primary (0) and two replicas (1, 2), all probed and level at position 100 of timeline 1.
struct World {
  World() {
    primary(0, 100);
    replica(1, 100);
    replica(2, 100);
  }

  bool primary(std::size_t node, std::uint64_t lsn, std::uint32_t timeline = 1) {
    return router.probed(node, probe(node, false, lsn, timeline), now);
  }
  bool replica(std::size_t node, std::uint64_t lsn, std::uint32_t timeline = 1) { return router.probed(node, probe(node, true, lsn, timeline), now); }
  void dead(std::size_t node) {
    router.probe_failed(node, "no answer");
    router.probe_failed(node, "no answer");
  }
  void hang(std::size_t node) { router.call_failed(node, Fault::hung, now); }
  void write(std::uint64_t lsn) {
    now += 200ms;
    primary(0, lsn);
  }

  Choice choose(Route route, LogPosition position = {}, bool patient = false, std::uint64_t dice = 0) const {
    return router.choose({route, position, patient, dice}, in_flight, guests, now);
  }
  /// "P" the primary, "G" the primary as a guest, "r1", "r2", "r" (either, by the dice), "w" wait, "-" nobody.
  std::string word(Route route, LogPosition position = {}, bool patient = false) const {
    const Choice low = choose(route, position, patient, 0), high = choose(route, position, patient, 0x0000'0001'0000'0001);
    CHECK(low.kind == high.kind);
    CHECK_FALSE(low.why.empty());
    if (low.kind == Choice::Kind::wait) return "w";
    if (low.kind == Choice::Kind::unavailable) return "-";
    if (router.primary() == low.node) return low.guest ? "G" : "P";
    return low.node == high.node ? "r" + std::to_string(low.node) : "r";
  }

  static Probe probe(std::size_t node, bool in_recovery, std::uint64_t lsn, std::uint32_t timeline) {
    return {in_recovery, {timeline, lsn}, "cluster", "server " + std::to_string(node)};
  }

  Router router{{1, 1, 1}, {10s, 2}};
  SteadyTime now{1h};
  std::vector<std::uint32_t> in_flight{0, 0, 0};
  std::uint32_t guests = 0;
};

}  // namespace

TEST_CASE("Router: who answers what, in every state of the servers") {
  struct Row {
    std::string_view state;
    void (*happens)(World&);
    // write, read_latest, read_replica of anything, of position 100, of 150 at once, of 150 with patience
    std::string_view answers;
  };
  constexpr Row rows[] = {
      {"all is well, nothing was written since", [](World&) {}, "P P r r G w"},
      {"the replicas have replayed what was written",
       [](World& w) {
         w.write(150);
         w.replica(1, 150);
         w.replica(2, 150);
       },
       "P P r r r r"},
      {"one replica is behind",
       [](World& w) {
         w.write(150);
         w.replica(1, 150);
         w.replica(2, 120);
       },
       "P P r r r1 r1"},
      {"all replicas are behind",
       [](World& w) {
         w.write(150);
         w.replica(1, 149);
         w.replica(2, 120);
       },
       "P P r r G w"},
      {"one replica is behind for too long",
       [](World& w) {
         w.write(150);
         for (int i = 0; i < 55; ++i) w.write(151);
         w.replica(1, 151);
         w.replica(2, 120);
       },
       "P P r1 r1 r1 r1"},
      {"all replicas are behind for too long",
       [](World& w) {
         w.write(150);
         for (int i = 0; i < 55; ++i) w.write(151);
       },
       "P P G G G G"},
      {"a replica is behind further than is remembered",
       [](World& w) {
         for (std::uint64_t i = 0; i < 600; ++i) w.write(150 + i);
         w.replica(1, 749);
       },
       "P P r1 r1 r1 r1"},
      {"all replicas are behind by more than a read would wait",
       [](World& w) {
         w.write(150);
         for (int i = 0; i < 5; ++i) w.write(151);
       },
       "P P r r G G"},
      {"an idle primary does not make replicas late",
       [](World& w) {
         w.now += 1h;
         w.primary(0, 100);
       },
       "P P r r G w"},
      {"one replica is dead", [](World& w) { w.dead(1); }, "P P r2 r2 G w"},
      {"all replicas are dead",
       [](World& w) {
         w.dead(1);
         w.dead(2);
       },
       "P P G G G G"},
      {"all replicas are dead, and the primary has guests enough",
       [](World& w) {
         w.dead(1);
         w.dead(2);
         w.guests = 2;
       },
       "P P - - - -"},
      {"one probe of a replica failed", [](World& w) { w.router.probe_failed(1, "x"); }, "P P r2 r2 G w"},
      {"a replica did not answer a call", [](World& w) { w.hang(1); }, "P P r2 r2 G w"},
      {"it answered a probe after that",
       [](World& w) {
         w.hang(1);
         w.replica(1, 100);
       },
       "P P r r G w"},
      {"the primary is dead", [](World& w) { w.dead(0); }, "- - r r - w"},
      {"the primary did not answer a call", [](World& w) { w.hang(0); }, "- - r r - w"},
      {"one probe of the primary failed", [](World& w) { w.router.probe_failed(0, "x"); }, "P P r r G w"},
      {"the primary is back",
       [](World& w) {
         w.dead(0);
         w.primary(0, 100);
       },
       "P P r r G w"},
      {"everything is dead",
       [](World& w) {
         w.dead(0);
         w.dead(1);
         w.dead(2);
       },
       "- - - - - -"},
      {"a replica was promoted, the old primary is dead",
       [](World& w) {
         w.dead(0);
         w.primary(1, 110, 2);
       },
       "P P G G G G"},
      {"and the other replica follows it",
       [](World& w) {
         w.dead(0);
         w.primary(1, 110, 2);
         w.replica(2, 110, 2);
       },
       "P P r2 G G G"},
      {"the other replica replays more of the old timeline",
       [](World& w) {
         w.dead(0);
         w.primary(1, 110, 2);
         w.replica(2, 900, 1);
       },
       "P P G G G G"},
      {"the old primary is back and does not know",
       [](World& w) {
         w.dead(0);
         w.primary(1, 110, 2);
         w.primary(0, 500);
       },
       "P P G G G G"},
      {"the old primary is back as a replica",
       [](World& w) {
         w.dead(0);
         w.primary(1, 110, 2);
         w.replica(0, 110, 2);
       },
       "P P r0 G G G"},
      {"the primary takes no writes any more", [](World& w) { w.router.call_failed(0, Fault::demoted, w.now); }, "- - r r - w"},
      {"another cluster answers for a replica",
       [](World& w) {
         Probe p = World::probe(1, true, 900, 1);
         p.system_id = "other";
         w.router.probed(1, p, w.now);
       },
       "P P r2 r2 G w"},
      {"another cluster answers for the primary",
       [](World& w) {
         Probe p = World::probe(0, false, 900, 9);
         p.system_id = "other";
         w.router.probed(0, p, w.now);
       },
       "- - r r - w"},
      {"a replica that knows no timeline",
       [](World& w) {
         w.replica(1, 100, 0);
         w.replica(2, 100, 0);
       },
       "P P G G G G"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.state);
    World world;
    row.happens(world);
    const std::string answers = world.word(Route::write) + ' ' + world.word(Route::read_latest) + ' ' + world.word(Route::read_replica) + ' ' +
                                world.word(Route::read_replica, {1, 100}) + ' ' + world.word(Route::read_replica, {1, 150}) + ' ' +
                                world.word(Route::read_replica, {1, 150}, true);
    CHECK(answers == row.answers);
  }
}

TEST_CASE("Router: a caller waits only while a probe may change the answer") {
  World world;
  CHECK(world.word(Route::write, {}, true) == "P");
  world.hang(0);
  CHECK(world.word(Route::write, {}, true) == "w");
  world.router.probe_failed(0, "x");
  CHECK(world.word(Route::write, {}, true) == "-");
  Router fresh({1}, {});
  const std::uint32_t none[] = {0};
  CHECK(fresh.choose({Route::write}, none, 0, world.now).kind == Choice::Kind::wait);
  fresh.probe_failed(0, "refused");
  CHECK(fresh.choose({Route::write}, none, 0, world.now).kind == Choice::Kind::unavailable);
}

TEST_CASE("Router: without replicas every read is the primary's, and none of them is a guest") {
  Router router({1}, {10s, 0});
  router.probed(0, World::probe(0, false, 1, 1), SteadyTime(1h));
  const std::uint32_t none[] = {0};
  for (const Route route : {Route::write, Route::read_latest, Route::read_replica}) {
    const Choice choice = router.choose({route, {1, 900}}, none, 0, SteadyTime(1h));
    CHECK(choice.kind == Choice::Kind::node);
    CHECK_FALSE(choice.guest);
  }
}

TEST_CASE("Router: reads are dealt by weight, and to the one that has less to do") {
  Router router({1, 1, 3}, {10s, 2});
  const SteadyTime now{1h};
  router.probed(0, World::probe(0, false, 1, 1), now);
  router.probed(1, World::probe(1, true, 1, 1), now);
  router.probed(2, World::probe(2, true, 1, 1), now);
  std::map<std::size_t, int> taken;
  const auto deal = [&](std::vector<std::uint32_t> in_flight) {
    taken.clear();
    for (std::uint64_t one = 0; one < 4; ++one)
      for (std::uint64_t two = 0; two < 4; ++two) ++taken[router.choose({Route::read_replica, {}, false, one | two << 32}, in_flight, 0, now).node];
  };
  deal({0, 0, 0});
  CHECK(taken[0] == 0);
  CHECK(taken[2] == 12);
  deal({0, 10, 29});
  CHECK(taken[2] == 15);
  deal({0, 10, 31});
  CHECK(taken[2] == 9);
}

TEST_CASE("Router: old connections are given up when another server answers, or the same in another role") {
  World world;
  CHECK_FALSE(world.primary(0, 101));
  CHECK_FALSE(world.replica(1, 101));
  CHECK(world.primary(1, 101, 2));
  CHECK(world.router.call_failed(1, Fault::demoted, world.now));
  Probe restarted = World::probe(2, true, 101, 1);
  restarted.server = "server 2, started later";
  CHECK(world.router.probed(2, restarted, world.now));
  CHECK(world.router.is_same_server(2, restarted.server));
  CHECK_FALSE(world.router.is_same_server(2, "server 2"));
}

TEST_CASE("Router: a URL that leads to several servers is found out, by its probes or by its connections") {
  World by_probes;
  Probe other = World::probe(1, true, 100, 1);
  other.server = "server 7";
  by_probes.router.probed(1, other, by_probes.now);
  CHECK(by_probes.word(Route::read_replica) == "r");
  by_probes.replica(1, 100);
  CHECK(by_probes.word(Route::read_replica) == "r2");
  CHECK(by_probes.router.status(1, by_probes.now).health == NodeHealth::quarantined);
  CHECK(by_probes.router.status(1, by_probes.now).trouble.find("several servers") != std::string::npos);

  World by_connections;
  for (int i = 0; i < 3; ++i) {
    CHECK(by_connections.word(Route::read_replica) == "r");
    by_connections.router.call_failed(1, Fault::another, by_connections.now);
  }
  CHECK(by_connections.word(Route::read_replica) == "r2");
}

TEST_CASE("Router: status tells roles, lag and what is wrong") {
  World world;
  world.write(150);
  world.now += 400ms;
  world.primary(0, 200);
  world.replica(1, 120);
  world.dead(2);
  const NodeStatus primary = world.router.status(0, world.now), behind = world.router.status(1, world.now), dead = world.router.status(2, world.now);
  CHECK(primary.role == NodeRole::primary);
  CHECK(primary.health == NodeHealth::up);
  CHECK(primary.position == LogPosition{1, 200});
  CHECK_FALSE(primary.lag);
  CHECK(behind.lag == Duration{600});
  CHECK(dead.health == NodeHealth::down);
  CHECK(dead.trouble == "no answer");
}
