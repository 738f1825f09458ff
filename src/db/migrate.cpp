#include "db/migrate.hpp"

#include "core/digest.hpp"
#include "core/hex.hpp"
#include "core/in_transaction.hpp"
#include "db/sql_database.hpp"
#include "db/sql_query.hpp"

#include <fmt/format.h>

#include <limits>
#include <thread>

namespace authkit {
namespace {

constexpr const char* create_table =
    "CREATE TABLE IF NOT EXISTS authkit_migration ("
    "number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)";
constexpr const char* select_all = "SELECT number, name, checksum, applied_at FROM authkit_migration ORDER BY number";
constexpr const char* insert_one =
    "INSERT INTO authkit_migration (number, name, checksum, applied_at) VALUES (:number, :name, :checksum, :applied_at)";
constexpr const char* delete_one = "DELETE FROM authkit_migration WHERE number = :number";

constexpr const char* select_unfinished =
    "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisvalid AND c.relname LIKE 'authkit%' AND "
    "pg_table_is_visible(c.oid)";

constexpr std::string_view one_at_a_time = "migrations";
constexpr std::string_view no_transaction = "-- no transaction\n";
constexpr std::string_view contract = "contract_";
constexpr std::chrono::milliseconds before_another_try{20};

std::string checksum(const Migration& migration) {
  return hex::encode(sha256(as_bytes(fmt::format("{}\n{}\n{}\n{}", migration.number, migration.name, migration.up, migration.down))));
}

/// A step over a large table takes its time, and so does waiting for another program that is at it.
Context patient(Deadline deadline) {
  Context context;
  context.deadline = deadline;
  return context;
}

/// The lock of migrations, held outside of a transaction.
class KeptLock {
 public:
  explicit KeptLock(SqlSession& session) : session_(session), held_(session.try_keep_lock(one_at_a_time)) {}
  KeptLock(const KeptLock&) = delete;
  KeptLock& operator=(const KeptLock&) = delete;
  ~KeptLock() {
    if (held_) session_.drop_lock(one_at_a_time);
  }
  bool held() const noexcept { return held_; }

