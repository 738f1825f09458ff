#include "event/sql_event_store.hpp"

#include "core/storable.hpp"
#include "db/sql_cursor.hpp"
#include "db/sql_query.hpp"
#include "event/chain.hpp"

#include <algorithm>

namespace authkit {
namespace {

constexpr const char* columns = "seq, id, time, actor, action, subject, success, address, user_agent, request_id, data, prev_hash, hash";

std::vector<Event> read_all(SqlQuery& query) {
  std::vector<Event> events;
  Event event;
  query.out(event.seq).out(event.id).out(event.time).out(event.actor).out(event.action).out(event.subject).out(event.success);
  query.out(event.address).out(event.user_agent).out(event.request_id).out(event.data).out(event.prev_hash).out(event.hash);
  while (query.next()) events.push_back(event);
  return events;
}

bool is_timed(const EventFilter& filter) { return filter.from || filter.to; }

/// The newest events that fit, of those that are sealed or of the few that are not yet: what is asked for is indexed when they are sealed.
std::string part(const EventFilter& filter, bool sealed) {
  const char* const of = sealed ? "2" : "1";
  std::string sql = "SELECT columns{} FROM authkit_event WHERE ";
  sql += sealed ? "hash <> ''" : "hash = ''";
  const auto also = [&](bool wanted, const char* term) {
    if (wanted) sql.append(" AND ").append(term).append(of);
  };
  also(true, "tenant = :tenant");
  also(true, "seq < :before");
  also(!filter.actor.empty(), "actor = :actor");
  also(!filter.action.empty(), "action = :action");
  also(!filter.subject.empty(), "subject = :subject");
  also(!filter.address.empty(), "address = :address");
  also(filter.success.has_value(), "success = :success");
  also(is_timed(filter), "time >= :from");
  also(is_timed(filter), "time < :to");
  // The log is read in the order of its numbers; the first and the last of the time in question bound the walk. They come from the index by time: a
  // plain min(seq) would make a database look along the numbers for the first that fits.
  if (is_timed(filter) && sealed)
    sql +=
        " AND seq >= (SELECT min(seq + 0) FROM authkit_event WHERE tenant = :tenant3 AND time >= :from3 AND time < :to3 AND hash <> '')"
        " AND seq <= (SELECT max(seq + 0) FROM authkit_event WHERE tenant = :tenant4 AND time >= :from4 AND time < :to4 AND hash <> '')";
  return "SELECT columns{} FROM (" + sql + " ORDER BY seq DESC LIMIT :size" + of + ") AS part";
}

}  // namespace

SqlEventStore::SqlEventStore(std::shared_ptr<SqlDatabase> database, std::string tenant)
    : database_(std::move(database)),
      tenant_(std::move(tenant)),
      append_(database_->dialect().statement(
          "INSERT INTO authkit_event (tenant, id, time, actor, action, subject, success, address, user_agent, request_id, data, prev_hash, hash) "
          "VALUES (:tenant, :id, :time, :actor, :action, :subject, :success, :address, :agent, :request, :data, '', '')")),
      unsealed_(database_->dialect().statement(
          "SELECT columns{} FROM authkit_event WHERE tenant = :tenant AND hash = '' AND seq <= :decided ORDER BY seq LIMIT :max", columns)),
      tip_(database_->dialect().statement(
          "SELECT hash FROM authkit_event WHERE tenant = :tenant AND seq < :first AND hash <> '' ORDER BY seq DESC LIMIT 1")),
      seal_(database_->dialect().statement("UPDATE authkit_event SET prev_hash = :prev_hash, hash = :hash WHERE seq = :seq")) {}

Result<void> SqlEventStore::append(Tx& tx, const Event& e) {
  AUTHKIT_TRY(require_storable({e.id, e.actor, e.action, e.subject, e.address, e.user_agent, e.request_id, e.data}));
  AUTHKIT_TRY(database_->write(tx, [&](SqlSession& session) {
    SqlQuery query(session, append_);
    query.in(tenant_).in(e.id).in(e.time).in(e.actor).in(e.action).in(e.subject).in(e.success);
    query.in(e.address).in(e.user_agent).in(e.request_id).in(e.data).run_later();
  }));
  // The id is the unit's own, so the event is there exactly when the unit was committed.
  return database_->set_witness(tx, [tenant = tenant_, id = e.id](SqlSession& session) {
    std::string found;
    return SqlQuery(session, "SELECT id FROM authkit_event WHERE tenant = :tenant AND id = :id").in(tenant).in(id).out(found).next();
  });
}

Result<EventPage> SqlEventStore::list(const EventFilter& filter, std::string_view cursor, std::size_t limit, const Context& context) {
  std::int64_t before = std::numeric_limits<std::int64_t>::max();
  if (!cursor.empty()) {
    AUTHKIT_TRY_ASSIGN(before, parse_sql_cursor(cursor));
  }
  const std::size_t size = std::clamp<std::size_t>(limit, 1, 200);
  const Time from = filter.from.value_or(Time::min()), to = filter.to.value_or(Time::max());

  const std::string sql =
      database_->dialect().statement(part(filter, false) + " UNION ALL " + part(filter, true) + " ORDER BY seq DESC LIMIT :size", columns);
  AUTHKIT_TRY_ASSIGN(auto events, database_->read(Route::read_replica, context, [&](SqlSession& session) {
    SqlQuery query(session, sql);
    for (const bool sealed : {false, true}) {
      query.in(tenant_).in(before);
      for (const auto* text : {&filter.actor, &filter.action, &filter.subject, &filter.address}) {
        if (!text->empty()) query.in(*text);
      }
      if (filter.success) query.in(*filter.success);
      if (is_timed(filter)) query.in(from).in(to);
      if (is_timed(filter) && sealed) query.in(tenant_).in(from).in(to).in(tenant_).in(from).in(to);
      query.in(size + 1);
    }
    return read_all(query.in(size + 1));
  }));

  EventPage page;
  if (events.size() > size) {
    events.pop_back();
    page.next_cursor = std::to_string(events.back().seq);
  }
  page.items = std::move(events);
  return page;
}

Result<std::size_t> SqlEventStore::seal(Tx& tx, std::size_t max) {
  return database_->write(tx, [&](SqlSession& session) {
    session.lock("events " + tenant_);
    const std::uint64_t last = last_decided(session);
    SqlQuery query(session, unsealed_);
    auto events = read_all(query.in(tenant_).in(last).in(sql_limit(max)));
    std::string tip = events.empty() ? std::string() : chain_tip(session, events.front().seq);
    for (auto& event : events) {
      seal_event(event, tip);
      SqlQuery(session, seal_).in(event.prev_hash).in(event.hash).in(event.seq).run_later();
      tip = event.hash;
    }
    return events.size();
  });
}

/// Where units run side by side an event may become visible after a later one was sealed, and the chain would fork. So only what lies before a
/// barrier is sealed: the highest number seen of those that are not sealed, then the unit ids handed out by then; when none of those units runs any
/// more, every lower number is either visible or will never be.
std::uint64_t SqlEventStore::last_decided(SqlSession& session) {
  if (!database_->dialect().overtaking) return static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const std::lock_guard lock(mutex_);
  if (barrier_.seq <= decided_) {
    SqlQuery(session, "SELECT coalesce(max(seq), 0) FROM authkit_event WHERE tenant = :tenant AND hash = ''").in(tenant_).out(barrier_.seq).next();
    SqlQuery(session, "SELECT cast(pg_snapshot_xmax(pg_current_snapshot()) AS text)").out(barrier_.xmax).next();
  }
  std::uint64_t running = 0;
  SqlQuery(session, "SELECT count(*) FROM pg_snapshot_xip(pg_current_snapshot()) AS running(id) WHERE id < cast(:xmax AS xid8)")
      .in(barrier_.xmax)
      .out(running)
      .next();
  if (running == 0) decided_ = std::max(decided_, barrier_.seq);
  return decided_;
}

/// Events are sealed in the order of their numbers, so the one before the first unsealed one is the newest link.
std::string SqlEventStore::chain_tip(SqlSession& session, std::uint64_t first) const {
  std::string tip(chain_start);
  SqlQuery(session, tip_).in(tenant_).in(first).out(tip).next();
  return tip;
}

}  // namespace authkit
