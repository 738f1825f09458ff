#include "contract/samples.hpp"
#include "contract/suite.hpp"

using namespace authkit;
using namespace authkit::contract;

// Redis lets go of things by itself; what does not must be told to, in batches.
TEST_CASE("sessions that do not end by themselves are purged, as many as asked") {
  for (const auto make : {memory_stores, sqlite_stores, postgres_stores}) {
    Fixture f(make);
    const Time now = t0 + Duration{1000};
    for (std::uint64_t n = 1; n <= 7; ++n) {
      SessionRecord one = record(n);
      one.idle_expires_at = n == 7 ? now + Duration{1} : now - Duration{n - 1};
      f.commit([&](Tx& tx) { return f.sessions().insert(tx, one); }).value();
    }
    const auto purge = [&](Time at, std::size_t max) { return f.commit([&](Tx& tx) { return f.sessions().purge(tx, at, max); }).value(); };
    CHECK(purge(now, 0) == 0);
    CHECK(purge(now, 4) == 4);
    CHECK(purge(now, 4) == 2);
    CHECK(purge(now, 4) == 0);
    for (std::uint64_t n = 1; n <= 6; ++n) CHECK_FALSE(f.sessions().find(session(n), f.context()).value());
    CHECK(f.sessions().find(session(7), f.context()).value());
    CHECK(purge(now + Duration{1}, 100) == 1);
  }
}

TEST_CASE("counters that do not end by themselves are purged once they are full again, as many as asked") {
  constexpr LimitRule slow{5, Duration{15 * 60'000}}, quick{2, Duration{1000}};
  for (const auto make : {memory_stores, sqlite_stores, postgres_stores}) {
    Fixture f(make);
    const auto take = [&](const std::string& key, const LimitRule& rule) {
      const std::vector<LimitRequest> one{{key, rule}};
      return f.counters().take(one, t0, f.context()).value().allowed;
    };
    for (int i = 0; i < 5; ++i) CHECK(take("full" + std::to_string(i), quick));
    for (int i = 0; i < 5; ++i) CHECK(take("live", slow));
    const auto purge = [&](Time now, std::size_t max) { return f.counters().purge(now, max).value(); };
    CHECK(purge(t0 + Duration{499}, 10) == 0);
    CHECK(purge(t0 + Duration{500}, 0) == 0);
    CHECK(purge(t0 + Duration{500}, 3) == 3);
    CHECK(purge(t0 + Duration{500}, 3) == 2);
    CHECK(purge(t0 + Duration{500}, 3) == 0);
    CHECK(purge(t0 + slow.period, 10) == 1);
  }
}
