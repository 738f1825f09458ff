#include "db/postgres_statement.hpp"

#include "db/sql_error.hpp"
#include "db/sql_query.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace authkit {
namespace {

constexpr std::size_t most_held = 32;                   // answers that nobody reads meanwhile must fit into the buffers of the socket
constexpr std::size_t most_kept = 256;                  // texts; the program has fewer
constexpr std::string_view division_by_zero = "22012";  // which only change_later() and row_later() do

bool is_name(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

bool succeeded(const PGresult* result) noexcept {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

std::vector<const char*> pointers_to(const std::vector<std::optional<std::string>>& values) {
  std::vector<const char*> pointers;
  pointers.reserve(values.size());
  for (const auto& value : values) pointers.push_back(value ? value->c_str() : nullptr);
  return pointers;
}

/// libpq's mode of several statements on their way, left whatever happens.
class Pipeline {
 public:
  explicit Pipeline(PGconn* connection) : connection_(connection) {
    if (PQenterPipelineMode(connection_) != 1) throw failure_of(nullptr);
  }
  ~Pipeline() { PQexitPipelineMode(connection_); }
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

 private:
  PGconn* connection_;
};

}  // namespace

SqlFailure failure_of(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  if (state != nullptr && std::string_view(state) == division_by_zero) SqlStatement::no_row();
  return SqlFailure(error_of_sqlstate(state == nullptr ? "" : state, message == nullptr ? "" : message));
}

void require_success(const PGresult* result) {
  if (!succeeded(result)) throw failure_of(result);
}

std::string number_parameters(std::string_view sql) {
  std::string out;
  int count = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const char c = sql[i];
    if (c == '\'') quoted = !quoted;
    const bool starts = !quoted && c == ':' && i + 1 < sql.size() && is_name(sql[i + 1]) && (i == 0 || sql[i - 1] != ':');
    if (!starts) {
      out += c;
      continue;
    }
    out.append("$").append(std::to_string(++count));
    while (i + 1 < sql.size() && is_name(sql[i + 1])) ++i;
  }
  return out;
}

class PostgresStatement final : public SqlStatement {
 public:
  PostgresStatement(PostgresStatements& home, const std::string& sql) : home_(home), result_(nullptr, PQclear) { sent_.sql = sql; }

  void bind_text(std::string_view text) override { sent_.values.emplace_back(text); }
  void bind_number(std::int64_t number) override { sent_.values.emplace_back(std::to_string(number)); }
  void bind_null() override { sent_.values.emplace_back(); }
  void want(bool text) override { columns_.push_back({.is_text = text, .value = {}}); }

  bool next() override {
    if (row_ < 0) result_ = answer_ ? std::move(*answer_) : home_.run(std::move(sent_));
    return ++row_ < PQntuples(result_.get());
  }
  void run_later() override { home_.hold(std::move(sent_)); }
  // The server alone can make the commit that is on its way fail: by an error.
  void change_later() override {
    sent_.sql = "WITH done AS (" + sent_.sql + " RETURNING 1) SELECT 1 / count(*) FROM done";
    run_later();
  }
  bool row_later() override {
    sent_.sql = "WITH found AS (" + sent_.sql + ") SELECT found.* FROM (SELECT 1 / count(*) AS one FROM found) AS there LEFT JOIN found ON one = 1";
    answer_ = std::make_shared<PostgresResult>(nullptr, PQclear);
    sent_.answer = answer_;
    run_later();
    return true;
  }

  SqlValue& value(std::size_t column) override {
    const int place = static_cast<int>(column);
    Column& wanted = columns_[column];
    if (place >= PQnfields(result_.get())) SqlQuery::bad_row();
    wanted.value.null = PQgetisnull(result_.get(), row_, place) != 0;
    const std::string_view text(PQgetvalue(result_.get(), row_, place), static_cast<std::size_t>(PQgetlength(result_.get(), row_, place)));
    if (wanted.is_text) {
      wanted.value.text.assign(text);
    } else if (!wanted.value.null) {
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), wanted.value.number);
      if (error != std::errc() || end != text.data() + text.size()) SqlQuery::bad_row();
    }
    return wanted.value;
  }
  std::size_t changed() override {
    const std::string_view text(PQcmdTuples(result_.get()));
    std::size_t count = 0;
    std::from_chars(text.data(), text.data() + text.size(), count);
    return count;
  }

 private:
  struct Column {
    bool is_text;
    SqlValue value;
  };

  PostgresStatements& home_;
  PostgresStatements::Sent sent_;
  PostgresResult result_;
  std::shared_ptr<PostgresResult> answer_;
  std::vector<Column> columns_;
  int row_ = -1;
};

std::unique_ptr<SqlStatement> PostgresStatements::statement(const std::string& sql) { return std::make_unique<PostgresStatement>(*this, sql); }

