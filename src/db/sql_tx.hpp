#pragma once

#include "authkit/database.hpp"
#include "authkit/read_after.hpp"
#include "authkit/unit_of_work.hpp"

#include "db/sql_error.hpp"
#include "db/sql_pool.hpp"

#include <functional>
#include <thread>
#include <vector>

namespace authkit {

class SqlDatabase;

/// One call on its way to a connection.
struct Errand {
  Route route = Route::write;
  Deadline deadline = Deadline::max();
  LogPosition position = {};  ///< what a read must see
  bool repeated = false;
};

/// A transaction on one lent connection. After a failed statement it refuses every other, and commit() reports that failure: some databases
/// would answer a commit of half the work with success.
///
/// Thread safety: the thread that began it. Ownership: keeps the database alive.
class SqlTx : public Tx {
 public:
  /// The transaction has begun on `lease`.
  SqlTx(std::shared_ptr<SqlDatabase> database, Errand errand, SqlLease lease, const Context& context);
  ~SqlTx() override;

  /// `tx` as an open unit of `database`. Errors: Errc::invalid_argument when it is another's or has ended; what failed in it before.
  static Result<SqlTx*> of(Tx& tx, const SqlDatabase& database);

  /// The same for whatever SQL database it is of.
  static Result<SqlTx*> of(Tx& tx);

  /// Runs `body(SqlSession&)`; a failure marks the unit. A second time, on another connection, where the first was lost before anything was done.
  template <class Body>
  auto run(Body&& body) -> Result<std::invoke_result_t<Body&, SqlSession&>> {
    for (;;) {
      prepare_to_run();
      auto done = sql_guard([&] { return body(*lease_); });
      failure_.reset();
      if (done) return done;
      if (begin_anew(done.error())) continue;
      failure_ = done.error();
      return done;
    }
  }

  /// From now on commit() waits until the disk has everything. A unit that only touches and counts need not.
  void require_durable() noexcept { durable_ = true; }

  /// `is_there(SqlSession&)` finds out whether the unit was committed when its connection is lost on the way: it looks for a row that nobody else
  /// writes.
  void set_witness(std::function<bool(SqlSession&)> is_there) { witness_ = std::move(is_there); }

  void concerns(const UserId& user) override { users_.push_back(user); }
  void last_change_next() override {
    if (open_ && !failure_) lease_->commit_with_next();
  }

  std::thread::id thread() const noexcept { return thread_; }
  const std::optional<Error>& failure() const noexcept { return failure_; }

 protected:
  Result<void> do_commit() override;

 private:
  void prepare_to_run();
  bool begin_anew(const Error& failure);
  Result<LogPosition> look_for_witness(Error lost, Deadline deadline) const;
  void end(const Error* failure) noexcept;

  std::shared_ptr<SqlDatabase> database_;
  Errand errand_;
  SqlLease lease_;
  std::optional<Deadline> deadline_;
  std::shared_ptr<ReadAfter> read_after_;
  std::vector<UserId> users_;
  std::function<bool(SqlSession&)> witness_;
  std::thread::id thread_ = std::this_thread::get_id();
  std::optional<Error> failure_;
  bool open_ = true;
  bool durable_ = false;
};

}  // namespace authkit
