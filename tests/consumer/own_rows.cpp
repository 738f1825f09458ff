// A host with a table of its own in authkit's database: its row, the account and the event commit together.
#include <authkit/auth.hpp>
#include <authkit/soci.hpp>

#include <iostream>

int main() {
  authkit::Config config;
  config.database.url = "sqlite:auth.db";
  config.hooks.within = [](std::string_view flow, const authkit::Account& account, authkit::Tx& tx,
                           const authkit::Context&) -> authkit::Result<void> {
    if (flow != "register") return {};
    return authkit::run_sql(tx, [&](soci::session& sql) {
      const std::string id = authkit::to_text(account.id);
      sql << "INSERT INTO profile (account, plan) VALUES (:id, 'free')", soci::use(id);
    });
  };
  const auto auth = authkit::Auth::open(config).value();
  authkit::Registration ada;
  ada.email = "ada@example.org";
  ada.password = "a long enough passphrase";
  // There is no table yet, so there is no account either.
  if (auth->accounts().sign_up(ada)) return 1;

  authkit::run_sql(*auth->database(), authkit::Route::write, {}, [](soci::session& sql) {
    sql << "CREATE TABLE profile (account TEXT PRIMARY KEY, plan TEXT NOT NULL)";
  }).value();
  const auto account = auth->accounts().sign_up(ada).value();
  const auto plan = authkit::run_sql(*auth->database(), authkit::Route::read_replica, {}, [&](soci::session& sql) {
                      const std::string id = authkit::to_text(account.id);
                      std::string found;
                      sql << "SELECT plan FROM profile WHERE account = :id", soci::use(id), soci::into(found);
                      return found;
                    }).value();
  if (plan != "free") return 1;
  std::cout << "own rows: works\n";
}
