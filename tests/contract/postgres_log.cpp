#include "contract/statement_log.hpp"

#include <doctest/doctest.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include <charconv>
#include <cstdlib>
#include <libpq-fe.h>
#include <string_view>

namespace authkit::contract {
namespace {

PGconn* connection_of(SqlSession& session) { return static_cast<soci::postgresql_session_backend*>(session.soci().get_backend())->conn_; }

/// One message as PQtrace() writes it: direction, length, type and fields, with tabs between.
struct Message {
  char direction;
  std::string_view type, fields;
};

bool starts_message(std::string_view text) {
  if (!text.starts_with("F\t") && !text.starts_with("B\t")) return false;
  const std::size_t digits = text.find_first_not_of("0123456789", 2);
  return digits > 2 && digits != text.npos && text[digits] == '\t';
}

/// A text with line feeds is written with them, so a message ends where another one starts.
std::vector<Message> messages_of(std::string_view trace) {
  std::vector<Message> messages;
  while (!trace.empty()) {
    std::size_t end = trace.find('\n');
    while (end != trace.npos && end + 1 < trace.size() && !starts_message(trace.substr(end + 1))) end = trace.find('\n', end + 1);
    std::string_view line = trace.substr(0, end);
    trace.remove_prefix(end == trace.npos ? trace.size() : end + 1);
    const std::size_t type = line.find('\t', 2) + 1, fields = line.find('\t', type);
    const auto rest = fields == line.npos ? std::string_view() : line.substr(fields + 1);
    messages.push_back({line[0], line.substr(type, fields == line.npos ? fields : fields - type), rest});
  }
  return messages;
}

std::string_view between(std::string_view text, std::string_view open, std::string_view close) {
  const std::size_t from = text.find(open) + open.size();
  return text.substr(from, text.rfind(close) - from);
}

long long number_at(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  long long number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  REQUIRE(error == std::errc());
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

/// Bind: two names, the formats, then every value as its length and itself in quotes, odd bytes as \x and two digits.
std::vector<std::optional<std::string>> values_of(std::string_view fields) {
  fields.remove_prefix(fields.find("\"\" \"\"") + 5);
  for (long long formats = number_at(fields); formats > 0; --formats) number_at(fields);
  std::vector<std::optional<std::string>> values(static_cast<std::size_t>(number_at(fields)));
  for (auto& value : values) {
    const long long size = number_at(fields);
    if (size < 0) continue;
    value.emplace();
    fields.remove_prefix(2);
    while (value->size() < static_cast<std::size_t>(size)) {
      const bool coded = fields.starts_with("\\x");
      *value += coded ? static_cast<char>(std::stoi(std::string(fields.substr(2, 2)), nullptr, 16)) : fields.front();
      fields.remove_prefix(coded ? 4 : 1);
    }
    fields.remove_prefix(1);
  }
  return values;
}

void add_script(std::vector<SentStatement>& statements, std::string_view script) {
  while (!script.empty()) {
    const std::size_t end = script.find(';');
    std::string_view one = script.substr(0, end);
    one.remove_prefix(std::min(one.find_first_not_of(" \n"), one.size()));
    if (!one.empty()) statements.push_back({std::string(one)});
    script.remove_prefix(end == script.npos ? script.size() : end + 1);
  }
}

}  // namespace

PostgresLog::PostgresLog(SqlDatabase& database) : database_(database), file_(open_memstream(&text_, &size_)) {
  database_
      .read(Route::write, {},
            [&](SqlSession& session) {
              PQtrace(connection_of(session), file_);
              PQsetTraceFlags(connection_of(session), PQTRACE_SUPPRESS_TIMESTAMPS);
            })
      .value();
}

PostgresLog::~PostgresLog() {
  (void)database_.read(Route::write, {}, [](SqlSession& session) { PQuntrace(connection_of(session)); });
  std::fclose(file_);
  std::free(text_);
}

constexpr std::string_view one_row = "1 / count(*)";

std::string PostgresLog::take() {
  std::fflush(file_);
  std::string trace(text_, size_);
  std::rewind(file_);
  return trace;
}

std::vector<SentStatement> PostgresLog::statements() {
  std::vector<SentStatement> statements;
  const std::string trace = take();
  for (const auto& message : messages_of(trace)) {
    if (message.type == "Query") add_script(statements, between(message.fields, "\"", "\""));
    if (message.type == "Parse") statements.push_back({std::string(between(message.fields, "\"\" \"", "\""))});
    if (message.type == "Bind") statements.back().values = values_of(message.fields);
  }
  return statements;
}

std::size_t PostgresLog::round_trips() {
  const std::string trace = take();
  std::size_t count = 0;
  for (const auto& message : messages_of(trace)) count += message.type == "ReadyForQuery" ? 1 : 0;
  return count;
}

std::vector<std::string> PostgresLog::plan(const SentStatement& statement) {
  std::vector<std::string> lines;
  database_
      .read(Route::write, {},
            [&](SqlSession& session) {
              session.begin();
              std::vector<const char*> values;
              for (const auto& value : statement.values) values.push_back(value ? value->c_str() : nullptr);
              std::string sql = "EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) " + statement.sql;
              // What the flow changed is not there any more: one row less is no failure here.
              if (const std::size_t at = sql.find(one_row); at != std::string::npos) sql.replace(at, one_row.size(), "count(*)");
              PGresult* result =
                  PQexecParams(connection_of(session), sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(), nullptr, nullptr, 0);
              INFO(PQresultErrorMessage(result), sql);
              CHECK(PQresultStatus(result) == PGRES_TUPLES_OK);
              for (int row = 0; row < PQntuples(result); ++row) lines.emplace_back(PQgetvalue(result, row, 0));
              PQclear(result);
            })
      .value();
  take();
  return lines;
}

}  // namespace authkit::contract
