// causal PAIRS [blind]: four processes in a ring; each writes, tells the next how far its commit is in the log, and that one reads from a replica
// what must not be older. Blind, it asks for nothing, which shows that the past is there to be seen. It finds the servers in AUTHKIT_TEST_POSTGRESQL
// and AUTHKIT_TEST_REPLICAS. Prints what was read where, and what a choice costs.
#include "authkit/database.hpp"

#include "core/in_transaction.hpp"
#include "db/router.hpp"
#include "db/sql_database.hpp"
#include "db/sql_query.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace authkit;

namespace {

constexpr std::size_t processes = 4;

/// What one process tells the next.
struct Written {
  std::int64_t id = 0, value = 0;
  LogPosition position;
};

struct Tally {
  std::uint64_t stale = 0, failed = 0, by_replica = 0, by_primary = 0, waits = 0, slowest_us = 0;
};

DatabaseOptions options() {
  DatabaseOptions options;
  options.url = std::getenv("AUTHKIT_TEST_POSTGRESQL");
  options.replica_url = std::getenv("AUTHKIT_TEST_REPLICAS");
  options.connections = 4;
  options.deadline = std::chrono::seconds(5);
  return options;
}

Result<void> write(SqlDatabase& database, Written& next) {
  Context context;
  context.read_after = std::make_shared<ReadAfter>();
  AUTHKIT_TRY(in_transaction(database, context, [&](Tx& tx) {
    return database.write(
        tx, [&](SqlSession& session) { SqlQuery(session, "UPDATE causal SET value = :value WHERE id = :id").in(++next.value).in(next.id).run(); });
  }));
  next.position = context.read_after->position();
  return {};
}

Result<std::int64_t> read(SqlDatabase& database, const Written& last, bool blind) {
  Context context;
  if (!blind) context.read_after = std::make_shared<ReadAfter>(last.position);
  return database.read(Route::read_replica, context, [&](SqlSession& session) {
    std::int64_t value = -1;
    SqlQuery(session, "SELECT value FROM causal WHERE id = :id").in(last.id).out(value).next();
    return value;
  });
}

template <class Plain>
bool send(int to, const Plain& what) {
  return ::write(to, &what, sizeof what) == static_cast<ssize_t>(sizeof what);
}
template <class Plain>
bool receive(int from, Plain& what) {
  return ::read(from, &what, sizeof what) == static_cast<ssize_t>(sizeof what);
}

/// One of the ring.
int run(std::size_t me, std::size_t pairs, bool blind, int from, int to, int report) {
  const auto database = as_sql(Database::open(options()).value());
  Tally tally;
  Written own{static_cast<std::int64_t>(me), 0, {}}, last;
  for (std::size_t i = 0; i < pairs; ++i) {
    while (!write(*database, own)) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (!send(to, own) || !receive(from, last)) return 1;
    const auto begun = std::chrono::steady_clock::now();
    const auto value = read(*database, last, blind);
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun);
    tally.slowest_us = std::max(tally.slowest_us, static_cast<std::uint64_t>(took.count()));
    if (!value) {
      ++tally.failed;
    } else if (*value < last.value) {
      ++tally.stale;
    }
  }
  const DatabaseStatus status = database->status();
  tally.by_replica = status.replica_reads;
  tally.by_primary = status.guest_reads;
  tally.waits = status.waits;
  return send(report, tally) ? 0 : 1;
}

/// Nanoseconds of one choice among three servers.
double cost_of_a_choice() {
  Router router({1, 1, 1}, {});
  const SteadyTime now = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < 3; ++i) router.probed(i, {i > 0, {1, 100}, "cluster", std::string(1, static_cast<char>('a' + i))}, now);
  constexpr int rounds = 1'000'000;
  const std::array<std::uint32_t, 3> in_flight{1, 2, 3};
  std::size_t sum = 0;
  const auto begun = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < rounds; ++i)
    sum += router.choose({Route::read_replica, {1, 90}, true, i * 0x9E37'79B9'7F4A'7C15}, in_flight, 0, now).node;
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begun;
  return sum > 0 ? took.count() / rounds : -1;
}

}  // namespace

int main(int count, char** arguments) {
  const bool blind = count == 3 && std::string_view(arguments[2]) == "blind";
  if ((count != 2 && !blind) || std::getenv("AUTHKIT_TEST_POSTGRESQL") == nullptr || std::getenv("AUTHKIT_TEST_REPLICAS") == nullptr) {
    std::fputs("usage: authkit_causal PAIRS [blind], with AUTHKIT_TEST_POSTGRESQL and AUTHKIT_TEST_REPLICAS\n", stderr);
    return 2;
  }
  const std::size_t pairs = std::strtoul(arguments[1], nullptr, 10) / processes;
  {
    const auto database = as_sql(Database::open(options()).value());
    database->migrate_up(Time(Duration(1))).value();
    in_transaction(*database, {}, [&](Tx& tx) {
      return database->write(tx, [](SqlSession& session) {
        session.script(
            "DROP TABLE IF EXISTS causal; CREATE TABLE causal (id bigint PRIMARY KEY, value bigint NOT NULL); "
            "INSERT INTO causal SELECT id, 0 FROM generate_series(0, 3) AS id");
      });
    }).value();
  }
  std::array<std::array<int, 2>, processes> ring{};
  std::array<int, 2> report{};
  for (auto& one : ring) {
    if (pipe(one.data()) != 0) return 1;
  }
  if (pipe(report.data()) != 0) return 1;
  std::vector<pid_t> children;
  for (std::size_t i = 0; i < processes; ++i) {
    const pid_t child = fork();
    if (child == 0) std::_Exit(run(i, pairs, blind, ring[(i + processes - 1) % processes][0], ring[i][1], report[1]));
    children.push_back(child);
  }
  bool good = true;
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    good = good && status == 0;
  }
  Tally sum;
  for (std::size_t i = 0; good && i < processes; ++i) {
    Tally one;
    good = receive(report[0], one);
    sum.stale += one.stale;
    sum.failed += one.failed;
    sum.by_replica += one.by_replica;
    sum.by_primary += one.by_primary;
    sum.waits += one.waits;
    sum.slowest_us = std::max(sum.slowest_us, one.slowest_us);
  }
  if (!good) return 1;
  std::printf(
      "{\"pairs\":%zu,\"stale\":%lu,\"failed\":%lu,\"by_replica\":%lu,\"by_primary\":%lu,\"waits\":%lu,\"slowest_ms\":%.1f,\"choice_ns\":%.0f}\n",
      pairs * processes, sum.stale, sum.failed, sum.by_replica, sum.by_primary, sum.waits, static_cast<double>(sum.slowest_us) / 1000,
      cost_of_a_choice());
  return 0;
}
