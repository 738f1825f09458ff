#include "revocation/sql_revocation_store.hpp"

#include "db/sql_cursor.hpp"
#include "db/sql_query.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace authkit {
namespace {

/// Clocks of two instances may differ by less: an entry stays this long after nothing should need it.
constexpr Duration margin{60'000};

/// A snapshot: 3 is the first id of a transaction.
constexpr std::string_view sees_nothing = "3:3:";

/// One statement, so that the snapshot it returns is the one that its rows were read in. An outer join: it is returned without rows too.
constexpr const char* unseen =
    "SELECT here.snapshot, coalesce(entry.seq, 0), coalesce(entry.kind, ''), coalesce(out{{entry.id}}, ''), coalesce(entry.value, 0), "
    "coalesce(entry.not_after, 0) FROM (SELECT cast(pg_current_snapshot() AS text) AS snapshot) AS here LEFT JOIN LATERAL ({} ORDER BY seq LIMIT "
    ":max) "
    "AS entry ON true";
/// The walk along the numbers: right where nearly all that is left is asked for.
constexpr const char* page_by_number =
    "SELECT seq, kind, id, value, not_after FROM authkit_revocation WHERE tenant = :tenant AND seq > :seq AND ("
    "xid >= pg_snapshot_xmax(cast(:seen AS pg_snapshot)) OR xid = ANY (ARRAY(SELECT pg_snapshot_xip(cast(:seen1 AS pg_snapshot)))))";
/// Those of transactions that began after the snapshot, and those that ran then: right where next to nothing is new. Two walks and no OR between
/// them, or a database that knows little of the table (it has grown since) takes the tenant's rows one by one.
constexpr const char* page_by_writer =
    "SELECT seq, kind, id, value, not_after FROM authkit_revocation WHERE tenant = :tenant AND seq > :seq AND "
    "xid >= pg_snapshot_xmax(cast(:seen AS pg_snapshot)) "
    "UNION ALL SELECT seq, kind, id, value, not_after FROM authkit_revocation WHERE tenant = :tenant1 AND seq > :seq1 AND "
    "xid = ANY (ARRAY(SELECT pg_snapshot_xip(cast(:seen1 AS pg_snapshot))))";

RevocationKind kind_of(std::string_view text) {
  const char letter = text.size() == 1 ? text.front() : '\0';
  switch (static_cast<RevocationKind>(letter)) {
    case RevocationKind::token:
    case RevocationKind::session:
    case RevocationKind::user:
    case RevocationKind::everything:
    case RevocationKind::changed:
      return static_cast<RevocationKind>(letter);
  }
  SqlQuery::bad_row();
}

/// "xmin:xmax:" and the transactions that ran between, as PostgreSQL writes a pg_snapshot.
bool is_snapshot(std::string_view text) noexcept {
  const auto number = [&text] {
    const std::size_t size = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(size);
    return size > 0 && size < 20;
  };
  const auto mark = [&text](char c) {
    const bool there = text.starts_with(c);
    if (there) text.remove_prefix(1);
    return there;
  };
  if (!number() || !mark(':') || !number() || !mark(':')) return false;
  if (text.empty()) return true;
  while (number())
    if (!mark(',')) return text.empty();
  return false;
}

}  // namespace

/// Where a reader stands: everything that the snapshot `seen` saw is known. While it pages through the rest, `began` is the snapshot of the first
/// page and `last` the number of the last row.
struct SqlRevocationStore::FeedPosition {
  std::string seen{sees_nothing};
  std::string began;
  std::int64_t last = 0;

  std::string text() const { return began.empty() ? seen : seen + ' ' + began + ' ' + std::to_string(last); }

