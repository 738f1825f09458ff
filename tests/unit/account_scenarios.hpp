#pragma once

#include "unit/account_fixture.hpp"

#include <algorithm>
#include <barrier>
#include <set>
#include <thread>

// Races that must come out the same over every kind of store. A suite calls them with stores of its own.
namespace authkit::test {

/// Runs `call(i)` on `callers` threads at once.
template <class Call>
void at_once(int callers, Call call) {
  std::barrier start(callers);
  std::vector<std::jthread> threads;
  for (int i = 0; i < callers; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      call(i);
    });
  }
}

/// Sanitizers look at every access and take ten times as long for it: a tenth of the rounds shows them as much.
constexpr int scaled(int wanted) {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  return wanted / 10;
#else
  return wanted;
#endif
}

/// `callers` refresh one token at once, spread over two instances, `rounds` times: one successor a round, and nobody is logged out.
inline void race_refreshes(const Stores& stores, int callers, int rounds) {
  const auto clock = std::make_shared<ManualClock>();
  const auto ring = make_ring();
  const Service first(stores, clock, ring);
  const Service second(stores, clock, ring);
  const Account user = first.accounts.sign_up(registration("race@example.org")).value();
  std::string token = first.accounts.log_in(login("race@example.org")).value().session_secret;

  std::vector<Result<Grant>> grants(static_cast<std::size_t>(callers), Errc::internal);
  std::barrier round(callers + 1);
  std::vector<std::jthread> threads;
  for (int i = 0; i < callers; ++i) {
    threads.emplace_back([&, i] {
      const Service& mine = i % 2 == 0 ? first : second;
      for (int r = 0; r < rounds; ++r) {
        round.arrive_and_wait();
        grants[static_cast<std::size_t>(i)] = mine.accounts.refresh(token);
        round.arrive_and_wait();
      }
    });
  }
  int refused = 0, winners = 0, strangers = 0, dead = 0;
  for (int r = 0; r < rounds; ++r) {
    round.arrive_and_wait();
    round.arrive_and_wait();
    std::set<std::string> successors;
    for (const auto& grant : grants) {
      if (!grant) {
        ++refused;
        continue;
      }
      winners += grant->rotated ? 1 : 0;
      dead += first.accounts.authenticate(grant->access_token) ? 0 : 1;
      successors.insert(grant->session_secret);
    }
    strangers += successors.size() == 1 ? 0 : 1;
    if (!successors.empty()) token = *successors.begin();
    clock->advance(Duration{700});
  }
  threads.clear();
  CHECK(refused == 0);
  CHECK(winners == rounds);
  CHECK(strangers == 0);
  CHECK(dead == 0);
  CHECK(count_sessions(stores, user.id, clock->now()) == 1);
  CHECK(events(stores, "session.reuse_detected").empty());
}

/// `callers` present a token that was replaced long ago: the session ends once, and is reported once.
inline void race_reuse(const Stores& stores, int callers, int rounds) {
  const auto clock = std::make_shared<ManualClock>();
  const auto ring = make_ring();
  const Service first(stores, clock, ring);
  const Service second(stores, clock, ring);
  REQUIRE(first.accounts.sign_up(registration("reuse@example.org")));
  for (int r = 0; r < rounds; ++r) {
    const Grant old = first.accounts.log_in(login("reuse@example.org")).value();
    const Grant winner = first.accounts.refresh(old.session_secret).value();
    clock->advance(Duration{11'000});
    std::atomic<int> let_in{0};
    at_once(callers, [&](int i) { let_in += (i % 2 == 0 ? first : second).accounts.refresh(old.session_secret) ? 1 : 0; });
    CHECK(let_in == 0);
    CHECK(code(first.accounts.refresh(winner.session_secret)) == Errc::session_revoked);
    REQUIRE(first.revocations->poll());
    CHECK(code(first.accounts.authenticate(winner.access_token)) == Errc::token_revoked);
  }
  CHECK(events(stores, "session.reuse_detected").size() == static_cast<std::size_t>(rounds));
}

/// Refreshes and a logout at once: whatever came first, nothing that anybody holds afterwards works.
inline void race_refresh_and_log_out(const Stores& stores, int rounds) {
  const auto clock = std::make_shared<ManualClock>();
  const Service service(stores, clock, make_ring());
  const Account user = service.accounts.sign_up(registration("leave@example.org")).value();
  int alive = 0, failed = 0;
  for (int r = 0; r < rounds; ++r) {
    const Grant grant = service.accounts.log_in(login("leave@example.org")).value();
    const Identity who = service.accounts.authenticate(grant.access_token).value();
    std::array<Result<Grant>, 2> grants{Errc::internal, Errc::internal};
    std::atomic<int> refused_logouts{0};
    const auto scope = r % 2 == 0 ? LogoutScope::current : LogoutScope::all;
    at_once(3, [&](int i) {
      if (i == 2) {
        refused_logouts += service.accounts.log_out(who, scope) ? 0 : 1;
      } else {
        grants[static_cast<std::size_t>(i)] = service.accounts.refresh(grant.session_secret);
      }
    });
    failed += refused_logouts;
    alive += service.accounts.authenticate(grant.access_token) ? 1 : 0;
    for (const auto& got : grants) {
      if (!got) continue;
      alive += service.accounts.authenticate(got->access_token) ? 1 : 0;
      alive += service.accounts.refresh(got->session_secret) ? 1 : 0;
    }
  }
  CHECK(failed == 0);
  CHECK(alive == 0);
  CHECK(count_sessions(stores, user.id, clock->now()) == 0);
}

/// `callers` guess at one account at once, by every name it has, over two instances: at most five passwords are looked at.
inline void race_guesses(const Stores& stores, int callers) {
  const auto clock = std::make_shared<ManualClock>();
  const auto ring = make_ring();
  Setup setup;
  setup.limit = LimitOptions{};
  const Service first(stores, clock, ring, setup);
  const Service second(stores, clock, ring, setup);
  REQUIRE(first.accounts.sign_up(registration("guess@example.org", "guess")));
  const auto runs = [&] { return first.passwords->kdf_runs() + second.passwords->kdf_runs(); };
  const auto before = runs();
  const std::array<std::string, 4> names{"guess", "GUESS", "guess@example.org", "Guess@Example.ORG"};
  std::atomic<int> wrong{0}, limited{0}, other{0};
  at_once(callers, [&](int i) {
    Context context;
    context.address = "192.0.2.1";
    const auto result =
        (i % 2 == 0 ? first : second).accounts.log_in(login(names[static_cast<std::size_t>(i) % names.size()], wrong_password), context);
    const bool waits = code(result) == Errc::rate_limited && result.error().retry_after > Duration{0};
    ++(code(result) == Errc::invalid_credentials ? wrong : waits ? limited : other);
  });
  CHECK(runs() - before <= 5);
  CHECK(wrong <= 5);
  CHECK(wrong + limited == callers);
  CHECK(other == 0);
}

/// `callers` take one address at once: one account.
inline void race_sign_ups(const Stores& stores, int callers) {
  const auto clock = std::make_shared<ManualClock>();
  const Service service(stores, clock, make_ring());
  std::atomic<int> made{0}, taken{0};
  at_once(callers, [&](int) {
    const auto result = service.accounts.sign_up(registration("same@example.org", "same"));
    made += result ? 1 : 0;
    taken += code(result) == Errc::email_taken || code(result) == Errc::username_taken ? 1 : 0;
  });
  CHECK(made == 1);
  CHECK(taken == callers - 1);
}

}  // namespace authkit::test
