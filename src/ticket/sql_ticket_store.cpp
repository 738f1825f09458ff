#include "ticket/sql_ticket_store.hpp"

#include "core/storable.hpp"
#include "db/sql_query.hpp"

namespace authkit {
namespace {

constexpr const char* columns = "out{digest}, kind, out{user_id}, payload, created_at, expires_at";

std::vector<Ticket> read_all(SqlQuery& query) {
  std::vector<Ticket> tickets;
  Ticket ticket;
  std::string kind;
  query.out(ticket.digest).out(kind).out(ticket.user).out(ticket.payload).out(ticket.created_at).out(ticket.expires_at);
  while (query.next()) {
    const auto known = parse_ticket_kind(kind);
    if (!known) SqlQuery::bad_row();
    ticket.kind = *known;
    tickets.push_back(ticket);
  }
  return tickets;
}

std::optional<Ticket> read_one(SqlQuery& query) {
  auto tickets = read_all(query);
  return tickets.empty() ? std::nullopt : std::optional(std::move(tickets.front()));
}

}  // namespace

SqlTicketStore::SqlTicketStore(std::shared_ptr<SqlDatabase> database, std::string tenant)
    : database_(std::move(database)),
      tenant_(std::move(tenant)),
      put_(database_->dialect().statement("INSERT INTO authkit_ticket (tenant, digest, kind, user_id, payload, created_at, expires_at) "
                                          "VALUES (:tenant, in{:digest}, :kind, in{:user}, :payload, :created, :expires)")),
      find_(database_->dialect().statement("SELECT columns{} FROM authkit_ticket WHERE tenant = :tenant AND digest = in{:digest} AND kind = :kind",
                                           columns)),
      find_by_user_(
          database_->dialect().statement("SELECT columns{} FROM authkit_ticket WHERE tenant = :tenant AND user_id = in{:user} AND kind = :kind "
                                         "ORDER BY created_at DESC LIMIT :max",
                                         columns)),
      take_(database_->dialect().statement(
          "DELETE FROM authkit_ticket WHERE tenant = :tenant AND digest = in{:digest} AND kind = :kind RETURNING columns{}", columns)),
      erase_by_user_(database_->dialect().statement("DELETE FROM authkit_ticket WHERE tenant = :tenant AND user_id = in{:user} AND kind = :kind")),
      purge_(database_->dialect().statement(
          "DELETE FROM authkit_ticket WHERE tenant = :tenant1 AND digest "
          "any{SELECT digest FROM authkit_ticket WHERE tenant = :tenant2 AND expires_at <= :now ORDER BY expires_at LIMIT :max}")) {}

Result<void> SqlTicketStore::put(Tx& tx, const Ticket& ticket) {
  AUTHKIT_TRY(require_storable({ticket.payload}));
  return database_->write(tx, [&](SqlSession& session) {
    SqlQuery query(session, put_);
    query.in(tenant_).in(ticket.digest).in(to_text(ticket.kind)).in(ticket.user).in(ticket.payload).in(ticket.created_at);
    query.in(ticket.expires_at).run();
  });
}

Result<std::optional<Ticket>> SqlTicketStore::find(const std::array<std::uint8_t, 32>& digest, TicketKind kind, const Context& context) {
  return database_->read(Route::read_latest, context, [&](SqlSession& session) {
    SqlQuery query(session, find_);
    return read_one(query.in(tenant_).in(digest).in(to_text(kind)));
  });
}

Result<std::vector<Ticket>> SqlTicketStore::find_by_user(const UserId& user, TicketKind kind, std::size_t max, const Context& context) {
  return database_->read(Route::read_latest, context, [&](SqlSession& session) {
    SqlQuery query(session, find_by_user_);
    return read_all(query.in(tenant_).in(user).in(to_text(kind)).in(sql_limit(max)));
  });
}

Result<std::optional<Ticket>> SqlTicketStore::take(Tx& tx, const std::array<std::uint8_t, 32>& digest, TicketKind kind) {
  return database_->write(tx, [&](SqlSession& session) {
    SqlQuery query(session, take_);
    return read_one(query.in(tenant_).in(digest).in(to_text(kind)));
  });
}

Result<std::size_t> SqlTicketStore::erase_by_user(Tx& tx, const UserId& user, TicketKind kind) {
  return database_->write(tx, [&](SqlSession& session) { return SqlQuery(session, erase_by_user_).in(tenant_).in(user).in(to_text(kind)).run(); });
}

Result<std::size_t> SqlTicketStore::purge(Tx& tx, Time now, std::size_t max) {
  return database_->write_relaxed(
      tx, [&](SqlSession& session) { return SqlQuery(session, purge_).in(tenant_).in(tenant_).in(now).in(sql_limit(max)).run(); });
}

}  // namespace authkit
