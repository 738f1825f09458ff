#pragma once

#include "authkit/read_after.hpp"

#include "db/dialect.hpp"
#include "db/sql_statement.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace soci {
class session;
}

namespace authkit {

using Deadline = std::chrono::steady_clock::time_point;

/// One connection. Its functions throw what sql_guard() understands.
///
/// Thread safety: one thread at a time.
class SqlSession {
 public:
  virtual ~SqlSession() = default;

  virtual soci::session& soci() noexcept = 0;
  virtual const Dialect& dialect() const noexcept = 0;

  /// Until when whatever runs next may wait or work.
  virtual void set_deadline(Deadline deadline) noexcept = 0;

  /// Whether a connection that lay idle is still one; cheap, no round trip.
  virtual bool is_alive() noexcept { return true; }
  /// Whether the server let a deadline pass: the connection is of no more use.
  virtual bool is_hung() const noexcept { return false; }

  /// May wait for the first statement to be sent along with it.
  virtual void begin() = 0;
  /// In a transaction, or after it was lost: whether nothing of it can have been done. Then another connection may begin anew, hold again what this
  /// one was left to run later before mark() was called last, and run what was run since then.
  virtual bool is_untouched() const noexcept { return false; }
  virtual void mark() noexcept {}
  virtual std::shared_ptr<void> take_unanswered() { return nullptr; }
  virtual void hold_again(const std::shared_ptr<void>&) {}
  /// How much of the log holds the commit, where somebody wants to know; else none.
  virtual LogPosition commit() = 0;
  /// How much of the log holds all that was committed until now; as with commit().
  virtual LogPosition position() { return {}; }
  /// In a transaction: waits until no other one holds the lock of that name, then holds it to its end. Nothing to do where transactions that write
  /// exclude each other.
  virtual void lock(std::string_view) {}
  /// In a transaction: takes that lock unless another one holds it, and does not wait.
  virtual bool try_lock(std::string_view) { return true; }
  /// Outside of transactions: the same lock, held until drop_lock() or the end of the connection. Throws where somebody stands between who may give
  /// the next statement to another connection.
  virtual bool try_keep_lock(std::string_view) { return true; }
  virtual void drop_lock(std::string_view) noexcept {}
  /// In a transaction: the next statement is the last one; it may be committed in the same round trip.
  virtual void commit_with_next() {}
  /// In a transaction: statements without parameters that are run once it is committed, in the same round trip; what becomes of them is nobody's
  /// business. False: not here.
  virtual bool run_after_commit(const std::vector<std::string>&) { return false; }
  /// Sends what statements left to run later; before anything is run on soci().
  virtual void flush() {}
  /// In a transaction: whether all of it can still be committed, whatever was run on soci().
  virtual bool is_whole() noexcept = 0;
  /// Rolls back what is open. False: the state is not known, the connection must not be used again.
  virtual bool reset() noexcept = 0;

  /// A statement of the program's own, to be bound and run. Not through SOCI, which is for the host's own.
  virtual std::unique_ptr<SqlStatement> statement(const std::string& sql) = 0;

  /// Several statements without parameters, not through SOCI, whose search for `:name` is no SQL lexer.
  virtual void script(const std::string& sql) = 0;

  /// Which server it leads to; empty = nobody asked.
  const std::string& server() const noexcept { return server_; }
  void set_server(std::string server) { server_ = std::move(server); }

 private:
  std::string server_;
};

}  // namespace authkit
