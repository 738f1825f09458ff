#pragma once

#include "authkit/database.hpp"

#include <soci/soci.h>

#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

/// SQL of the host's own on authkit's connections. The one public header that shows a third party: whoever includes it links SOCI.
///
/// A body gets a connection for as long as it runs: it keeps no soci::statement, rowset or session, neither begins nor ends a transaction, neither
/// closes nor reconnects, and changes no setting but with SET LOCAL, for others come after it. Behind PgBouncer it does not prepare either.
namespace authkit {

using SociBody = std::function<void(soci::session&)>;

/// run_sql() without a result.
Result<void> run_sql_body(Tx& tx, const SociBody& body);
Result<void> run_sql_body(Database& database, Route route, const Context& context, const SociBody& body);

namespace soci_detail {

template <class Body, class Run>
auto with_result(Body& body, Run run) -> Result<std::invoke_result_t<Body&, soci::session&>> {
  using Value = std::invoke_result_t<Body&, soci::session&>;
  if constexpr (std::is_void_v<Value>) {
    return run(SociBody(std::ref(body)));
  } else {
    std::optional<Value> value;
    if (auto done = run([&](soci::session& session) { value.emplace(body(session)); }); !done) return std::move(done).error();
    return *std::move(value);
  }
}

}  // namespace soci_detail

/// Runs `body(soci::session&)` in the transaction of `tx`, a unit of Database::begin() or of a hook (Hooks::within): what it does commits with
/// everything else there, or not at all.
///
/// Thread safety: the thread of the unit. Ownership: copies what the body returns.
/// Errors: those of Database; invalid_argument for a unit of memory stores or one that has ended. What SOCI throws becomes an error without any bound
/// value. A statement that failed marks the unit even where the body swallowed the exception: commit() then reports it and nothing is stored.
/// Other exceptions pass through, and mark it too.
template <class Body>
auto run_sql(Tx& tx, Body body) -> Result<std::invoke_result_t<Body&, soci::session&>> {
  return soci_detail::with_result(body, [&](const SociBody& run) { return run_sql_body(tx, run); });
}

/// Runs `body(soci::session&)` on a connection of that route: for Route::write in a transaction of its own, which commits when the body returns and
/// is run again where another one came first; else to read, in this thread's open unit if there is one, a second time where a connection was lost.
///
/// Thread safety: any thread. Ownership and errors: as above.
template <class Body>
auto run_sql(Database& database, Route route, const Context& context, Body body) -> Result<std::invoke_result_t<Body&, soci::session&>> {
  return soci_detail::with_result(body, [&](const SociBody& run) { return run_sql_body(database, route, context, run); });
}

}  // namespace authkit
