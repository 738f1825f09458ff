#include "authkit/soci.hpp"

#include "core/in_transaction.hpp"
#include "db/sql_database.hpp"

#include <exception>

namespace authkit {
namespace {

/// A body of the host's as the mechanism runs bodies. What it throws that is not about SQL goes on to the host afterwards.
class Guest {
 public:
  explicit Guest(const SociBody& body) : body_(body) {}

  void operator()(SqlSession& session) {
    try {
      session.flush();
      body_(session.soci());
    } catch (const soci::soci_error&) {
      throw;
    } catch (...) {
      thrown_ = std::current_exception();
      throw SqlFailure({Errc::internal, "the host's own code failed"});
    }
  }

  Result<void> outcome(Result<void> done) const {
    if (thrown_) std::rethrow_exception(thrown_);
    return done;
  }

 private:
  const SociBody& body_;
  std::exception_ptr thrown_;
};

}  // namespace

Result<void> run_sql_body(Tx& tx, const SociBody& body) {
  AUTHKIT_TRY_ASSIGN(SqlTx * unit, SqlTx::of(tx));
  Guest guest(body);
  return guest.outcome(unit->run([&](SqlSession& session) {
    guest(session);
    if (!session.is_whole()) throw SqlFailure({Errc::internal, "a statement of the host's own failed, or ended the transaction"});
    unit->require_durable();
  }));
}

Result<void> run_sql_body(Database& database, Route route, const Context& context, const SociBody& body) {
  auto* sql = dynamic_cast<SqlDatabase*>(&database);
  if (sql == nullptr) return Error{Errc::invalid_argument, "the database is none of authkit's own"};
  if (route == Route::write) return in_transaction(database, context, [&](Tx& tx) { return run_sql_body(tx, body); });
  Guest guest(body);
  return guest.outcome(sql->read(route, context, [&](SqlSession& session) { guest(session); }));
}

}  // namespace authkit
