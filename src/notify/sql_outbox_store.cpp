#include "notify/sql_outbox_store.hpp"

#include "core/storable.hpp"
#include "db/sql_query.hpp"

#include <algorithm>

namespace authkit {
namespace {

/// Those that somebody else is claiming at this moment are not waited for.
std::string claim_statement(const Dialect& dialect) {
  return dialect.statement(
      std::string("UPDATE authkit_outbox SET owner = :owner, lease_until = :lease, attempts = attempts + 1 WHERE tenant = :tenant1 AND id "
                  "any{SELECT id FROM authkit_outbox WHERE tenant = :tenant2 AND done_at IS NULL AND topic = :topic AND next_at <= :now1 "
                  "AND (lease_until IS NULL OR lease_until <= :now2) ORDER BY next_at, id LIMIT :max")
          .append(dialect.overtaking ? " FOR UPDATE SKIP LOCKED" : "")
          .append("} RETURNING id, event_id, topic, key, payload, attempts, next_at, last_error"));
}

}  // namespace

SqlOutboxStore::SqlOutboxStore(std::shared_ptr<SqlDatabase> database, std::string tenant)
    : database_(std::move(database)),
      tenant_(std::move(tenant)),
      append_(database_->dialect().statement("INSERT INTO authkit_outbox (tenant, event_id, topic, key, payload, next_at) "
                                             "VALUES (:tenant, :event, :topic, :key, :payload, :next)")),
      claim_(claim_statement(database_->dialect())),
      settle_(database_->dialect().statement("UPDATE authkit_outbox SET done_at = :now, last_error = '' "
                                             "WHERE id = :id AND tenant = :tenant AND owner = :owner AND done_at IS NULL")),
      postpone_(database_->dialect().statement("UPDATE authkit_outbox SET owner = '', lease_until = NULL, last_error = :error, next_at = "
                                               "coalesce(:next, next_at), done_at = :done "
                                               "WHERE id = :id AND tenant = :tenant AND owner = :owner AND done_at IS NULL")),
      waiting_(database_->dialect().statement("SELECT count(*) FROM authkit_outbox WHERE tenant = :tenant AND done_at IS NULL AND topic = :topic")),
      given_up_(database_->dialect().statement(
          "SELECT count(*) FROM authkit_outbox WHERE tenant = :tenant AND done_at IS NOT NULL AND topic = :topic AND last_error <> ''")),
      purge_(database_->dialect().statement(
          "DELETE FROM authkit_outbox WHERE tenant = :tenant1 AND id any{SELECT id FROM authkit_outbox WHERE tenant = :tenant2 AND "
          "done_at IS NOT NULL AND done_at < :before ORDER BY done_at LIMIT :max}")) {}

Result<void> SqlOutboxStore::append(Tx& tx, const OutboxEntry& entry) {
  AUTHKIT_TRY(require_storable({entry.event_id, entry.topic, entry.key, entry.payload}));
  return database_->write(tx, [&](SqlSession& session) {
    SqlQuery(session, append_).in(tenant_).in(entry.event_id).in(entry.topic).in(entry.key).in(entry.payload).in(entry.next_at).run_later();
  });
}

Result<std::vector<OutboxEntry>> SqlOutboxStore::claim(Tx& tx, std::string_view topic, std::string_view owner, Time now, Time lease_until,
                                                       std::size_t max) {
  return database_->write(tx, [&](SqlSession& session) {
    std::vector<OutboxEntry> claimed;
    OutboxEntry entry;
    SqlQuery query(session, claim_);
    query.in(owner).in(lease_until).in(tenant_).in(tenant_).in(topic).in(now).in(now).in(sql_limit(max));
    query.out(entry.id).out(entry.event_id).out(entry.topic).out(entry.key).out(entry.payload).out(entry.attempts).out(entry.next_at);
    query.out(entry.last_error);
    while (query.next()) claimed.push_back(entry);
    std::sort(claimed.begin(), claimed.end(),
              [](const OutboxEntry& a, const OutboxEntry& b) { return std::pair(a.next_at, a.id) < std::pair(b.next_at, b.id); });
    return claimed;
  });
}

Result<bool> SqlOutboxStore::settle(Tx& tx, std::int64_t id, std::string_view owner, Time now) {
  return database_->write(tx, [&](SqlSession& session) { return SqlQuery(session, settle_).in(now).in(id).in(tenant_).in(owner).run() != 0; });
}

Result<bool> SqlOutboxStore::postpone(Tx& tx, std::int64_t id, std::string_view owner, std::optional<Time> next_at, std::string_view error,
                                      Time now) {
  AUTHKIT_TRY(require_storable({error}));
  return database_->write(tx, [&](SqlSession& session) {
    SqlQuery query(session, postpone_);
    query.in(error).in(next_at).in(next_at ? std::nullopt : std::optional(now));
    return query.in(id).in(tenant_).in(owner).run() != 0;
  });
}

Result<OutboxStatus> SqlOutboxStore::status(std::string_view topic, const Context& context) {
  return database_->read(Route::read_latest, context, [&](SqlSession& session) {
    OutboxStatus status;
    SqlQuery(session, waiting_).in(tenant_).in(topic).out(status.waiting).next();
    SqlQuery(session, given_up_).in(tenant_).in(topic).out(status.given_up).next();
    return status;
  });
}

Result<std::size_t> SqlOutboxStore::purge(Tx& tx, Time before, std::size_t max) {
  return database_->write_relaxed(
      tx, [&](SqlSession& session) { return SqlQuery(session, purge_).in(tenant_).in(tenant_).in(before).in(sql_limit(max)).run(); });
}

}  // namespace authkit
