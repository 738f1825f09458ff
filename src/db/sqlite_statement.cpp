#include "db/sqlite_statement.hpp"

#include <soci/soci.h>

#include <utility>
#include <vector>

namespace authkit {

using namespace sqlite_api;

class SqliteStatement final : public SqlStatement {
 public:
  SqliteStatement(SqliteStatements& home, SqliteStatements::Compiled* place, const std::string& sql) : home_(home), place_(place) {
    if (place_ != nullptr) statement_ = std::exchange(*place_, nullptr);
    if (statement_) return;
    sqlite3_stmt* made = nullptr;
    const unsigned kept = place_ != nullptr ? SQLITE_PREPARE_PERSISTENT : 0U;
    check(sqlite3_prepare_v3(home_.handle_, sql.data(), static_cast<int>(sql.size()), kept, &made, nullptr));
    statement_.reset(made);
  }
  ~SqliteStatement() override {
    sqlite3_reset(statement_.get());
    sqlite3_clear_bindings(statement_.get());
    if (place_ != nullptr && !*place_) *place_ = std::move(statement_);
  }
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;

  void bind_text(std::string_view text) override {
    check(sqlite3_bind_text64(statement_.get(), ++bound_, text.data() == nullptr ? "" : text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  }
  void bind_number(std::int64_t number) override { check(sqlite3_bind_int64(statement_.get(), ++bound_, number)); }
  void bind_null() override { check(sqlite3_bind_null(statement_.get(), ++bound_)); }
  void want(bool text) override { columns_.push_back({.is_text = text, .value = {}}); }

  bool next() override {
    if (done_) return false;  // SQLite would begin again
    const int result = sqlite3_step(statement_.get());
    if (result == SQLITE_ROW) return true;
    done_ = true;
    if (result != SQLITE_DONE) check(result);
    changed_ = sqlite3_stmt_readonly(statement_.get()) != 0 ? 0 : static_cast<std::size_t>(sqlite3_changes64(home_.handle_));
    return false;
  }
  SqlValue& value(std::size_t column) override {
    Column& wanted = columns_[column];
    const int place = static_cast<int>(column);
    wanted.value.null = sqlite3_column_type(statement_.get(), place) == SQLITE_NULL;
    if (wanted.is_text) {
      const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), place));
      wanted.value.text.assign(text == nullptr ? "" : text, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), place)));
    } else {
      wanted.value.number = sqlite3_column_int64(statement_.get(), place);
    }
    return wanted.value;
  }
  std::size_t changed() override { return changed_; }

 private:
  struct Column {
    bool is_text;
    SqlValue value;
  };

  void check(int result) const {
    if (result == SQLITE_OK) return;
    home_.failed_ = true;
    throw soci::sqlite3_soci_error(sqlite3_errmsg(home_.handle_), result);
  }

  SqliteStatements& home_;
  SqliteStatements::Compiled* place_;  // where it is kept; none where too many are
  SqliteStatements::Compiled statement_;
  std::vector<Column> columns_;
  std::size_t changed_ = 0;
  int bound_ = 0;
  bool done_ = false;
};

std::unique_ptr<SqlStatement> SqliteStatements::lend(const std::string& sql) {
  auto found = idle_.find(sql);
  if (found == idle_.end() && idle_.size() < most) found = idle_.try_emplace(sql).first;
  return std::make_unique<SqliteStatement>(*this, found == idle_.end() ? nullptr : &found->second, sql);
}

}  // namespace authkit
