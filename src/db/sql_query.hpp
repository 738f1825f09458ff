#pragma once

#include "authkit/types.hpp"

#include "core/hex.hpp"
#include "db/sql_statement.hpp"

#include <algorithm>
#include <concepts>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace authkit {

class SqlSession;

/// `max` rows as LIMIT takes it.
inline std::int64_t sql_limit(std::size_t max) noexcept {
  return static_cast<std::int64_t>(std::min<std::size_t>(max, std::numeric_limits<std::int32_t>::max()));
}

/// One statement, run once, on a lent connection. Parameters and columns are bound by position and are text or 64-bit integers only: what every
/// database keeps exactly. Every `:name` of the statement stands once, in the order of the in() calls. Functions throw what sql_guard() understands.
///
/// Thread safety: one thread. Ownership: the session and the targets of out() must outlive it; what in() takes is copied.
class SqlQuery {
 public:
  /// `sql`: as Dialect::statement() made it.
  SqlQuery(SqlSession& session, const std::string& sql);
  SqlQuery& in(std::string_view text);
  SqlQuery& in_null();
  template <std::integral Number>
  SqlQuery& in(Number number) {
    return in_number(static_cast<std::int64_t>(number));
  }
  SqlQuery& in(Time time) { return in_number(time.time_since_epoch().count()); }
  SqlQuery& in(const std::optional<Time>& time) { return time ? in(*time) : in_null(); }
  SqlQuery& in(std::span<const std::uint8_t> bytes) { return in(hex::encode(bytes)); }
  template <class Tag>
  SqlQuery& in(const Id<Tag>& id) {
    return in(std::span<const std::uint8_t>(id.bytes));
  }

  SqlQuery& out(std::string& text);  ///< NULL reads as empty
  template <std::integral Number>
  SqlQuery& out(Number& number) {
    return add_column(&number, false, [](void* target, Value& value) {
      if (value.null || !holds<Number>(value.number)) bad_row();
      *static_cast<Number*>(target) = static_cast<Number>(value.number);
    });
  }
  SqlQuery& out(Time& time);
  SqlQuery& out(std::optional<Time>& time);
  template <std::size_t size>
  SqlQuery& out(std::array<std::uint8_t, size>& bytes) {
    return add_column(&bytes, true, [](void* target, Value& value) {
      if (!hex::decode(value.text, *static_cast<std::array<std::uint8_t, size>*>(target))) bad_row();
    });
  }
  template <class Tag>
  SqlQuery& out(Id<Tag>& id) {
    return out(id.bytes);
  }

  /// Runs the statement the first time; fills the targets with the next row, false when there is none.
  bool next();
  /// Runs the statement to its end; how many rows it changed.
  std::size_t run();
  /// Runs the statement, at the latest with the commit, which fails when it does: for what changes rows and has no answer to look at.
  void run_later() { statement_->run_later(); }
  /// The same for what must change a row: without one the unit of work fails with Errc::not_found.
  void change_later() { statement_->change_later(); }
  /// For what must give a row: without one the unit of work fails with Errc::not_found. True: next() gives it once the unit was committed; false:
  /// next() gives it, or there is none, now.
  bool row_later() { return statement_->row_later(); }

  /// Throws Errc::internal: a stored row is none this program wrote.
  [[noreturn]] static void bad_row();

 private:
  using Value = SqlValue;
  using Assign = void (*)(void* target, Value& value);
  struct Column {
    void* target;
    Assign assign;
  };

  /// Unsigned 64-bit numbers are stored as signed ones of the same bits.
  template <class Number>
  static bool holds(long long number) {
    if constexpr (std::same_as<Number, bool>) {
      return number == 0 || number == 1;
    } else {
      return std::same_as<Number, std::uint64_t> || std::in_range<Number>(number);
    }
  }
  SqlQuery& in_number(std::int64_t number);
  SqlQuery& add_column(void* target, bool is_text, Assign assign);

  std::unique_ptr<SqlStatement> statement_;
  std::vector<Column> columns_;
};

}  // namespace authkit
