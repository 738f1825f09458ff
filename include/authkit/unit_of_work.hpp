#pragma once

#include "authkit/types.hpp"

#include <functional>
#include <memory>
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
  virtual ~Tx() = default;

  /// Makes everything durable, then runs what on_commit() registered, in order. Once only.
  Result<void> commit() {
    Result<void> done = do_commit();
    if (!done) return done;
    for (auto& action : std::exchange(after_commit_, {})) action();
    return done;
  }

  /// Registers what cannot join the transaction (an in-process index, a cache, a message). Runs after the commit on the committing
  /// thread and must not throw. Order them so that a crash in between leaves fewer rights, never more.
  void on_commit(std::function<void()> action) { after_commit_.push_back(std::move(action)); }

  /// The unit changes what belongs to `user`: reads made in that user's name (Context::user) show it from the commit on, whichever server answers.
  virtual void concerns(const UserId&) {}

 protected:
  virtual Result<void> do_commit() = 0;

 private:
  std::vector<std::function<void()>> after_commit_;
};

/// Begins units of work on one database (or one set of memory stores). Thread safety: any thread.
class UnitOfWork {
 public:
  virtual ~UnitOfWork() = default;
  virtual Result<std::unique_ptr<Tx>> begin(const Context& context) = 0;
};

}  // namespace authkit
