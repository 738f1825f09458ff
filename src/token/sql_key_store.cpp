#include "token/sql_key_store.hpp"

#include "core/storable.hpp"
#include "db/sql_query.hpp"

#include <array>

namespace authkit {
namespace {

// Words, for people who look at the table.
constexpr std::array<std::string_view, 3> states{"next", "active", "retired"};
constexpr std::array<std::string_view, 2> purposes{"sign", "mac"};

template <class Value, std::size_t size>
std::string_view word(const std::array<std::string_view, size>& words, Value value) {
  return words.at(static_cast<std::size_t>(value));
}

template <class Value, std::size_t size>
Value value_of(const std::array<std::string_view, size>& words, std::string_view word) {
  for (std::size_t i = 0; i < size; ++i) {
    if (words[i] == word) return static_cast<Value>(i);
  }
  SqlQuery::bad_row();
}

}  // namespace

SqlKeyStore::SqlKeyStore(std::shared_ptr<SqlDatabase> database, std::string tenant)
    : database_(std::move(database)),
      tenant_(std::move(tenant)),
      list_(database_->dialect().statement("SELECT id, purpose, algorithm, state, sealed, created_at, changed_at FROM authkit_key "
                                           "WHERE tenant = :tenant ORDER BY created_at, id")),
      insert_(database_->dialect().statement(
          "INSERT INTO authkit_key (tenant, id, purpose, algorithm, state, sealed, created_at, changed_at) VALUES (:tenant, :id, :purpose, "
          ":algorithm, :state, :sealed, :created, :changed) ON CONFLICT DO NOTHING")),
      set_state_(database_->dialect().statement(
          "UPDATE authkit_key SET state = :to, changed_at = :now WHERE tenant = :tenant AND id = :id AND state = :from")),
      purge_(database_->dialect().statement("DELETE FROM authkit_key WHERE tenant = :tenant AND state = :retired AND changed_at < :before")) {}

Result<std::vector<StoredKey>> SqlKeyStore::list(const Context& context) {
  return database_->read(Route::read_latest, context, [&](SqlSession& session) {
    std::vector<StoredKey> keys;
    StoredKey key;
    std::string purpose, state;
    SqlQuery query(session, list_);
    query.in(tenant_).out(key.id).out(purpose).out(key.algorithm).out(state).out(key.sealed).out(key.created_at).out(key.changed_at);
    while (query.next()) {
      key.purpose = value_of<KeyPurpose>(purposes, purpose);
      key.state = value_of<KeyState>(states, state);
      keys.push_back(key);
    }
    return keys;
  });
}

Result<bool> SqlKeyStore::insert(Tx& tx, const StoredKey& key) {
  AUTHKIT_TRY(require_storable({key.id, key.algorithm, key.sealed}));
  return database_->write(tx, [&](SqlSession& session) {
    SqlQuery query(session, insert_);
    query.in(tenant_).in(key.id).in(word(purposes, key.purpose)).in(key.algorithm).in(word(states, key.state)).in(key.sealed);
    return query.in(key.created_at).in(key.changed_at).run() != 0;
  });
}

Result<bool> SqlKeyStore::set_state(Tx& tx, std::string_view id, KeyState from, KeyState to, Time now) {
  return database_->write(tx, [&](SqlSession& session) {
    return SqlQuery(session, set_state_).in(word(states, to)).in(now).in(tenant_).in(id).in(word(states, from)).run() != 0;
  });
}

Result<std::size_t> SqlKeyStore::purge(Tx& tx, Time before) {
  return database_->write(
      tx, [&](SqlSession& session) { return SqlQuery(session, purge_).in(tenant_).in(word(states, KeyState::retired)).in(before).run(); });
}

}  // namespace authkit
