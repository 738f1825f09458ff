#include "contract/filled.hpp"
#include "db/sql_query.hpp"
#include "measure.hpp"
#include "postgres_bench.hpp"

#include <ctime>
#include <libpq-fe.h>
#include <string_view>

// statement_bench [--smoke]: one indexed SELECT through the pool beside the same on a bare connection (AUTHKIT_TEST_POSTGRESQL)

namespace {

using namespace authkit;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct Cost {
  measure::Series wall, cpu;

  void round(int calls, const auto& call) {
    const double from = cpu_seconds();
    const double taken = measure::seconds_of([&] {
      for (int i = 0; i < calls; ++i) call(1 + i * 37 % 900);
    });
    wall.values.push_back(taken * 1e6 / calls);
    cpu.values.push_back((cpu_seconds() - from) * 1e6 / calls);
  }
};

/// Through the pool, as a store reads.
void through_pool(SqlDatabase& database, const std::string& sql, int user) {
  const std::string name = "user" + std::to_string(user) + "@example.org";
  database
      .read(Route::read_latest, {},
            [&](SqlSession& session) {
              std::int64_t epoch = 0;
              std::string hash;
              SqlQuery query(session, sql);
              query.in("bench").in(name).out(epoch).out(hash);
              if (!query.next()) std::abort();
            })
      .value();
}

void bare(PGconn* connection, const char* sql, int user) {
  const std::string name = "user" + std::to_string(user) + "@example.org";
  const char* values[] = {"bench", name.c_str()};
  PGresult* result = PQexecParams(connection, sql, 2, nullptr, values, nullptr, nullptr, 0);
  if (PQntuples(result) != 1) std::abort();
  measure::keep(std::string(PQgetvalue(result, 0, 1)));
  PQclear(result);
}

}  // namespace

int main(int argc, char** argv) {
  const bool smoke = argc > 1 && std::string_view(argv[1]) == "--smoke";
  const int rounds = smoke ? 3 : 21, calls = smoke ? 100 : 1'000;
  const bench::OwnDatabase own("authkit_statement");
  DatabaseOptions options;
  options.url = own.url();
  options.deadline = std::chrono::minutes(1);
  const auto database = as_sql(Database::open(options).value());
  database->migrate_up(system_now()).value();
  contract::fill(*database, "bench", 1'000, "hash", system_now());
  PGconn* connection = PQconnectdb(options.url.c_str());
  if (PQstatus(connection) != CONNECTION_OK) return 1;

  const std::string sql = "SELECT auth_epoch, password_hash FROM authkit_account WHERE tenant = :tenant AND email_key = :key";
  const char* bare_sql = "SELECT auth_epoch, password_hash FROM authkit_account WHERE tenant = $1 AND email_key = $2";
  Cost pool, alone;
  for (int i = 0; i <= rounds; ++i) {
    if (i == 1) pool = alone = {};  // the first only warms up
    pool.round(calls, [&](int user) { through_pool(*database, sql, user); });
    alone.round(calls, [&](int user) { bare(connection, bare_sql, user); });
  }
  pool.wall.print("through the pool, wall", "us");
  alone.wall.print("PQexecParams, wall", "us");
  pool.cpu.print("through the pool, processor", "us");
  alone.cpu.print("PQexecParams, processor", "us");
  std::printf("wall ratio %.2f, %.1f us more processor time\n", pool.wall.median() / alone.wall.median(), pool.cpu.median() - alone.cpu.median());
  PQfinish(connection);
  return 0;
}
