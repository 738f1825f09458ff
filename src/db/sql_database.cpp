#include "db/sql_database.hpp"

#include "db/migrate.hpp"
#include "db/sql_query.hpp"

#include <algorithm>

namespace authkit {

Result<std::unique_ptr<Tx>> SqlDatabase::begin(const Context& context) {
  if (unit_of_this_thread() != nullptr) return Error{Errc::invalid_argument, "this thread has a unit of work open already"};
  Errand errand = plan(Route::write, context);
  for (;;) {
    AUTHKIT_TRY_ASSIGN(SqlLease writer, lease(errand));
    const auto begun = sql_guard([&] { writer->begin(); });
    if (begun) return std::unique_ptr<Tx>(std::make_unique<SqlTx>(shared_from_this(), errand, std::move(writer), context));
    if (!settle(errand, writer, &begun.error())) return begun.error();
  }
}

Result<std::size_t> SqlDatabase::migrate_up(Time now) { return Migrator(*this, embedded_migrations()).up(now); }

Result<std::size_t> SqlDatabase::migrate_down(std::size_t steps) { return Migrator(*this, embedded_migrations()).down(steps); }

Result<std::vector<MigrationStatus>> SqlDatabase::migrations() { return Migrator(*this, embedded_migrations()).status(); }

Result<void> SqlDatabase::check_schema() { return Migrator(*this, embedded_migrations()).check(); }

Result<void> SqlDatabase::ping(const Context& context) {
  return read(Route::read_latest, context, [](SqlSession& session) {
    int answer = 0;
    SqlQuery(session, "SELECT 1").out(answer).next();
  });
}

SqlTx* SqlDatabase::unit_of_this_thread() const {
  const std::lock_guard lock(units_mutex_);
  const auto unit = std::find_if(units_.begin(), units_.end(), [](const SqlTx* one) { return one->thread() == std::this_thread::get_id(); });
  return unit == units_.end() ? nullptr : *unit;
}

void SqlDatabase::add_unit(SqlTx* unit) {
  const std::lock_guard lock(units_mutex_);
  units_.push_back(unit);
}

void SqlDatabase::remove_unit(SqlTx* unit) noexcept {
  const std::lock_guard lock(units_mutex_);
  std::erase(units_, unit);
}

std::shared_ptr<SqlDatabase> as_sql(const std::shared_ptr<Database>& database) { return std::dynamic_pointer_cast<SqlDatabase>(database); }

}  // namespace authkit
