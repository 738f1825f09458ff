#include "account/sql_account_store.hpp"

#include "core/json.hpp"
#include "core/storable.hpp"
#include "core/text.hpp"
#include "db/sql_query.hpp"

#include <algorithm>

namespace authkit {
namespace {

constexpr const char* columns =
    "out{id}, email, email_key, username, username_key, password_hash, status, auth_epoch, roles, profile, created_at, updated_at, "
    "password_changed_at, email_verified_at, last_login_at, deleted_at, password_history, totp_factors, recovery_codes_left, version";

/// Greater than every character, so [prefix, prefix + it) is what starts with prefix.
constexpr std::string_view last_character = "\xf4\x8f\xbf\xbf";

std::string write_list(const std::vector<std::string>& texts) {
  json::Value array{.kind = json::Kind::array, .text = {}, .items = {}, .members = {}};
  for (const auto& one : texts) array.items.push_back({.kind = json::Kind::text, .text = one, .items = {}, .members = {}});
  return json::write(array);
}

std::vector<std::string> read_list(std::string_view text) {
  if (text == "[]") return {};
  auto array = json::parse(text);
  if (!array || array->kind != json::Kind::array) SqlQuery::bad_row();
  std::vector<std::string> texts;
  for (auto& item : array->items) texts.push_back(std::move(item.text));
  return texts;
}

std::vector<Account> read_all(SqlQuery& query) {
  std::vector<Account> accounts;
  Account account;
  std::string status, roles, history;
  query.out(account.id).out(account.email).out(account.email_key).out(account.username).out(account.username_key).out(account.password_hash);
  query.out(status).out(account.auth_epoch).out(roles).out(account.profile).out(account.created_at).out(account.updated_at);
  query.out(account.password_changed_at).out(account.email_verified_at).out(account.last_login_at).out(account.deleted_at);
  query.out(history).out(account.totp_factors).out(account.recovery_codes_left).out(account.version);
  while (query.next()) {
    const auto known = parse_account_status(status);
    if (!known) SqlQuery::bad_row();
    account.status = *known;
    account.roles = read_list(roles);
    account.password_history = read_list(history);
    accounts.push_back(account);
  }
  return accounts;
}

std::optional<Account> read_one(SqlQuery& query) {
  auto accounts = read_all(query);
  return accounts.empty() ? std::nullopt : std::optional(std::move(accounts.front()));
}

/// Everything but tenant, id and version, in the order of both statements.
void bind_values(SqlQuery& query, const Account& a) {
  query.in(a.email).in(a.email_key).in(a.username);
  a.username_key.empty() ? query.in_null() : query.in(a.username_key);
  query.in(a.password_hash).in(to_text(a.status)).in(a.auth_epoch).in(write_list(a.roles)).in(a.profile).in(a.created_at).in(a.updated_at);
  query.in(a.password_changed_at).in(a.email_verified_at).in(a.last_login_at).in(a.deleted_at);
  query.in(write_list(a.password_history)).in(a.totp_factors).in(a.recovery_codes_left);
}

/// Runs `body`, and says which name is taken where a unique index refuses a row.
template <class Body>
void name_what_is_taken(Body body) {
  auto done = sql_guard(body);
  if (done) return;
  if (refused_by(done.error(), "authkit_account.email_key")) throw SqlFailure(Errc::email_taken);
  if (refused_by(done.error(), "authkit_account.username_key")) throw SqlFailure(Errc::username_taken);
  throw SqlFailure(std::move(done).error());
}

Result<void> check_texts(const Account& account) {
  AUTHKIT_TRY(require_storable({account.email, account.email_key, account.username, account.username_key, account.password_hash, account.profile}));
  for (const auto& role : account.roles) AUTHKIT_TRY(require_storable({role}));
  return {};
}

}  // namespace

SqlAccountStore::SqlAccountStore(std::shared_ptr<SqlDatabase> database, std::string tenant)
    : database_(std::move(database)),
      tenant_(std::move(tenant)),
      insert_(database_->dialect().statement(
          "INSERT INTO authkit_account (email, email_key, username, username_key, password_hash, status, auth_epoch, roles, profile, created_at, "
          "updated_at, password_changed_at, email_verified_at, last_login_at, deleted_at, password_history, totp_factors, recovery_codes_left, "
          "tenant, id, version) VALUES (:email, :email_key, "
          ":username, :username_key, :hash, :status, :epoch, :roles, :profile, :created, :updated, :changed, :verified, :login, :deleted, "
          ":history, :factors, :codes, :tenant, in{:id}, :version)")),
      insert_role_(database_->dialect().statement(
          "INSERT INTO authkit_account_role (tenant, user_id, role) VALUES (:tenant, in{:id}, :role) ON CONFLICT DO NOTHING")),
      erase_roles_(database_->dialect().statement("DELETE FROM authkit_account_role WHERE tenant = :tenant AND user_id = in{:id}")),
      find_(database_->dialect().statement("SELECT columns{} FROM authkit_account WHERE tenant = :tenant AND id = in{:id}", columns)),
      // Two look-ups in two indexes.
      find_by_login_(
          database_->dialect().statement("SELECT columns{} FROM authkit_account WHERE tenant = :tenant1 AND email_key = :key1 "
                                         "UNION ALL SELECT columns{} FROM authkit_account WHERE tenant = :tenant2 AND username_key = :key2",
                                         columns)),
      find_active_(database_->dialect().statement(
          "SELECT columns{} FROM authkit_account WHERE tenant = :tenant AND id = in{:id} AND status = 'active' AND auth_epoch = :epoch", columns)),
      update_(database_->dialect().statement(
          "UPDATE authkit_account SET email = :email, email_key = :email_key, username = :username, username_key = :username_key, password_hash = "
          ":hash, status = :status, auth_epoch = :epoch, roles = :roles, profile = :profile, created_at = :created, updated_at = :updated, "
          "password_changed_at = :changed, email_verified_at = :verified, last_login_at = :login, deleted_at = :deleted, password_history = "
          ":history, totp_factors = :factors, recovery_codes_left = :codes, version = version + 1 "
          "WHERE tenant = :tenant AND id = in{:id} AND version = :version")),
      set_last_login_(database_->dialect().statement("UPDATE authkit_account SET last_login_at = :now WHERE tenant = :tenant AND id = in{:id}")),
      erase_(database_->dialect().statement("DELETE FROM authkit_account WHERE tenant = :tenant AND id = in{:id}")),
      find_deleted_(database_->dialect().statement("SELECT out{id} FROM authkit_account WHERE tenant = :tenant AND deleted_at IS NOT NULL AND "
                                                   "deleted_at < :before ORDER BY deleted_at LIMIT :max")) {}

Result<void> SqlAccountStore::insert(Tx& tx, const Account& account) {
  AUTHKIT_TRY(check_texts(account));
  return database_->write(tx, [&](SqlSession& session) {
    SqlQuery query(session, insert_);
    bind_values(query, account);
    query.in(tenant_).in(account.id).in(account.version);
    name_what_is_taken([&] { query.run(); });
    insert_roles(session, account);
  });
}

Result<std::optional<Account>> SqlAccountStore::find(const UserId& id, const Context& context) {
  return database_->read(Route::read_latest, context, [&](SqlSession& session) {
    SqlQuery query(session, find_);
    return read_one(query.in(tenant_).in(id));
  });
}

Result<std::optional<Account>> SqlAccountStore::find_by_login(std::string_view key, const Context& context) {
  if (key.empty()) return std::optional<Account>();
  return database_->read(Route::read_latest, context, [&](SqlSession& session) {
    SqlQuery query(session, find_by_login_);
    auto accounts = read_all(query.in(tenant_).in(key).in(tenant_).in(key));
    // An address goes before a name that is spelled like it.
    const auto owner = std::find_if(accounts.begin(), accounts.end(), [&](const Account& one) { return one.email_key == key; });
    if (owner != accounts.end()) return std::optional(std::move(*owner));
    return accounts.empty() ? std::nullopt : std::optional(std::move(accounts.front()));
  });
}

Result<bool> SqlAccountStore::update(Tx& tx, const Account& account) {
  AUTHKIT_TRY(check_texts(account));
  return database_->write(tx, [&](SqlSession& session) {
    SqlQuery query(session, update_);
    bind_values(query, account);
    query.in(tenant_).in(account.id).in(account.version);
    std::size_t updated = 0;
    name_what_is_taken([&] { updated = query.run(); });
    if (updated == 0) return false;
    SqlQuery(session, erase_roles_).in(tenant_).in(account.id).run();
    insert_roles(session, account);
    return true;
  });
}

Result<void> SqlAccountStore::find_active(Tx& tx, const UserId& id, std::uint64_t epoch, std::optional<Account>& found) {
  AUTHKIT_TRY_ASSIGN(const auto later, database_->write_relaxed(tx, [&](SqlSession& session) {
    auto query = std::make_shared<SqlQuery>(session, find_active_);
    if (query->in(tenant_).in(id).in(epoch).row_later()) return query;
    found = read_one(*query);
    if (!found) SqlStatement::no_row();
    return std::shared_ptr<SqlQuery>();
  }));
  if (later) tx.on_commit([later, &found] { static_cast<void>(sql_guard([&] { found = read_one(*later); })); });
  return {};
}

Result<void> SqlAccountStore::set_last_login(Tx& tx, const UserId& id, Time now) {
  return database_->write_relaxed(tx, [&](SqlSession& session) { SqlQuery(session, set_last_login_).in(now).in(tenant_).in(id).change_later(); });
}

Result<bool> SqlAccountStore::erase(Tx& tx, const UserId& id) {
  return database_->write(tx, [&](SqlSession& session) { return SqlQuery(session, erase_).in(tenant_).in(id).run() != 0; });
}

Result<std::vector<UserId>> SqlAccountStore::find_deleted(Time before, std::size_t max, const Context& context) {
  return database_->read(Route::read_latest, context, [&](SqlSession& session) {
    std::vector<UserId> found;
    UserId id;
    SqlQuery query(session, find_deleted_);
    query.in(tenant_).in(before).in(sql_limit(max)).out(id);
    while (query.next()) found.push_back(id);
    return found;
  });
}

Result<AccountPage> SqlAccountStore::list(const AccountFilter& filter, std::string_view cursor, std::size_t limit, const Context& context) {
  UserId after{};  // nil comes before every id
  if (!cursor.empty()) {
    const auto id = parse_user_id(cursor);
    if (!id) return Error{Errc::invalid_argument, "the cursor is none"};
    after = *id;
  }
  if (!valid_utf8(filter.email_prefix)) return Error{Errc::invalid_argument, "the start of the e-mail is no UTF-8"};
  const std::size_t size = std::clamp<std::size_t>(limit, 1, 200);

  // With a role the walk goes along its index, never through all accounts: a cross join keeps the order of its tables.
  const bool by_role = !filter.role.empty();
  std::string sql = "SELECT columns{}";
  sql += by_role ? " FROM authkit_account_role r CROSS JOIN authkit_account a WHERE r.tenant = :tenant AND r.user_id > in{:after} AND r.role = :role"
                   " AND a.tenant = r.tenant AND a.id = r.user_id"
                 : " FROM authkit_account a WHERE a.tenant = :tenant AND a.id > in{:after}";
  if (filter.status) sql += " AND status = :status";
  if (!filter.email_prefix.empty()) sql += " AND email_key >= :prefix AND email_key < :prefix_end";
  if (filter.created_from) sql += " AND a.created_at >= :created_from";
  sql += by_role ? " ORDER BY r.user_id LIMIT :size" : " ORDER BY a.id LIMIT :size";
  sql = database_->dialect().statement(sql, columns);

  AUTHKIT_TRY_ASSIGN(auto accounts, database_->read(Route::read_replica, context, [&](SqlSession& session) {
    SqlQuery query(session, sql);
    query.in(tenant_).in(after);
    if (by_role) query.in(filter.role);
    if (filter.status) query.in(to_text(*filter.status));
    if (!filter.email_prefix.empty()) query.in(filter.email_prefix).in(filter.email_prefix + std::string(last_character));
    if (filter.created_from) query.in(*filter.created_from);
    return read_all(query.in(size + 1));
  }));

  AccountPage page;
  if (accounts.size() > size) {
    accounts.pop_back();
    page.next_cursor = to_text(accounts.back().id);
  }
  page.items = std::move(accounts);
  return page;
}

void SqlAccountStore::insert_roles(SqlSession& session, const Account& account) const {
  for (const auto& role : account.roles) SqlQuery(session, insert_role_).in(tenant_).in(account.id).in(role).run();
}

}  // namespace authkit
