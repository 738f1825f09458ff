#include "core/memory_work.hpp"

namespace authkit {

Result<std::unique_ptr<Tx>> MemoryWork::begin(const Context&) { return std::unique_ptr<Tx>(std::make_unique<MemoryTx>(*this)); }

MemoryTx::~MemoryTx() {
  for (auto undo = undo_.rbegin(); undo != undo_.rend(); ++undo) (*undo)();
}

Result<void> MemoryTx::do_commit() {
  undo_.clear();
  lock_.unlock();
  return {};
}

}  // namespace authkit
