#pragma once

#include "authkit/database.hpp"
#include "authkit/read_after.hpp"

#include "core/try.hpp"
#include "db/sql_tx.hpp"

#include <memory>
#include <mutex>
#include <vector>

namespace authkit {

/// What the SQL stores need of a database. A backend says how connections are lent, and what makes a commit durable.
///
/// Thread safety: any thread. A thread has one unit of work open at most, and what it reads meanwhile it reads in that unit.
class SqlDatabase : public Database, public std::enable_shared_from_this<SqlDatabase> {
 public:
  virtual const Dialect& dialect() const noexcept = 0;

  /// Errors: Errc::invalid_argument for a second unit on a thread that has one open: it would wait for itself.
  Result<std::unique_ptr<Tx>> begin(const Context& context) final;

  /// Runs `body(SqlSession&)` to read, in this thread's open unit if there is one. A second time, by another connection, where the first was lost.
  template <class Body>
  auto read(Route route, const Context& context, Body body) -> Result<std::invoke_result_t<Body&, SqlSession&>> {
    if (SqlTx* unit = unit_of_this_thread()) {
      if (unit->failure()) return *unit->failure();
      return unit->run(body);
    }
    Errand errand = plan(route, context);
    for (;;) {
      AUTHKIT_TRY_ASSIGN(SqlLease lease, this->lease(errand));
      auto done = sql_guard([&] { return body(*lease); });
      if (!settle(errand, lease, done ? nullptr : &done.error())) return done;
    }
  }

  /// Runs `body(SqlSession&)` in `tx`, whose commit waits for the disk.
  template <class Body>
  auto write(Tx& tx, Body body) -> Result<std::invoke_result_t<Body&, SqlSession&>> {
    AUTHKIT_TRY_ASSIGN(SqlTx * unit, SqlTx::of(tx, *this));
    unit->require_durable();
    return unit->run(body);
  }

  /// The same for what a power failure may take: a commit of nothing else does not wait for the disk.
  template <class Body>
  auto write_relaxed(Tx& tx, Body body) -> Result<std::invoke_result_t<Body&, SqlSession&>> {
    AUTHKIT_TRY_ASSIGN(SqlTx * unit, SqlTx::of(tx, *this));
    return unit->run(body);
  }

  /// `is_there(SqlSession&)` finds out whether the unit was committed when its connection is lost on the way.
  Result<void> set_witness(Tx& tx, std::function<bool(SqlSession&)> is_there) {
    AUTHKIT_TRY_ASSIGN(SqlTx * unit, SqlTx::of(tx, *this));
    unit->set_witness(std::move(is_there));
    return {};
  }

  /// write_relaxed() in a unit of its own.
  template <class Body>
  auto write_relaxed(const Context& context, Body body) -> Result<std::invoke_result_t<Body&, SqlSession&>> {
    AUTHKIT_TRY_ASSIGN(const auto tx, begin(context));
    auto done = write_relaxed(*tx, body);
    if (!done) return done;
    AUTHKIT_TRY(tx->commit());
    return done;
  }

  /// Runs `body(SqlSession&)` on the writer with no unit around it: each script is a transaction of its own. Never a second time. Errors: as begin().
  template <class Body>
  auto write_alone(const Context& context, Body body) -> Result<std::invoke_result_t<Body&, SqlSession&>> {
    if (unit_of_this_thread() != nullptr) return Error{Errc::invalid_argument, "this thread has a unit of work open already"};
    Errand errand = plan(Route::write, context);
    errand.repeated = true;
    AUTHKIT_TRY_ASSIGN(SqlLease lease, this->lease(errand));
    auto done = sql_guard([&] { return body(*lease); });
    settle(errand, lease, done ? nullptr : &done.error());
    return done;
  }

  Result<std::size_t> migrate_up(Time now) final;
  Result<std::size_t> migrate_down(std::size_t steps) final;
  Result<std::vector<MigrationStatus>> migrations() final;
  Result<void> check_schema() final;
  Result<void> ping(const Context& context) final;

  /// Something of that user's was committed, here or elsewhere, up to there.
  virtual void remember(const UserId&, LogPosition) {}

 protected:
  friend class SqlTx;
  virtual Errand plan(Route route, const Context& context) const { return {route, until(context.deadline)}; }
  /// A connection with its deadline set.
  virtual Result<SqlLease> lease(const Errand& errand) = 0;
  /// How what was done on the connection ended; null = well. True: it is worth another try, and nothing was done yet.
  virtual bool settle(Errand&, SqlLease&, const Error*) { return false; }
  /// A unit committed that concerned those users.
  virtual void committed(LogPosition, const std::vector<UserId>&) {}
  /// Returns when everything committed before is on the disk.
  virtual Result<void> make_durable() = 0;
  /// How long a call may take whose caller named no deadline.
  virtual Duration patience() const noexcept = 0;
  Deadline until(const std::optional<Deadline>& deadline) const { return deadline ? *deadline : std::chrono::steady_clock::now() + patience(); }

 private:
  SqlTx* unit_of_this_thread() const;
  void add_unit(SqlTx* unit);
  void remove_unit(SqlTx* unit) noexcept;

  mutable std::mutex units_mutex_;
  std::vector<SqlTx*> units_;
};

/// The SQL side of a database that Database::open() made.
std::shared_ptr<SqlDatabase> as_sql(const std::shared_ptr<Database>& database);

}  // namespace authkit
