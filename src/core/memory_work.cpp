#include "core/memory_work.hpp"

namespace authkit {

Result<std::unique_ptr<Tx>> MemoryWork::begin(const Context&) {
  const std::lock_guard lock(mutex_);
  if (open_) return Error{Errc::invalid_argument, "this thread has a unit of work open already"};
  return std::unique_ptr<Tx>(std::make_unique<MemoryTx>(*this));
}

MemoryTx::MemoryTx(MemoryWork& work) : work_(work), lock_(work.mutex_) { work_.open_ = true; }

MemoryTx::~MemoryTx() {
  if (!lock_.owns_lock()) return;
  roll_back();
  close();
}

Result<MemoryTx*> MemoryTx::of(Tx& tx, const MemoryWork& work) {
  auto* unit = dynamic_cast<MemoryTx*>(&tx);
  if (unit == nullptr || &unit->work_ != &work) return Error{Errc::invalid_argument, "the unit of work belongs to other stores"};
  if (!unit->lock_.owns_lock()) return Error{Errc::invalid_argument, "the unit of work has ended"};
  if (unit->failure_) return *unit->failure_;
  return unit;
}

Error MemoryTx::fail(Error error) {
  failure_ = error;
  return error;
}

Result<void> MemoryTx::do_commit() {
  if (!lock_.owns_lock()) return Error{Errc::invalid_argument, "the unit of work has ended"};
  if (failure_) {
    roll_back();
    close();
    return *failure_;
  }
  close();
  return {};
}

void MemoryTx::roll_back() noexcept {
  for (auto undo = undo_.rbegin(); undo != undo_.rend(); ++undo) (*undo)();
}

void MemoryTx::close() noexcept {
  work_.open_ = false;
  lock_.unlock();
}

}  // namespace authkit