const std::string& PostgresStatements::numbered(const std::string& sql) {
  if (const auto found = numbered_.find(sql); found != numbered_.end()) return found->second;
  if (numbered_.size() >= most_kept) numbered_.clear();  // lists with filters have many texts
  return numbered_.emplace(sql, number_parameters(sql)).first->second;
}

void PostgresStatements::hold(Sent sent) {
  sent.sql = numbered(sent.sql);
  held_.push_back(std::move(sent));
  if (held_.size() >= most_held) flush();
}

void PostgresStatements::begin(std::vector<std::string> texts) {
  opening_ = std::move(texts);
  untouched_ = true;
}

void PostgresStatements::flush() {
  if (!held_.empty() || !opening_.empty()) exchange(take_held(), {});
}

std::vector<PostgresStatements::Sent> PostgresStatements::take_held() {
  if (untouched_) unanswered_.assign(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(std::min(marked_, held_.size())));
  marked_ = 0;
  return std::exchange(held_, {});
}

PostgresResult PostgresStatements::run(Sent sent) {
  if (!sent.values.empty()) sent.sql = numbered(sent.sql);
  if (!sent.values.empty() && (!held_.empty() || !opening_.empty() || !ending_.empty())) {
    auto batch = take_held();
    const std::size_t place = batch.size();
    batch.push_back(std::move(sent));
    const auto texts = std::exchange(ending_, {});
    auto results = exchange(std::move(batch), texts);
    PostgresResult mine = std::move(results[place]);
    results.erase(results.begin(), results.begin() + static_cast<std::ptrdiff_t>(place + 1));
    if (!texts.empty()) ended_ = std::move(results);
    return mine;
  }
  flush();
  const auto values = pointers_to(sent.values);
  PGresult* const made =
      values.empty() ? PQexec(connection_, sent.sql.c_str())  // which may be several statements
                     : PQexecParams(connection_, sent.sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(), nullptr, nullptr, 0);
  PostgresResult result(made, PQclear);
  require_success(result.get());
  return result;
}

std::vector<PostgresResult> PostgresStatements::run_with_held(const std::vector<std::string>& texts) {
  const std::size_t held = held_.size();
  auto results = exchange(take_held(), texts);
  results.erase(results.begin(), results.begin() + static_cast<std::ptrdiff_t>(held));
  return results;
}

/// What is sent for the first time in a transaction brings its opening along; the results are those of `batch` and `texts`. After a failure the
/// server skips the rest, a commit among it.
std::vector<PostgresResult> PostgresStatements::exchange(std::vector<Sent> batch, const std::vector<std::string>& texts) {
  for (const auto& text : texts) batch.push_back({text, {}, nullptr});
  const auto opening = std::exchange(opening_, {});
  for (auto text = opening.rbegin(); text != opening.rend(); ++text) batch.insert(batch.begin(), {*text, {}, nullptr});
  if (!texts.empty()) untouched_ = false;  // it may be committed, and nobody told
  const std::size_t wanted = batch.size();
  if (!texts.empty()) {
    for (auto& text : std::exchange(afterwards_, {})) batch.push_back({std::move(text), {}, nullptr});
  }
  std::vector<PostgresResult> results;
  PostgresResult failure(nullptr, PQclear);
  bool failed = false, recovering = false;
  {
    const Pipeline pipeline(connection_);
    for (const Sent& sent : batch) {
      const auto values = pointers_to(sent.values);
      if (PQsendQueryParams(connection_, sent.sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(), nullptr, nullptr, 0) != 1)
        throw failure_of(nullptr);
    }
    if (PQpipelineSync(connection_) != 1) throw failure_of(nullptr);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      PostgresResult result(PQgetResult(connection_), PQclear);
      if (!result || PQstatus(connection_) != CONNECTION_OK) throw failure_of(failed ? failure.get() : nullptr);
      if (i < wanted && !succeeded(result.get()) && !std::exchange(failed, true)) {
        // A server in recovery gives no ids: "cannot assign TransactionIds during recovery" has no SQLSTATE of its own.
        if (i < opening.size() && failure_of(result.get()).error().code == Errc::internal) recovering = true;
        failure = std::move(result);
      }
      results.push_back(std::move(result));
      while (const PostgresResult rest{PQgetResult(connection_), PQclear}) {
      }
    }
    const PostgresResult end(PQgetResult(connection_), PQclear);
    if (PQresultStatus(end.get()) != PGRES_PIPELINE_SYNC) throw failure_of(nullptr);
  }
  if (recovering) throw SqlFailure(error_of_sqlstate("25006", ""));
  if (failed) throw failure_of(failure.get());
  untouched_ = false;
  unanswered_.clear();
  results.erase(results.begin() + static_cast<std::ptrdiff_t>(wanted), results.end());
  for (std::size_t i = 0; i < wanted; ++i) {
    if (batch[i].answer) *batch[i].answer = std::move(results[i]);
  }
  results.erase(results.begin(), results.begin() + static_cast<std::ptrdiff_t>(opening.size()));
  return results;
}

}  // namespace authkit