 private:
  SqlSession& session_;
  bool held_;
};

/// What a concurrent build leaves when it fails takes the name of the index, and serves nobody.
void drop_unfinished(SqlSession& session, std::string_view script) {
  std::vector<std::string> indexes;
  std::string name;
  SqlQuery query(session, select_unfinished);
  query.out(name);
  while (query.next()) {
    if (script.find(name) != std::string_view::npos) indexes.push_back(name);
  }
  for (const auto& index : indexes) session.script("DROP INDEX CONCURRENTLY " + index);
}

}  // namespace

Result<std::size_t> Migrator::up(Time now) { return steps(Direction::up, std::numeric_limits<std::size_t>::max(), now); }

Result<std::size_t> Migrator::down(std::size_t count) { return steps(Direction::down, count, Time{}); }

Result<std::size_t> Migrator::steps(Direction direction, std::size_t count, Time now) {
  const Deadline deadline = std::chrono::steady_clock::now() + std::chrono::hours(24);
  for (std::size_t done = 0; done < count;) {
    AUTHKIT_TRY_ASSIGN(Outcome outcome, in_transaction(database_, patient(deadline), [&](Tx& tx) {
                         return database_.write(tx, [&](SqlSession& session) { return step(session, direction, now); });
                       }));
    if (outcome == Outcome::outside) {
      AUTHKIT_TRY_ASSIGN(outcome,
                         database_.write_alone(patient(deadline), [&](SqlSession& session) { return step_outside(session, direction, now); }));
    }
    if (outcome == Outcome::nothing_to_do) return done;
    if (outcome == Outcome::done) ++done;
    if (outcome != Outcome::busy) continue;
    if (Deadline::clock::now() > deadline) return Error{Errc::store_unavailable, "another program has been migrating the database for a day"};
    std::this_thread::sleep_for(before_another_try);
  }
  return count;
}

Result<std::vector<MigrationStatus>> Migrator::status() {
  AUTHKIT_TRY_ASSIGN(const auto done, applied());
  std::vector<MigrationStatus> rows;
  for (const auto& one : done) rows.push_back({one.number, one.name, one.at});
  for (const auto& migration : migrations_) {
    if (done.empty() || migration.number > done.back().number) rows.push_back({migration.number, std::string(migration.name), std::nullopt});
  }
  return rows;
}

Result<void> Migrator::check() {
  AUTHKIT_TRY_ASSIGN(const auto done, applied());
  AUTHKIT_TRY(sql_guard([&] { require_fit(done); }));
  if (done.size() >= migrations_.size()) return {};
  return Error{Errc::schema_mismatch, fmt::format("the database has {} of {} migrations: apply the others", done.size(), migrations_.size())};
}

std::vector<Migrator::Applied> Migrator::read(SqlSession& session) {
  std::vector<Applied> rows;
  Applied row;
  SqlQuery query(session, select_all);
  query.out(row.number).out(row.name).out(row.checksum).out(row.at);
  while (query.next()) rows.push_back(row);
  return rows;
}

Result<std::vector<Migrator::Applied>> Migrator::applied() {
  auto rows = database_.read(Route::read_latest, {}, read);
  if (!rows && rows.error().code == Errc::schema_mismatch) return std::vector<Applied>();  // no such table: nothing was ever applied
  return rows;
}

void Migrator::require_fit(const std::vector<Applied>& applied) const {
  for (std::size_t i = 0; i < applied.size(); ++i) {
    const Applied& one = applied[i];
    if (i >= migrations_.size()) {
      if (one.name.starts_with(contract))
        throw SqlFailure({Errc::schema_mismatch, fmt::format("migration {} of the database took away what this older program needs", one.number)});
    } else if (one.number != migrations_[i].number || one.checksum != checksum(migrations_[i])) {
      throw SqlFailure({Errc::schema_mismatch, fmt::format("migration {} of the database is not the one of this program", one.number)});
    }
  }
}

/// The migration that a step in that direction is about; null = none.
const Migration* Migrator::next(SqlSession& session, Direction direction) const {
  const auto done = read(session);
  require_fit(done);
  if (direction == Direction::up) return done.size() < migrations_.size() ? &migrations_[done.size()] : nullptr;
  if (done.size() > migrations_.size())
    throw SqlFailure({Errc::schema_mismatch, fmt::format("migration {} of the database is undone by the program that has it", done.back().number)});
  return done.empty() ? nullptr : &migrations_[done.size() - 1];
}

Migrator::Outcome Migrator::step(SqlSession& session, Direction direction, Time now) const {
  if (!session.try_lock(one_at_a_time)) return Outcome::busy;
  session.script(create_table);
  const Migration* const migration = next(session, direction);
  if (migration == nullptr) return Outcome::nothing_to_do;
  if (is_outside(session, *migration, direction)) return Outcome::outside;
  run(session, *migration, direction, now);
  return Outcome::done;
}

Migrator::Outcome Migrator::step_outside(SqlSession& session, Direction direction, Time now) const {
  const KeptLock lock(session);
  if (!lock.held()) return Outcome::busy;
  const Migration* const migration = next(session, direction);
  // Somebody else was here in between: look again.
  if (migration == nullptr || !is_outside(session, *migration, direction)) return Outcome::busy;
  drop_unfinished(session, script_of(*migration, direction));
  run(session, *migration, direction, now);
  return Outcome::done;
}

void Migrator::run(SqlSession& session, const Migration& migration, Direction direction, Time now) {
  session.script(session.dialect().migration(script_of(migration, direction)));
  if (direction == Direction::down) {
    SqlQuery(session, delete_one).in(migration.number).run();
    return;
  }
  session.script(session.dialect().statistics);
  SqlQuery(session, insert_one).in(migration.number).in(migration.name).in(checksum(migration)).in(now).run();
}

std::string_view Migrator::script_of(const Migration& migration, Direction direction) {
  return direction == Direction::up ? migration.up : migration.down;
}

bool Migrator::is_outside(SqlSession& session, const Migration& migration, Direction direction) {
  return session.dialect().steps_outside && script_of(migration, direction).starts_with(no_transaction);
}

}  // namespace authkit
