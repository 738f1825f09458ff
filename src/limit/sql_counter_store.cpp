#include "limit/sql_counter_store.hpp"

#include "core/storable.hpp"
#include "db/sql_query.hpp"
#include "limit/counter_script.hpp"
#include "limit/gcra.hpp"

namespace authkit {

SqlCounterStore::SqlCounterStore(std::shared_ptr<SqlDatabase> database, std::string tenant)
    : database_(std::move(database)),
      tenant_(std::move(tenant)),
      find_(database_->dialect().statement("SELECT tat FROM authkit_counter WHERE tenant = :tenant AND key = :key")),
      put_(database_->dialect().statement("INSERT INTO authkit_counter (tenant, key, tat) VALUES (:tenant, :key, :tat) "
                                          "ON CONFLICT (tenant, key) DO UPDATE SET tat = excluded.tat")),
      erase_(database_->dialect().statement("DELETE FROM authkit_counter WHERE tenant = :tenant AND key = :key")),
      purge_(database_->dialect().statement("DELETE FROM authkit_counter WHERE tenant = :tenant1 AND key "
                                            "any{SELECT key FROM authkit_counter WHERE tenant = :tenant2 AND tat <= :now ORDER BY tat LIMIT :max}")) {
}

Result<LimitDecision> SqlCounterStore::take(std::span<const LimitRequest> requests, Time now, const Context& context) {
  for (const auto& request : requests) AUTHKIT_TRY(require_storable({request.key}));
  if (requests.empty()) return LimitDecision{};
  if (database_->dialect().overtaking) return take_in_one(requests, now, context);
  return database_->write_relaxed(context, [&](SqlSession& session) {
    LimitDecision decision;
    std::vector<std::int64_t> after;
    for (const auto& request : requests) {
      const auto step = gcra::take(request.rule, tat(session, request.key), now);
      decision.allowed = decision.allowed && step.allowed;
      decision.retry_after = std::max(decision.retry_after, step.retry_after);
      after.push_back(step.tat);
    }
    if (!decision.allowed) return decision;
    for (std::size_t i = 0; i < requests.size(); ++i) set(session, requests[i].key, after[i]);
    return decision;
  });
}

Result<void> SqlCounterStore::give_back(std::span<const LimitRequest> requests, Time now, const Context& context) {
  for (const auto& request : requests) AUTHKIT_TRY(require_storable({request.key}));
  if (requests.empty()) return {};
  if (database_->dialect().overtaking)
    return database_->write_alone(context, [&](SqlSession& session) { session.script(gcra::give_back_script(tenant_, requests, now)); });
  return database_->write_relaxed(context, [&](SqlSession& session) { give_back_each(session, requests, now); });
}

/// Where units run side by side a counter would be locked until the commit reached the disk, and everybody behind one address with it: there it is
/// given back behind the commit.
Result<void> SqlCounterStore::give_back_with(Tx& tx, std::span<const LimitRequest> requests, Time now, const Context& context) {
  for (const auto& request : requests) AUTHKIT_TRY(require_storable({request.key}));
  if (requests.empty()) return {};
  if (!SqlTx::of(tx, *database_)) return CounterStore::give_back_with(tx, requests, now, context);
  return database_->write_relaxed(tx, [&](SqlSession& session) {
    if (!database_->dialect().overtaking || !session.run_after_commit(gcra::give_back_statements(tenant_, requests, now)))
      give_back_each(session, requests, now);
  });
}

void SqlCounterStore::give_back_each(SqlSession& session, std::span<const LimitRequest> requests, Time now) const {
  for (const auto& request : requests) set(session, request.key, gcra::give_back(request.rule, tat(session, request.key), now));
}

/// Where units run side by side, and every statement is a round trip.
Result<LimitDecision> SqlCounterStore::take_in_one(std::span<const LimitRequest> requests, Time now, const Context& context) {
  return database_->write_alone(context, [&](SqlSession& session) {
    std::int64_t wait = 0;
    SqlQuery(session, gcra::take_script(tenant_, requests, now)).out(wait).next();
    return LimitDecision{wait <= 0, Duration{wait <= 0 ? 0 : (wait + 999) / 1000}};
  });
}

Result<std::size_t> SqlCounterStore::purge(Time now, std::size_t max) {
  return database_->write_relaxed(Context{}, [&](SqlSession& session) {
    return SqlQuery(session, purge_).in(tenant_).in(tenant_).in(gcra::microseconds(now)).in(sql_limit(max)).run();
  });
}

std::int64_t SqlCounterStore::tat(SqlSession& session, const std::string& key) const {
  std::int64_t found = gcra::unused;
  SqlQuery(session, find_).in(tenant_).in(key).out(found).next();
  return found;
}

void SqlCounterStore::set(SqlSession& session, const std::string& key, std::int64_t tat) const {
  if (tat == gcra::unused) {
    SqlQuery(session, erase_).in(tenant_).in(key).run();
  } else {
    SqlQuery(session, put_).in(tenant_).in(key).in(tat).run();
  }
}

}  // namespace authkit
