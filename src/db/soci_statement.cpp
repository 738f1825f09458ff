#include "db/sql_session.hpp"

#include <soci/soci.h>

#include <deque>

namespace authkit {
namespace {

/// A statement through SOCI, made by hand instead of `session << ...`: sent once with its parameters as well, never prepared under a name, which a
/// pool of connections in between would lose; but any number of rows.
class SociStatement final : public SqlStatement {
 public:
  SociStatement(soci::session& session, const std::string& sql) : statement_(session) {
    statement_.alloc();
    statement_.prepare(sql, soci::details::st_one_time_query);
  }

  void bind_text(std::string_view text) override {
    auto& input = inputs_.emplace_back();
    input.value.text = text;
    statement_.exchange(soci::use(input.value.text, input.indicator));
  }
  void bind_number(std::int64_t number) override {
    auto& input = inputs_.emplace_back();
    input.value.number = number;
    statement_.exchange(soci::use(input.value.number, input.indicator));
  }
  void bind_null() override {
    auto& input = inputs_.emplace_back();
    input.indicator = soci::i_null;
    statement_.exchange(soci::use(input.value.number, input.indicator));
  }
  void want(bool text) override {
    auto& output = outputs_.emplace_back();
    if (text) {
      statement_.exchange(soci::into(output.value.text, output.indicator));
    } else {
      statement_.exchange(soci::into(output.value.number, output.indicator));
    }
  }

  bool next() override {
    if (executed_) return statement_.fetch();
    statement_.define_and_bind();
    executed_ = true;
    return statement_.execute(true);
  }
  SqlValue& value(std::size_t column) override {
    Place& place = outputs_[column];
    place.value.null = place.indicator == soci::i_null;
    return place.value;
  }
  std::size_t changed() override { return static_cast<std::size_t>(statement_.get_affected_rows()); }

 private:
  struct Place {
    SqlValue value;
    soci::indicator indicator = soci::i_ok;
  };

  // Deques, for SOCI keeps the addresses; before the statement, for it must go first.
  std::deque<Place> inputs_;
  std::deque<Place> outputs_;
  soci::statement statement_;
  bool executed_ = false;
};

}  // namespace

std::unique_ptr<SqlStatement> SqlSession::statement(const std::string& sql) { return std::make_unique<SociStatement>(soci(), sql); }

}  // namespace authkit
