#pragma once

#include "db/dialect.hpp"

#include <chrono>
#include <string>
#include <string_view>

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

  virtual void begin() = 0;
  virtual void commit() = 0;
  /// In a transaction: waits until no other one holds the lock of that name, then holds it to its end. Nothing to do where transactions that write
  /// exclude each other.
  virtual void lock(std::string_view) {}
  /// Rolls back what is open. False: the state is not known, the connection must not be used again.
  virtual bool reset() noexcept = 0;

  /// Several statements without parameters, not through SOCI, whose search for `:name` is no SQL lexer.
  virtual void script(const std::string& sql) = 0;
};

}  // namespace authkit
