#include "db/postgres_probe.hpp"

#include "db/sql_error.hpp"
#include "db/sql_query.hpp"

#include <charconv>

namespace authkit {
namespace {

constexpr std::uint64_t page = 8192, page_header = 24;

const std::string server_column =
    "coalesce(host(inet_server_addr()), '') || ' ' || coalesce(inet_server_port(), 0) || ' ' || cast(pg_postmaster_start_time() AS text)";

/// `mark`: the newest timeline that the schema knows. A server in recovery tells its own to superusers only.
std::string statement(std::string_view mark) {
  std::string sql = "SELECT cast(pg_is_in_recovery() AS int), (SELECT cast(system_identifier AS text) FROM pg_control_system()), ";
  sql.append(server_column).append(", ").append(mark);
  sql.append(
      ", CASE WHEN pg_is_in_recovery() THEN cast(coalesce(pg_last_wal_replay_lsn() - cast('0/0' AS pg_lsn), 0) AS text) ELSE (SELECT "
      "written.timeline ");
  sql.append("|| ' ' || written.lsn FROM (SELECT ").append(written_columns).append(") AS written (timeline, lsn)) END");
  return sql;
}

const std::string with_mark = statement("(SELECT coalesce(max(timeline), 0) FROM authkit_timeline)");
const std::string without_mark = statement("0");
const std::string insert_mark = "INSERT INTO authkit_timeline (timeline) VALUES (:timeline) ON CONFLICT DO NOTHING";

template <class Number>
Number number(std::string_view text, int base) noexcept {
  Number value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return end.ec == std::errc() && end.ptr == text.data() + text.size() ? value : 0;
}

struct Row {
  bool in_recovery = false;
  std::string system_id, server, position;
  std::uint32_t mark = 0;
};

Row ask(SqlSession& session, const std::string& sql) {
  Row row;
  SqlQuery query(session, sql);
  if (!query.out(row.in_recovery).out(row.system_id).out(row.server).out(row.mark).out(row.position).next()) SqlQuery::bad_row();
  return row;
}

}  // namespace

LogPosition written_position(std::string_view timeline, std::string_view lsn) noexcept {
  LogPosition position{number<std::uint32_t>(timeline, 16), number<std::uint64_t>(lsn, 10)};
  if (position.lsn % page == page_header) position.lsn -= page_header;  // nothing is on that page yet
  return position;
}

std::string server_of(SqlSession& session) {
  std::string server;
  if (!SqlQuery(session, "SELECT " + server_column).out(server).next()) SqlQuery::bad_row();
  return server;
}

Probe probe_server(SqlSession& session) {
  Row row;
  auto asked = sql_guard([&] { row = ask(session, with_mark); });
  bool has_marks = asked.has_value();
  if (!asked) {
    if (asked.error().code != Errc::schema_mismatch) throw SqlFailure(std::move(asked).error());
    row = ask(session, without_mark);  // before the migrations
  }
  Probe probe{row.in_recovery, {}, std::move(row.system_id), std::move(row.server)};
  if (row.in_recovery) {
    probe.position = {row.mark, number<std::uint64_t>(row.position, 10)};
    return probe;
  }
  const std::size_t space = std::min(row.position.find(' '), row.position.size());
  const std::string_view position = row.position;
  probe.position = written_position(position.substr(0, space), position.substr(std::min(space + 1, position.size())));
  // Who may not write there, or comes second, leaves it to the next probe.
  if (has_marks && row.mark < probe.position.timeline)
    static_cast<void>(sql_guard([&] { SqlQuery(session, insert_mark).in(probe.position.timeline).run(); }));
  return probe;
}

}  // namespace authkit
