#pragma once

#include "authkit/unit_of_work.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace authkit {

/// The unit of work of the memory stores: one lock for all of them, held by a unit until it ends, and an undo log for rollback. So units run one
/// after the other and nobody reads what is not committed. The lock is recursive so that a flow may read a store while its own unit is open.
///
/// Thread safety: any thread; a unit ends on the thread that began it. Ownership: the work and its stores outlive their units.
/// Errors: Errc::invalid_argument for a second unit on a thread that has one open: a database would wait for itself there.
class MemoryWork : public UnitOfWork {
 public:
  Result<std::unique_ptr<Tx>> begin(const Context& context) override;
  std::recursive_mutex& mutex() noexcept { return mutex_; }

 private:
  friend class MemoryTx;
  std::recursive_mutex mutex_;
  bool open_ = false;  ///< guarded by mutex_
};

class MemoryTx : public Tx {
 public:
  explicit MemoryTx(MemoryWork& work);
  ~MemoryTx() override;

  /// `tx` as an open unit of `work`. Errors: Errc::invalid_argument when it is another's or has ended; what failed before in this unit.
  static Result<MemoryTx*> of(Tx& tx, const MemoryWork& work);

  /// Registers how to take back what is about to be done; run newest first on rollback. It must be harmless when nothing was done.
  void on_rollback(std::function<void()> undo) { undo_.push_back(std::move(undo)); }

  /// Marks the unit as failed, as a database does after a failed statement: commit() will report `error`. Returns it.
  Error fail(Error error);

 protected:
  Result<void> do_commit() override;

 private:
  void roll_back() noexcept;
  void close() noexcept;

  MemoryWork& work_;
  std::unique_lock<std::recursive_mutex> lock_;
  std::vector<std::function<void()>> undo_;
  std::optional<Error> failure_;
};

}  // namespace authkit
