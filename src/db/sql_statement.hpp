#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace authkit {

/// What a column of a row holds: a text or a number, as it was asked for.
struct SqlValue {
  std::string text;
  long long number = 0;
  bool null = false;
};

/// One statement on its way: parameters in their order, then the columns wanted, then rows. Functions throw what sql_guard() understands.
///
/// Thread safety: one thread. Ownership: its session must outlive it; parameters are copied.
class SqlStatement {
 public:
  virtual ~SqlStatement() = default;

  virtual void bind_text(std::string_view text) = 0;
  virtual void bind_number(std::int64_t number) = 0;
  virtual void bind_null() = 0;
  virtual void want(bool text) = 0;  ///< the next column

  /// Runs the statement the first time; false when there is no further row.
  virtual bool next() = 0;
  /// Runs it where its answer is not needed: at once, or with whatever the connection is sent next. A failure is then that one's.
  virtual void run_later() {
    while (next()) {
    }
  }
  /// The same where it must change a row: else the unit fails with Errc::not_found, at the latest at its commit.
  virtual void change_later() {
    run_later();
    if (changed() == 0) no_row();
  }
  /// As SqlQuery::row_later().
  virtual bool row_later() { return false; }
  /// A column of that row, which the caller may empty.
  virtual SqlValue& value(std::size_t column) = 0;
  /// How many rows it changed, once it was run to its end.
  virtual std::size_t changed() = 0;

  /// Throws Errc::not_found.
  [[noreturn]] static void no_row();
};

}  // namespace authkit
