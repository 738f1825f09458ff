#include "db/sql_query.hpp"

#include "db/sql_error.hpp"
#include "db/sql_session.hpp"

#include <soci/soci.h>

#include <deque>

namespace authkit {

// A statement made by hand instead of `session << ...`: a one-time query as well, never a named prepared statement, but any number of rows.
struct SqlQuery::Impl {
  struct Input {
    std::string text;
    long long number = 0;
    soci::indicator indicator = soci::i_ok;
  };
  struct Output {
    void* target;
    Assign assign;
    Value value;
    soci::indicator indicator = soci::i_ok;
  };

  explicit Impl(soci::session& session) : statement(session) {}

  bool execute() {
    statement.define_and_bind();
    executed = true;
    return statement.execute(true);
  }

  // Deques, for SOCI keeps the addresses; before the statement, for it must go first.
  std::deque<Input> inputs;
  std::deque<Output> outputs;
  soci::statement statement;
  bool executed = false;
};

SqlQuery::SqlQuery(SqlSession& session, const std::string& sql) : impl_(std::make_unique<Impl>(session.soci())) {
  impl_->statement.alloc();
  impl_->statement.prepare(sql, soci::details::st_one_time_query);
}

SqlQuery::~SqlQuery() = default;

SqlQuery& SqlQuery::in(std::string_view text) {
  // No stored text holds a NUL (require_storable), so this one equals none of them, as NULL does; PostgreSQL would cut it and find another.
  if (text.find('\0') != std::string_view::npos) return in_null();
  auto& input = impl_->inputs.emplace_back();
  input.text = text;
  impl_->statement.exchange(soci::use(input.text, input.indicator));
  return *this;
}

SqlQuery& SqlQuery::in_null() {
  auto& input = impl_->inputs.emplace_back();
  input.indicator = soci::i_null;
  impl_->statement.exchange(soci::use(input.number, input.indicator));
  return *this;
}

SqlQuery& SqlQuery::in_number(std::int64_t number) {
  auto& input = impl_->inputs.emplace_back();
  input.number = number;
  impl_->statement.exchange(soci::use(input.number, input.indicator));
  return *this;
}

SqlQuery& SqlQuery::add_column(void* target, bool is_text, Assign assign) {
  auto& output = impl_->outputs.emplace_back(Impl::Output{target, assign, {}});
  if (is_text) {
    impl_->statement.exchange(soci::into(output.value.text, output.indicator));
  } else {
    impl_->statement.exchange(soci::into(output.value.number, output.indicator));
  }
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
  if (!(impl_->executed ? impl_->statement.fetch() : impl_->execute())) return false;
  for (auto& output : impl_->outputs) {
    output.value.null = output.indicator == soci::i_null;
    output.assign(output.target, output.value);
  }
  return true;
}

std::size_t SqlQuery::run() {
  while (next()) {
  }
  return static_cast<std::size_t>(impl_->statement.get_affected_rows());
}

void SqlQuery::bad_row() { throw SqlFailure({Errc::internal, "a stored row cannot be read"}); }

}  // namespace authkit
