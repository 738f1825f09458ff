#include "db/sql_tx.hpp"

#include "core/try.hpp"
#include "db/sql_database.hpp"

namespace authkit {

SqlTx::SqlTx(std::shared_ptr<SqlDatabase> database, SqlLease lease, std::optional<Deadline> deadline)
    : database_(std::move(database)), lease_(std::move(lease)), deadline_(deadline) {
  database_->add_unit(this);
}

SqlTx::~SqlTx() { end(); }

Result<SqlTx*> SqlTx::of(Tx& tx, const SqlDatabase& database) {
  auto* unit = dynamic_cast<SqlTx*>(&tx);
  if (unit == nullptr || unit->database_.get() != &database) return Error{Errc::invalid_argument, "the unit of work belongs to other stores"};
  if (!unit->open_) return Error{Errc::invalid_argument, "the unit of work has ended"};
  if (unit->failure_) return *unit->failure_;
  return unit;
}

/// Until the body is through the unit counts as failed: an exception that passes (out of memory) must not leave half of it to commit.
void SqlTx::prepare_to_run() {
  failure_ = Error(Errc::internal);
  lease_->set_deadline(database_->until(deadline_));
}

Result<void> SqlTx::do_commit() {
  if (!open_) return Error{Errc::invalid_argument, "the unit of work has ended"};
  if (failure_) {
    end();
    return *failure_;
  }
  auto committed = sql_guard([&] { lease_->commit(); });
  end();
  if (!committed) return committed;
  // The next writer is at work by now; one flush serves all who wait here.
  if (durable_) return database_->make_durable();
  return {};
}

void SqlTx::end() noexcept {
  if (!open_) return;
  open_ = false;
  database_->remove_unit(this);
  lease_.give_back();
}

}  // namespace authkit
