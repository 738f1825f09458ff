#include "revocation/sql_revocation_store.hpp"

#include "db/sql_cursor.hpp"
#include "db/sql_query.hpp"

namespace authkit {
namespace {

/// Clocks of two instances may differ by less: an entry stays this long after nothing should need it.
constexpr Duration margin{60'000};

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

}  // namespace

SqlRevocationStore::SqlRevocationStore(std::shared_ptr<SqlDatabase> database, std::string tenant)
    : database_(std::move(database)),
      tenant_(std::move(tenant)),
      add_(database_->dialect().statement(
          "INSERT INTO authkit_revocation (tenant, kind, id, value, not_after) VALUES (:tenant, :kind, in{:id}, :value, :not_after)")),
      since_(database_->dialect().statement("SELECT seq, kind, out{id}, value, not_after FROM authkit_revocation "
                                            "WHERE tenant = :tenant AND seq > :seq ORDER BY seq LIMIT :max")),
      purge_(database_->dialect().statement(
          "DELETE FROM authkit_revocation WHERE seq IN "
          "(SELECT seq FROM authkit_revocation WHERE tenant = :tenant AND not_after < :before ORDER BY not_after LIMIT :max)")) {}

Result<void> SqlRevocationStore::add(Tx& tx, const RevocationEntry& entry) {
  const char kind = static_cast<char>(entry.kind);
  return database_->write(tx, [&](SqlSession& session) {
    SqlQuery(session, add_).in(tenant_).in(std::string_view(&kind, 1)).in(entry.id).in(entry.value).in(entry.not_after).run();
  });
}

Result<RevocationBatch> SqlRevocationStore::since(const std::string& cursor, std::size_t max, const Context& context) {
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
    SqlQuery query(session, since_);
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

Result<std::size_t> SqlRevocationStore::purge(Tx& tx, Time now, std::size_t max) {
  return database_->write_relaxed(
      tx, [&](SqlSession& session) { return SqlQuery(session, purge_).in(tenant_).in(now - margin).in(sql_limit(max)).run(); });
}

}  // namespace authkit
