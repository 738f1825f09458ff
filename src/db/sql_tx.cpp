#include "db/sql_tx.hpp"

#include "core/try.hpp"
#include "db/sql_database.hpp"

namespace authkit {

SqlTx::SqlTx(std::shared_ptr<SqlDatabase> database, Errand errand, SqlLease lease, const Context& context)
    : database_(std::move(database)), errand_(errand), lease_(std::move(lease)), deadline_(context.deadline), read_after_(context.read_after) {
  if (!context.user.is_nil()) users_.push_back(context.user);
  database_->add_unit(this);
}

SqlTx::~SqlTx() { end(failure_ ? &*failure_ : nullptr); }

Result<SqlTx*> SqlTx::of(Tx& tx, const SqlDatabase& database) {
  const auto* unit = dynamic_cast<SqlTx*>(&tx);
  if (unit == nullptr || unit->database_.get() != &database) return Error{Errc::invalid_argument, "the unit of work belongs to other stores"};
  return of(tx);
}

Result<SqlTx*> SqlTx::of(Tx& tx) {
  auto* unit = dynamic_cast<SqlTx*>(&tx);
  if (unit == nullptr) return Error{Errc::invalid_argument, "the unit of work is none of a SQL database"};
  if (!unit->open_) return Error{Errc::invalid_argument, "the unit of work has ended"};
  if (unit->failure_) return *unit->failure_;
  return unit;
}

/// Until the body is through the unit counts as failed: an exception that passes (out of memory) must not leave half of it to commit.
void SqlTx::prepare_to_run() {
  failure_ = Error(Errc::internal);
  lease_->set_deadline(database_->until(deadline_));
  lease_->mark();
}

/// False: what failed is not worth another try, or something was done already.
bool SqlTx::begin_anew(const Error& failure) {
  if (!lease_->is_untouched()) return false;
  const std::shared_ptr<void> unanswered = lease_->take_unanswered();
  if (!database_->settle(errand_, lease_, &failure)) return false;
  auto next = database_->lease(errand_);
  if (!next) return false;
  lease_ = *std::move(next);
  lease_->begin();
  lease_->hold_again(unanswered);
  return true;
}

Result<void> SqlTx::do_commit() {
  if (!open_) return Error{Errc::invalid_argument, "the unit of work has ended"};
  if (failure_) {
    end(&*failure_);
    return *failure_;
  }
  const Deadline deadline = database_->until(deadline_);
  auto committed = sql_guard([&] { return lease_->commit(); });
  end(committed ? nullptr : &committed.error());
  if (!committed && means_lost(committed.error())) committed = look_for_witness(std::move(committed).error(), deadline);
  if (!committed) return std::move(committed).error();
  database_->committed(*committed, users_);
  if (read_after_) read_after_->join(*committed);
  // The next writer is at work by now; one flush serves all who wait here.
  if (durable_) return database_->make_durable();
  return {};
}

/// The connection was lost between the sending of COMMIT and its answer.
Result<LogPosition> SqlTx::look_for_witness(Error lost, Deadline deadline) const {
  lost.detail = "the connection to the database was lost at the commit, and whether it was done is not known";
  if (!witness_) return lost;
  Context context;
  context.deadline = deadline;
  LogPosition position;
  const auto found = database_->read(Route::read_latest, context, [&](SqlSession& session) {
    if (!witness_(session)) return false;
    position = session.position();
    return true;
  });
  if (!found || !*found) return lost;
  return position;
}

void SqlTx::end(const Error* failure) noexcept {
  if (!open_) return;
  open_ = false;
  database_->remove_unit(this);
  if (!lease_) return;  // lost before anything was done, and not replaced
  Errand done{.route = Route::write, .repeated = true};
  database_->settle(done, lease_, failure);
  lease_.give_back();
}

}  // namespace authkit
