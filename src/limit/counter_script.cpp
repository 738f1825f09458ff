#include "limit/counter_script.hpp"

#include "core/digest.hpp"
#include "core/hex.hpp"
#include "limit/gcra.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>
#include <set>

namespace authkit::gcra {
namespace {

using Requests = std::span<const LimitRequest>;

// The name of the encoding would give the text its own collation, and no index of that column would serve.
std::string literal(std::string_view text) {
  return fmt::format("convert_from(decode('{}', 'hex'), 'UTF8') COLLATE \"default\"", hex::encode(as_bytes(text)));
}

/// In one order, so that two scripts never wait for each other.
std::vector<std::string> locks(std::string_view tenant, Requests requests) {
  std::set<std::string_view> keys;
  for (const auto& request : requests) keys.insert(request.key);
  std::vector<std::string> statements;
  for (const std::string_view key : keys) {
    const std::string name = fmt::format("counter {} {}", tenant, key);
    statements.push_back(fmt::format("SELECT pg_advisory_xact_lock(hashtextextended('authkit:{}', 0))", hex::encode(as_bytes(name))));
  }
  return statements;
}

std::string script_of(const std::vector<std::string>& statements) { return fmt::format("{}", fmt::join(statements, ";\n")); }

/// One counter of a step: what the step costs, and how far ahead of now a counter may be, in microseconds.
struct Row {
  std::int64_t step;
  std::int64_t room;
};

Row row_to_take(const LimitRule& rule) {
  // A burst of 0: wherever the counter stands, this is how long to wait.
  if (rule.burst == 0) return {take(rule, unused, Time{}).retry_after.count() * 1000, -1};
  return {interval(rule), interval(rule) * rule.burst};
}

Row row_to_give_back(const LimitRule& rule) { return {interval(rule), interval(rule) * rule.burst}; }

/// `counter (key, step, room, tat)`: every counter of the step as gcra::settle() sees it.
std::string counters(std::string_view tenant, Requests requests, std::int64_t now, Row (*row)(const LimitRule&)) {
  std::string rows;
  for (const auto& request : requests) {
    const Row one = row(request.rule);
    fmt::format_to(std::back_inserter(rows), "{}({}, CAST({} AS bigint), CAST({} AS bigint))", rows.empty() ? "" : ", ", literal(request.key),
                   one.step, one.room);
  }
  return fmt::format(
      "WITH request (key, step, room) AS (VALUES {0}),\n"
      "counter AS (SELECT r.key, r.step, r.room, least(greatest(coalesce(c.tat, {1}), {1}), {1} + r.room) AS tat\n"
      "  FROM request r LEFT JOIN authkit_counter c ON c.tenant = {2} AND c.key = r.key)",
      rows, now, literal(tenant));
}

constexpr std::string_view without_waiting = "SET LOCAL synchronous_commit TO off";

/// What makes a step over counters in a transaction atomic, and not wait for the disk.
std::vector<std::string> step(std::string_view tenant, Requests requests, std::string statement) {
  std::vector<std::string> statements{std::string(without_waiting)};
  for (auto& lock : locks(tenant, requests)) statements.push_back(std::move(lock));
  statements.push_back(std::move(statement));
  return statements;
}

std::string give_back(std::string_view tenant, Requests requests, std::int64_t now) {
  return fmt::format(
      "{0},\n"
      "full_again AS (DELETE FROM authkit_counter c USING counter n WHERE c.tenant = {2} AND c.key = n.key AND n.tat - n.step <= {1})\n"
      "UPDATE authkit_counter c SET tat = n.tat - n.step FROM counter n WHERE c.tenant = {2} AND c.key = n.key AND n.tat - n.step > {1}",
      counters(tenant, requests, now, row_to_give_back), now, literal(tenant));
}

}  // namespace

std::string take_script(std::string_view tenant, Requests requests, Time time) {
  const std::int64_t now = microseconds(time);
  return script_of(step(
      tenant, requests,
      fmt::format(
          "{0},\n"
          "verdict AS (SELECT max(tat + step - room) - ({1}) AS wait FROM counter),\n"
          "taken AS (INSERT INTO authkit_counter (tenant, key, tat) SELECT {2}, key, tat + step FROM counter WHERE (SELECT wait FROM verdict) <= 0\n"
          "  ON CONFLICT (tenant, key) DO UPDATE SET tat = excluded.tat)\n"
          "SELECT wait FROM verdict",
          counters(tenant, requests, now, row_to_take), now, literal(tenant))));
}

std::string give_back_script(std::string_view tenant, Requests requests, Time time) {
  return script_of(step(tenant, requests, give_back(tenant, requests, microseconds(time))));
}

std::vector<std::string> give_back_statements(std::string_view tenant, Requests requests, Time time) {
  std::vector<std::string> statements{"BEGIN"};
  for (auto& one : step(tenant, requests, give_back(tenant, requests, microseconds(time)))) statements.push_back(std::move(one));
  statements.push_back("COMMIT");
  return statements;
}

}  // namespace authkit::gcra
