#pragma once

#include "authkit/types.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace authkit {

/// One unit of work: everything done with it commits together or not at all.
///
/// Thread safety: one thread at a time. Ownership: the caller's; destroying it without commit() rolls back.
/// Errors: after any failed statement the unit is failed and commit() reports that instead of committing half.
class Tx {
 public:
  Tx() = default;
  Tx(const Tx&) = delete;
  Tx& operator=(const Tx&) = delete;
  virtual ~Tx() { undo(); }

  /// Runs what before_commit() registered, makes everything durable, then runs what on_commit() registered, each in order. Once only.
  Result<void> commit() {
    for (auto& action : std::exchange(before_commit_, {})) {
      if (!refused_) {
        if (Result<void> done = action(); !done) refused_ = done;
      }
    }
    Result<void> done = refused_ ? *refused_ : do_commit();
    if (!done) {
      undo();
      return done;
    }
    undo_.clear();
    for (auto& action : std::exchange(after_commit_, {})) action();
    return done;
  }

  /// Registers a change to what cannot join the transaction and must not be missing after it (sessions in Redis). Runs on the committing thread
  /// before the commit; an error ends the unit without one. Dropping the unit drops it.
  void before_commit(std::function<Result<void>()> action) { before_commit_.push_back(std::move(action)); }
  /// Registers how to take back what was done at once outside of the transaction. Runs, newest first, when the unit goes without having been
  /// committed; must not throw.
  void if_not_committed(std::function<void()> undo) { undo_.push_back(std::move(undo)); }

  /// Registers what cannot join the transaction (an in-process index, a cache, a message). Runs after the commit on the committing
  /// thread and must not throw. Order them so that a crash in between leaves fewer rights, never more.
  void on_commit(std::function<void()> action) { after_commit_.push_back(std::move(action)); }

  /// The unit changes what belongs to `user`: reads made in that user's name (Context::user) show it from the commit on, whichever server answers.
  virtual void concerns(const UserId&) {}

  /// The next change is the last one of the unit, which is then committed: a database may do both in one round trip. From then on the unit cannot be
  /// taken back, so this is for a change that whoever asks again can repeat.
  virtual void last_change_next() {}

 protected:
  virtual Result<void> do_commit() = 0;

 private:
  void undo() {
    const auto undo = std::exchange(undo_, {});
    for (auto action = undo.rbegin(); action != undo.rend(); ++action) (*action)();
  }

  std::vector<std::function<Result<void>()>> before_commit_;
  std::vector<std::function<void()>> after_commit_, undo_;
  std::optional<Result<void>> refused_;
};

/// Begins units of work on one database (or one set of memory stores). Thread safety: any thread.
class UnitOfWork {
 public:
  virtual ~UnitOfWork() = default;
  virtual Result<std::unique_ptr<Tx>> begin(const Context& context) = 0;
  /// Whether a look inside a unit is cheaper than one before it, and delays others less than it saves: so it is where units of one file exclude each
  /// other, and not where each look is a round trip.
  virtual bool reads_inside() const noexcept { return false; }
};

}  // namespace authkit
