#pragma once

#include "contract/backend.hpp"
#include "core/in_transaction.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <exception>
#include <latch>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace authkit::contract {

/// What a case works on: the stores of one backend and short ways to use them. An unexpected error is thrown (BadResult) and fails the case.
struct Fixture {
  explicit Fixture(Stores (*make_stores)()) : make(make_stores), stores(make_stores()) {}

  Stores (*make)();
  Stores stores;

  AccountStore& accounts() { return *stores.accounts; }
  SessionStore& sessions() { return *stores.sessions; }
  RevocationStore& revocations() { return *stores.revocations; }
  CounterStore& counters() { return *stores.counters; }
  KeyStore& keys() { return *stores.keys; }
  EventStore& events() { return *stores.events; }
  OutboxStore& outbox() { return *stores.outbox; }
  FactorStore& factors() { return *stores.factors; }
  TicketStore& tickets() { return *stores.tickets; }

  /// Patient: parallel cases ask for what a store promises, not for how fast it is.
  static Context context() {
    Context context;
    context.deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    return context;
  }

  std::unique_ptr<Tx> begin() { return stores.work->begin(context()).value(); }

  /// Runs `body(tx)` in a unit that commits.
  template <class Body>
  auto commit(Body body) -> std::invoke_result_t<Body&, Tx&> {
    return in_transaction(*stores.work, context(), body);
  }
  /// Runs `body(tx)` in a unit that is dropped.
  template <class Body>
  auto roll_back(Body body) -> std::invoke_result_t<Body&, Tx&> {
    const auto tx = begin();
    return body(*tx);
  }
};

/// Runs `body(thread)` on `threads` threads that start together, and waits for them.
template <class Body>
void in_parallel(int threads, Body body) {
  std::latch start(threads);
  std::vector<std::thread> running;
  for (int thread = 0; thread < threads; ++thread) {
    running.emplace_back([&, thread] {
      start.arrive_and_wait();
      try {
        body(thread);
      } catch (const std::exception& error) {
        FAIL_CHECK(std::string(error.what()));
      }
    });
  }
  for (auto& thread : running) thread.join();
}

using Body = void (*)(Fixture&);

template <Body body, std::size_t index>
void run_on() {
  Fixture fixture(backends[index].make);
  body(fixture);
}

template <Body body, std::size_t... index>
bool add_cases(const std::string& interface, const std::string& text, const char* file, unsigned line, std::index_sequence<index...>) {
  static std::deque<std::string> names;  // doctest keeps the pointers
  for (const auto& backend : backends) names.push_back(interface + " [" + backend.name + "]: " + text);
  const std::size_t first = names.size() - backends.size();
  const auto add = [&](std::size_t at, void (*run)()) {
    if (!backends[at].transactional && interface == "UnitOfWork") return;
    doctest::detail::regTest(doctest::detail::TestCase(run, file, line, doctest_detail_test_suite_ns::getCurrentTestSuite()) *
                             names[first + at].c_str());
  };
  (add(index, run_on<body, index>), ...);
  return true;
}

}  // namespace authkit::contract

/// CONTRACT(SessionStore, "touch never creates") { ... f.sessions() ... } is one doctest case for each backend:
/// "SessionStore [memory]: touch never creates".
#define CONTRACT(interface, text) AUTHKIT_CONTRACT(interface, text, DOCTEST_ANONYMOUS(contract_))
#define AUTHKIT_CONTRACT(interface, text, body)                                                                                                 \
  static void body(authkit::contract::Fixture& f);                                                                                              \
  [[maybe_unused]] static const bool DOCTEST_CAT(body, _added) =                                                                                \
      authkit::contract::add_cases<body>(#interface, text, __FILE__, __LINE__, std::make_index_sequence<authkit::contract::backends.size()>()); \
  static void body([[maybe_unused]] authkit::contract::Fixture& f)
