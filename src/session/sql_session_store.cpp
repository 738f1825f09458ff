#include "session/sql_session_store.hpp"

#include "core/storable.hpp"
#include "db/sql_query.hpp"

namespace authkit {
namespace {

constexpr const char* columns =
    "out{id}, out{user_id}, transport, out{secret_digest}, generation, rotated_at, created_at, last_seen, idle_expires_at, "
    "absolute_expires_at, auth_time, amr, acr, client, user_agent, address, epoch";

void read_into(SqlQuery& query, SessionRecord& record, std::uint8_t& transport) {
  query.out(record.id).out(record.user).out(transport).out(record.secret_digest).out(record.generation).out(record.rotated_at);
  query.out(record.created_at).out(record.last_seen).out(record.idle_expires_at).out(record.absolute_expires_at).out(record.auth_time);
  query.out(record.amr).out(record.acr).out(record.client).out(record.user_agent).out(record.address).out(record.epoch);
}

std::vector<SessionRecord> read_all(SqlQuery& query) {
  std::vector<SessionRecord> records;
  SessionRecord record;
  std::uint8_t transport = 0;
  read_into(query, record, transport);
  while (query.next()) {
    if (transport > static_cast<std::uint8_t>(Transport::cookie)) SqlQuery::bad_row();
    record.transport = static_cast<Transport>(transport);
    records.push_back(record);
  }
  return records;
}

std::optional<SessionRecord> read_one(SqlQuery& query) {
  auto records = read_all(query);
  return records.empty() ? std::nullopt : std::optional(std::move(records.front()));
}

}  // namespace

SqlSessionStore::SqlSessionStore(std::shared_ptr<SqlDatabase> database, std::string tenant)
    : database_(std::move(database)),
      tenant_(std::move(tenant)),
      insert_(database_->dialect().statement(
          "INSERT INTO authkit_session (tenant, id, user_id, transport, secret_digest, generation, rotated_at, created_at, last_seen, "
          "idle_expires_at, absolute_expires_at, auth_time, amr, acr, client, user_agent, address, epoch) VALUES (:tenant, in{:id}, in{:user}, "
          ":transport, in{:digest}, :generation, :rotated, :created, :seen, :idle, :absolute, :auth, :amr, :acr, :client, :agent, :address, "
          ":epoch)")),
      find_(database_->dialect().statement("SELECT columns{} FROM authkit_session WHERE tenant = :tenant AND id = in{:id}", columns)),
      touch_(database_->dialect().statement(
          "UPDATE authkit_session SET last_seen = :now, idle_expires_at = :idle WHERE tenant = :tenant AND id = in{:id}")),
      rotate_(database_->dialect().statement(
          "UPDATE authkit_session SET generation = generation + 1, rotated_at = :now1, last_seen = :now2, idle_expires_at = "
          "CASE WHEN absolute_expires_at < :idle1 THEN absolute_expires_at ELSE :idle2 END "
          "WHERE tenant = :tenant AND id = in{:id} AND secret_digest = in{:digest} AND generation = :generation AND expires_at > :now3 "
          "RETURNING columns{}",
          columns)),
      erase_(database_->dialect().statement("DELETE FROM authkit_session WHERE tenant = :tenant AND id = in{:id}")),
      find_by_user_(
          database_->dialect().statement("SELECT columns{} FROM authkit_session WHERE tenant = :tenant AND user_id = in{:user} AND expires_at > :now "
                                         "ORDER BY created_at DESC, id LIMIT :max",
                                         columns)),
      erase_by_user_(database_->dialect().statement(
          "DELETE FROM authkit_session WHERE tenant = :tenant AND user_id = in{:user} AND id <> in{:keep} RETURNING out{id}")),
      set_epoch_(database_->dialect().statement("UPDATE authkit_session SET epoch = :epoch WHERE tenant = :tenant AND id = in{:id}")),
      purge_(database_->dialect().statement(
          "DELETE FROM authkit_session WHERE tenant = :tenant1 AND id "
          "any{SELECT id FROM authkit_session WHERE tenant = :tenant2 AND expires_at <= :now ORDER BY expires_at LIMIT :max}")) {}

Result<void> SqlSessionStore::insert(Tx& tx, const SessionRecord& r) {
  AUTHKIT_TRY(require_storable({r.amr, r.acr, r.client, r.user_agent, r.address}));
  return database_->write(tx, [&](SqlSession& session) {
    SqlQuery query(session, insert_);
    query.in(tenant_).in(r.id).in(r.user).in(static_cast<int>(r.transport)).in(r.secret_digest).in(r.generation).in(r.rotated_at);
    query.in(r.created_at).in(r.last_seen).in(r.idle_expires_at).in(r.absolute_expires_at).in(r.auth_time);
    query.in(r.amr).in(r.acr).in(r.client).in(r.user_agent).in(r.address).in(r.epoch).run_later();
  });
}

Result<std::optional<SessionRecord>> SqlSessionStore::find(const SessionId& id, const Context& context) {
  return database_->read(Route::read_latest, context, [&](SqlSession& session) {
    SqlQuery query(session, find_);
    return read_one(query.in(tenant_).in(id));
  });
}

Result<bool> SqlSessionStore::touch(Tx& tx, const SessionId& id, Time now, Time idle_expires_at) {
  return database_->write_relaxed(
      tx, [&](SqlSession& session) { return SqlQuery(session, touch_).in(now).in(idle_expires_at).in(tenant_).in(id).run() != 0; });
}

Result<std::optional<SessionRecord>> SqlSessionStore::rotate(Tx& tx, const SessionId& id, const std::array<std::uint8_t, 32>& secret_digest,
                                                             std::uint32_t generation, Time now, Time idle_expires_at) {
  return database_->write(tx, [&](SqlSession& session) {
    SqlQuery query(session, rotate_);
    query.in(now).in(now).in(idle_expires_at).in(idle_expires_at).in(tenant_).in(id).in(secret_digest).in(generation).in(now);
    return read_one(query);
  });
}

Result<bool> SqlSessionStore::erase(Tx& tx, const SessionId& id) {
  return database_->write(tx, [&](SqlSession& session) { return SqlQuery(session, erase_).in(tenant_).in(id).run() != 0; });
}

Result<void> SqlSessionStore::erase_known(Tx& tx, const SessionId& id) {
  return database_->write(tx, [&](SqlSession& session) { SqlQuery(session, erase_).in(tenant_).in(id).change_later(); });
}

Result<std::vector<SessionRecord>> SqlSessionStore::find_by_user(const UserId& user, Time now, std::size_t max, const Context& context) {
  return database_->read(Route::read_latest, context, [&](SqlSession& session) {
    SqlQuery query(session, find_by_user_);
    return read_all(query.in(tenant_).in(user).in(now).in(sql_limit(max)));
  });
}

Result<std::vector<SessionId>> SqlSessionStore::erase_by_user(Tx& tx, const UserId& user, const SessionId& keep) {
  return database_->write(tx, [&](SqlSession& session) {
    std::vector<SessionId> ended;
    SessionId id;
    SqlQuery query(session, erase_by_user_);
    query.in(tenant_).in(user).in(keep).out(id);
    while (query.next()) ended.push_back(id);
    return ended;
  });
}

Result<bool> SqlSessionStore::set_epoch(Tx& tx, const SessionId& id, std::uint64_t epoch) {
  return database_->write(tx, [&](SqlSession& session) { return SqlQuery(session, set_epoch_).in(epoch).in(tenant_).in(id).run() != 0; });
}

Result<std::size_t> SqlSessionStore::purge(Tx& tx, Time now, std::size_t max) {
  return database_->write_relaxed(
      tx, [&](SqlSession& session) { return SqlQuery(session, purge_).in(tenant_).in(tenant_).in(now).in(sql_limit(max)).run(); });
}

}  // namespace authkit
