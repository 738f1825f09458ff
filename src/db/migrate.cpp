#include "db/migrate.hpp"

#include "core/digest.hpp"
#include "core/hex.hpp"
#include "core/in_transaction.hpp"
#include "db/sql_database.hpp"
#include "db/sql_query.hpp"

#include <fmt/format.h>

namespace authkit {
namespace {

constexpr const char* create_table =
    "CREATE TABLE IF NOT EXISTS authkit_migration ("
    "number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)";
constexpr const char* select_all = "SELECT number, name, checksum, applied_at FROM authkit_migration ORDER BY number";
constexpr const char* insert_one =
    "INSERT INTO authkit_migration (number, name, checksum, applied_at) VALUES (:number, :name, :checksum, :applied_at)";
constexpr const char* delete_one = "DELETE FROM authkit_migration WHERE number = :number";

constexpr std::string_view one_at_a_time = "migrations";

std::string checksum(const Migration& migration) {
  return hex::encode(sha256(as_bytes(fmt::format("{}\n{}\n{}\n{}", migration.number, migration.name, migration.up, migration.down))));
}

/// A step over a large table takes its time, and so does waiting for another program that is at it.
Context patient() {
  Context context;
  context.deadline = std::chrono::steady_clock::now() + std::chrono::hours(24);
  return context;
}

}  // namespace

Result<std::size_t> Migrator::up(Time now) {
  for (std::size_t done = 0;; ++done) {
    AUTHKIT_TRY_ASSIGN(const bool stepped, in_transaction(database_, patient(), [&](Tx& tx) {
                         return database_.write(tx, [&](SqlSession& session) { return step_up(session, now); });
                       }));
    if (!stepped) return done;
  }
}

Result<std::size_t> Migrator::down(std::size_t steps) {
  for (std::size_t done = 0;; ++done) {
    if (done == steps) return done;
    AUTHKIT_TRY_ASSIGN(const bool stepped, in_transaction(database_, patient(), [&](Tx& tx) {
                         return database_.write(tx, [&](SqlSession& session) { return step_down(session); });
                       }));
    if (!stepped) return done;
  }
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
  AUTHKIT_TRY(sql_guard([&] { require_ours(done); }));
  if (done.size() == migrations_.size()) return {};
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

void Migrator::require_ours(const std::vector<Applied>& applied) const {
  for (std::size_t i = 0; i < applied.size(); ++i) {
    if (i >= migrations_.size())
      throw SqlFailure({Errc::schema_mismatch, fmt::format("the database has migration {}, which this program does not know", applied[i].number)});
    if (applied[i].number != migrations_[i].number || applied[i].checksum != checksum(migrations_[i]))
      throw SqlFailure({Errc::schema_mismatch, fmt::format("migration {} of the database is not the one of this program", applied[i].number)});
  }
}

bool Migrator::step_up(SqlSession& session, Time now) const {
  session.lock(one_at_a_time);
  session.script(create_table);
  const auto done = read(session);
  require_ours(done);
  if (done.size() == migrations_.size()) return false;
  const Migration& next = migrations_[done.size()];
  session.script(session.dialect().migration(next.up));
  session.script(session.dialect().statistics);
  SqlQuery(session, insert_one).in(next.number).in(next.name).in(checksum(next)).in(now).run();
  return true;
}

bool Migrator::step_down(SqlSession& session) const {
  session.lock(one_at_a_time);
  session.script(create_table);
  const auto done = read(session);
  require_ours(done);
  if (done.empty()) return false;
  const Migration& newest = migrations_[done.size() - 1];
  session.script(session.dialect().migration(newest.down));
  SqlQuery(session, delete_one).in(newest.number).run();
  return true;
}

}  // namespace authkit