  static Result<FeedPosition> parse(std::string_view cursor) {
    FeedPosition position;
    if (cursor.empty()) return position;
    const std::size_t first = cursor.find(' '), second = first == std::string_view::npos ? first : cursor.find(' ', first + 1);
    position.seen = cursor.substr(0, first);
    if (first != std::string_view::npos) {
      if (second == std::string_view::npos) return Error{Errc::invalid_argument, "the cursor is none"};
      position.began = cursor.substr(first + 1, second - first - 1);
      AUTHKIT_TRY_ASSIGN(position.last, parse_sql_cursor(cursor.substr(second + 1)));
    }
    for (const std::string* snapshot : {&position.seen, &position.began})
      if (!snapshot->empty() && !is_snapshot(*snapshot)) return Error{Errc::invalid_argument, "the cursor is none"};
    return position;
  }
};

SqlRevocationStore::SqlRevocationStore(std::shared_ptr<SqlDatabase> database, std::string tenant)
    : database_(std::move(database)),
      tenant_(std::move(tenant)),
      add_(database_->dialect().statement(
          "INSERT INTO authkit_revocation (tenant, kind, id, value, not_after) VALUES (:tenant, :kind, in{:id}, :value, :not_after)")),
      since_number_(database_->dialect().statement("SELECT seq, kind, out{id}, value, not_after FROM authkit_revocation "
                                                   "WHERE tenant = :tenant AND seq > :seq ORDER BY seq LIMIT :max")),
      next_page_(database_->dialect().statement(fmt::format(unseen, page_by_number))),
      first_page_(database_->dialect().statement(fmt::format(unseen, page_by_writer))),
      purge_(database_->dialect().statement(
          "DELETE FROM authkit_revocation WHERE seq "
          "any{SELECT seq FROM authkit_revocation WHERE tenant = :tenant AND not_after < :before ORDER BY not_after LIMIT :max}")) {}

Result<void> SqlRevocationStore::add(Tx& tx, const RevocationEntry& entry) {
  const char kind = static_cast<char>(entry.kind);
  return database_->write(tx, [&](SqlSession& session) {
    SqlQuery(session, add_).in(tenant_).in(std::string_view(&kind, 1)).in(entry.id).in(entry.value).in(entry.not_after).run_later();
  });
}

Result<RevocationBatch> SqlRevocationStore::since(const std::string& cursor, std::size_t max, const Context& context) {
  return database_->dialect().overtaking ? since_snapshot(cursor, max, context) : since_number(cursor, max, context);
}

Result<RevocationBatch> SqlRevocationStore::since_number(const std::string& cursor, std::size_t max, const Context& context) {
  std::int64_t seen = 0;
  if (!cursor.empty()) {
    AUTHKIT_TRY_ASSIGN(seen, parse_sql_cursor(cursor));
  }
  const std::int64_t size = std::max<std::int64_t>(sql_limit(max), 1);
  return database_->read(Route::read_latest, context, [&](SqlSession& session) {
    RevocationBatch batch;
    RevocationEntry entry;
    std::string kind;
    std::int64_t last = seen, seq = 0;
    SqlQuery query(session, since_number_);
    query.in(tenant_).in(seen).in(size + 1).out(seq).out(kind).out(entry.id).out(entry.value).out(entry.not_after);
    while (query.next()) {
      batch.more = static_cast<std::int64_t>(batch.entries.size()) == size;
      if (batch.more) break;
      entry.kind = kind_of(kind);
      batch.entries.push_back(entry);
      last = seq;
    }
    batch.cursor = std::to_string(last);
    return batch;
  });
}

Result<RevocationBatch> SqlRevocationStore::since_snapshot(const std::string& cursor, std::size_t max, const Context& context) {
  AUTHKIT_TRY_ASSIGN(const FeedPosition from, FeedPosition::parse(cursor));
  const std::int64_t size = std::max<std::int64_t>(sql_limit(max), 1);
  return database_->read(Route::read_latest, context, [&](SqlSession& session) {
    FeedPosition next = from;
    RevocationBatch batch = page_of_snapshot(session, next, size);
    // What was committed while the pages were read is read once more from the snapshot of the first: an entry twice does no harm.
    batch.cursor = batch.more ? next.text() : FeedPosition{next.began, {}, 0}.text();
    remember_changes(session, batch.entries);
    return batch;
  });
}

RevocationBatch SqlRevocationStore::page_of_snapshot(SqlSession& session, FeedPosition& at, std::int64_t size) const {
  RevocationBatch batch;
  std::string snapshot, kind, id;
  std::int64_t seq = 0;
  RevocationEntry entry;
  const bool by_number = at.last > 0 || at.seen == sees_nothing;
  SqlQuery query(session, by_number ? next_page_ : first_page_);
  query.in(tenant_).in(at.last).in(at.seen);
  if (!by_number) query.in(tenant_).in(at.last);
  query.in(at.seen).in(size + 1);
  query.out(snapshot).out(seq).out(kind).out(id).out(entry.value).out(entry.not_after);
  while (query.next()) {
    if (at.began.empty()) at.began = snapshot;
    if (seq == 0) break;  // the row that carries the snapshot alone
    batch.more = static_cast<std::int64_t>(batch.entries.size()) == size;
    if (batch.more) break;
    if (!hex::decode(id, entry.id)) SqlQuery::bad_row();
    entry.kind = kind_of(kind);
    batch.entries.push_back(entry);
    at.last = seq;
  }
  return batch;
}

/// Who changed elsewhere must not be shown the past here either. The position is asked for after the entries were seen, so it holds them.
void SqlRevocationStore::remember_changes(SqlSession& session, const std::vector<RevocationEntry>& entries) const {
  LogPosition position;
  for (const RevocationEntry& entry : entries) {
    if (entry.kind != RevocationKind::changed) continue;
    if (position.is_none()) position = session.position();
    if (position.is_none()) return;
    database_->remember(UserId{entry.id}, position);
  }
}

Result<std::size_t> SqlRevocationStore::purge(Tx& tx, Time now, std::size_t max) {
  return database_->write_relaxed(
      tx, [&](SqlSession& session) { return SqlQuery(session, purge_).in(tenant_).in(now - margin).in(sql_limit(max)).run(); });
}

}  // namespace authkit
