#include "db/sql_query.hpp"

#include "db/sql_error.hpp"
#include "db/sql_session.hpp"

namespace authkit {

SqlQuery::SqlQuery(SqlSession& session, const std::string& sql) : statement_(session.statement(sql)) {}

SqlQuery& SqlQuery::in(std::string_view text) {
  // No stored text holds a NUL (require_storable), so this one equals none of them, as NULL does; PostgreSQL would cut it and find another.
  if (text.find('\0') != std::string_view::npos) return in_null();
  statement_->bind_text(text);
  return *this;
}

SqlQuery& SqlQuery::in_null() {
  statement_->bind_null();
  return *this;
}

SqlQuery& SqlQuery::in_number(std::int64_t number) {
  statement_->bind_number(number);
  return *this;
}

SqlQuery& SqlQuery::add_column(void* target, bool is_text, Assign assign) {
  statement_->want(is_text);
  columns_.push_back({target, assign});
  return *this;
}

SqlQuery& SqlQuery::out(std::string& text) {
  return add_column(&text, true, [](void* target, Value& value) {
    if (value.null) value.text.clear();
    static_cast<std::string*>(target)->swap(value.text);
  });
}

SqlQuery& SqlQuery::out(Time& time) {
  return add_column(&time, false, [](void* target, Value& value) {
    if (value.null) bad_row();
    *static_cast<Time*>(target) = Time(Duration(value.number));
  });
}

SqlQuery& SqlQuery::out(std::optional<Time>& time) {
  return add_column(&time, false, [](void* target, Value& value) {
    auto& out = *static_cast<std::optional<Time>*>(target);
    if (value.null) return out.reset();
    out = Time(Duration(value.number));
  });
}

bool SqlQuery::next() {
  if (!statement_->next()) return false;
  for (std::size_t i = 0; i < columns_.size(); ++i) columns_[i].assign(columns_[i].target, statement_->value(i));
  return true;
}

void SqlStatement::no_row() { throw SqlFailure({Errc::not_found, "a row that was to be there is not"}); }

std::size_t SqlQuery::run() {
  while (next()) {
  }
  return statement_->changed();
}

void SqlQuery::bad_row() { throw SqlFailure({Errc::internal, "a stored row cannot be read"}); }

}  // namespace authkit
