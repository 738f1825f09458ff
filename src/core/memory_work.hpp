#pragma once

#include "authkit/unit_of_work.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace authkit {

/// The unit of work of the memory stores: one lock for all of them, held by a unit until it ends, and an undo log for rollback.
/// The lock is recursive so that a flow may read a store while its own unit is open.
class MemoryWork : public UnitOfWork {
 public:
  Result<std::unique_ptr<Tx>> begin(const Context& context) override;
  std::recursive_mutex& mutex() noexcept { return mutex_; }

 private:
  std::recursive_mutex mutex_;
};

class MemoryTx : public Tx {
 public:
  explicit MemoryTx(MemoryWork& work) : lock_(work.mutex()) {}
  ~MemoryTx() override;

  /// Registers how to take back what was just done; run newest first on rollback.
  void on_rollback(std::function<void()> undo) { undo_.push_back(std::move(undo)); }

 protected:
  Result<void> do_commit() override;

 private:
  std::unique_lock<std::recursive_mutex> lock_;
  std::vector<std::function<void()>> undo_;
};

}  // namespace authkit
