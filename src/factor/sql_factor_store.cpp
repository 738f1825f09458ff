#include "factor/sql_factor_store.hpp"

#include "core/storable.hpp"
#include "db/sql_query.hpp"

namespace authkit {

SqlFactorStore::SqlFactorStore(std::shared_ptr<SqlDatabase> database, std::string tenant)
    : database_(std::move(database)),
      tenant_(std::move(tenant)),
      insert_(
          database_->dialect().statement("INSERT INTO authkit_factor (tenant, user_id, id, kind, label, sealed, last_step, created_at, "
                                         "confirmed_at) VALUES (:tenant, in{:user}, in{:id}, 'totp', :label, :sealed, :step, :created, :confirmed)")),
      list_(database_->dialect().statement("SELECT out{id}, out{user_id}, label, sealed, last_step, created_at, confirmed_at FROM authkit_factor "
                                           "WHERE tenant = :tenant AND user_id = in{:user} ORDER BY created_at, id")),
      use_step_(database_->dialect().statement("UPDATE authkit_factor SET last_step = :step1, confirmed_at = coalesce(confirmed_at, :confirmed) "
                                               "WHERE tenant = :tenant AND user_id = in{:user} AND id = in{:id} AND last_step < :step2")),
      erase_(database_->dialect().statement("DELETE FROM authkit_factor WHERE tenant = :tenant AND user_id = in{:user} AND id = in{:id}")),
      erase_all_(database_->dialect().statement("DELETE FROM authkit_factor WHERE tenant = :tenant AND user_id = in{:user}")),
      erase_codes_(database_->dialect().statement("DELETE FROM authkit_recovery_code WHERE tenant = :tenant AND user_id = in{:user}")),
      insert_code_(database_->dialect().statement("INSERT INTO authkit_recovery_code (tenant, user_id, digest, created_at) "
                                                  "VALUES (:tenant, in{:user}, in{:digest}, :now)")),
      use_code_(database_->dialect().statement("UPDATE authkit_recovery_code SET used_at = :now WHERE tenant = :tenant AND user_id = in{:user} "
                                               "AND digest = in{:digest} AND used_at IS NULL")),
      purge_(database_->dialect().statement(
          "DELETE FROM authkit_factor WHERE tenant = :tenant1 AND confirmed_at IS NULL AND id any{SELECT id FROM authkit_factor WHERE tenant = "
          ":tenant2 AND confirmed_at IS NULL AND created_at < :before1 ORDER BY created_at LIMIT :max} AND created_at < :before2")) {}

Result<void> SqlFactorStore::insert(Tx& tx, const Factor& factor) {
  AUTHKIT_TRY(require_storable({factor.label, factor.sealed}));
  return database_->write(tx, [&](SqlSession& session) {
    SqlQuery query(session, insert_);
    query.in(tenant_).in(factor.user).in(factor.id).in(factor.label).in(factor.sealed).in(factor.last_step).in(factor.created_at);
    query.in(factor.confirmed_at).run();
  });
}

Result<std::vector<Factor>> SqlFactorStore::list(const UserId& user, const Context& context) {
  return database_->read(Route::read_latest, context, [&](SqlSession& session) {
    std::vector<Factor> factors;
    Factor factor;
    SqlQuery query(session, list_);
    query.in(tenant_).in(user).out(factor.id).out(factor.user).out(factor.label).out(factor.sealed).out(factor.last_step);
    query.out(factor.created_at).out(factor.confirmed_at);
    while (query.next()) factors.push_back(factor);
    return factors;
  });
}

Result<bool> SqlFactorStore::use_step(Tx& tx, const UserId& user, const FactorId& id, std::uint64_t step, std::optional<Time> confirmed_at) {
  return database_->write(tx, [&](SqlSession& session) {
    return SqlQuery(session, use_step_).in(step).in(confirmed_at).in(tenant_).in(user).in(id).in(step).run() != 0;
  });
}

Result<bool> SqlFactorStore::erase(Tx& tx, const UserId& user, const FactorId& id) {
  return database_->write(tx, [&](SqlSession& session) { return SqlQuery(session, erase_).in(tenant_).in(user).in(id).run() != 0; });
}

Result<std::size_t> SqlFactorStore::erase_all(Tx& tx, const UserId& user) {
  return database_->write(tx, [&](SqlSession& session) { return SqlQuery(session, erase_all_).in(tenant_).in(user).run(); });
}

Result<void> SqlFactorStore::set_recovery_codes(Tx& tx, const UserId& user, const std::vector<std::array<std::uint8_t, 32>>& digests, Time now) {
  return database_->write(tx, [&](SqlSession& session) {
    SqlQuery(session, erase_codes_).in(tenant_).in(user).run();
    for (const auto& digest : digests) SqlQuery(session, insert_code_).in(tenant_).in(user).in(digest).in(now).run();
  });
}

Result<bool> SqlFactorStore::use_recovery_code(Tx& tx, const UserId& user, const std::array<std::uint8_t, 32>& digest, Time now) {
  return database_->write(tx, [&](SqlSession& session) { return SqlQuery(session, use_code_).in(now).in(tenant_).in(user).in(digest).run() != 0; });
}

Result<std::size_t> SqlFactorStore::purge(Tx& tx, Time before, std::size_t max) {
  return database_->write_relaxed(
      tx, [&](SqlSession& session) { return SqlQuery(session, purge_).in(tenant_).in(tenant_).in(before).in(sql_limit(max)).in(before).run(); });
}

}  // namespace authkit
