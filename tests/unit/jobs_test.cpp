#include "jobs.hpp"

#include <doctest/doctest.h>

#include <new>
#include <stdexcept>
#include <string>
#include <thread>

using namespace authkit;

namespace {

struct Fixture {
  Time now{Duration{1'000'000}};
  Jobs jobs{[this] { return now; }};
  std::string ran;

  void add(const char* name, Duration every, Result<bool> outcome = false) {
    jobs.add(name, every, [this, name, outcome](Jobs::Deadline) {
      ran += name;
      return outcome;
    });
  }
  std::string run(Duration budget = Duration{1000}) {
    ran.clear();
    (void)jobs.run(budget).has_value();
    return ran;
  }
};

}  // namespace

TEST_CASE("jobs run at once, then when their interval is over") {
  Fixture f;
  f.add("a", Duration{1000});
  f.add("b", Duration{5000});
  CHECK(f.run() == "ab");
  CHECK(f.run().empty());
  f.now += Duration{799};
  CHECK(f.run().empty());
  f.now += Duration{201};
  CHECK(f.run() == "a");
  f.now += Duration{4000};
  CHECK(f.run() == "ab");
}

TEST_CASE("jobs of several instances do not march in step, and none is late") {
  std::size_t early = 0;
  for (int instance = 0; instance < 200; ++instance) {
    Fixture f;
    f.add("a", Duration{1000});
    f.run();
    f.now += Duration{900};
    if (f.run() == "a") ++early;
    f.now += Duration{1000};
    CHECK(f.run() == "a");
  }
  CHECK(early > 50);
  CHECK(early < 150);
}

TEST_CASE("a job that has more to do is called again at once") {
  Fixture f;
  f.add("a", Duration{1000}, true);
  CHECK(f.run() == "a");
  CHECK(f.run() == "a");
}

TEST_CASE("a job that fails or throws stops no other, and is tried again after its interval") {
  Fixture f;
  f.add("a", Duration{1000}, Error(Errc::store_unavailable, "down"));
  f.jobs.add("t", Duration{1000}, [](Jobs::Deadline) -> Result<bool> { throw std::runtime_error("CANARY"); });
  f.jobs.add("m", Duration{1000}, [](Jobs::Deadline) -> Result<bool> { throw std::bad_alloc(); });
  f.add("b", Duration{1000});
  const auto failed = f.jobs.run(Duration{1000});
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Errc::store_unavailable);
  CHECK(failed.error().detail == "a: down");
  CHECK(f.ran == "ab");
  CHECK(f.jobs.run(Duration{1000}));
  f.now += Duration{1000};
  CHECK(f.run() == "ab");
}

TEST_CASE("what a job throws is not repeated") {
  Fixture f;
  f.jobs.add("t", Duration{1000}, [](Jobs::Deadline) -> Result<bool> { throw std::runtime_error("CANARY"); });
  const auto failed = f.jobs.run(Duration{1000});
  CHECK(failed.error().code == Errc::internal);
  CHECK(failed.error().detail == "t: it threw an exception");
}

TEST_CASE("a spent budget leaves the rest for the next call, which starts there") {
  Fixture f;
  f.add("a", Duration{1000});
  f.add("b", Duration{1000});
  f.add("c", Duration{1000});
  CHECK(f.run(Duration{0}) == "a");
  CHECK(f.run(Duration{0}) == "b");
  CHECK(f.run() == "c");
  f.now += Duration{1000};
  CHECK(f.run() == "abc");
}

TEST_CASE("a clock that is set back does not stop the jobs") {
  Fixture f;
  f.add("a", Duration{1000});
  f.run();
  f.now -= Duration{3'600'000};
  CHECK(f.run() == "a");
  CHECK(f.run().empty());
  f.now += Duration{1000};
  CHECK(f.run() == "a");
}

TEST_CASE("while one thread works, another returns at once") {
  Fixture f;
  int inner = 0;
  f.jobs.add("a", Duration{1000}, [&](Jobs::Deadline) -> Result<bool> {
    ++inner;
    f.now += Duration{10'000};
    std::thread([&] { CHECK(f.jobs.run(Duration{1000})); }).join();
    return false;
  });
  CHECK(f.jobs.run(Duration{1000}));
  CHECK(inner == 1);
}
